//! Labels from elsewhere: distinct labels are ranked to clusters 0, 1, 2, …
//!
//! Integers are ranked by value, strings by their bytes. Null and −1 are noise (the mark of density-based
//! clusterings): such a document has no cluster, is never drawn, and is counted. What else is noise is said ([`Rules`]);
//! a negative integer that nobody speaks of is an error, since it may be either.
//!
//! - A whole float is an integer: `12.0` is 12, and `-1.0` noise.
//! - Text that spells an integer is one where all labels do; otherwise all are strings.
//! - A blank is null, and where all other labels are numbers so are the [words](NULLS) that programs write for nothing.

mod error;
mod number;
mod rank;
mod rows;
mod table;

pub use error::LabelError;
pub use number::{NULLS, Number, number};
pub use rank::{Cell, Found, LabelWarning, Ranker, Rules};
pub use rows::{RowsError, places_by_row};
pub use table::{Quotes, Records, Row, TableError};

/// The label of a document without a cluster.
pub const NOISE: i32 = -1;
