//! Blocks of whole lines or files.
