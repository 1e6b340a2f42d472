//! Claims about the output folder.
