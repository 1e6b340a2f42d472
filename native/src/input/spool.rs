//! Standard input on disk.
