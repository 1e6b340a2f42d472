//! JSON: the fields of one record, read leniently.
//!
//! A record is one object. [`Scanner`] goes through its fields; who uses it says of each value whether it is read or
//! passed over. What is passed over is not judged but for its brackets and quotes, so that NaN, Infinity, huge numbers
//! and half surrogates in fields that nobody reads stop nothing. What is read is JSON, but that
//!
//! - NaN, Infinity and -Infinity are numbers,
//! - half a surrogate in a string becomes U+FFFD ([`Scanner::has_replaced`]).
//!
//! Nothing recurses but the building of a value, to [`DEPTH`]; of values no more than [`VALUES`] are built a record.

mod fault;
mod scan;
mod strings;

#[cfg(test)]
mod tests;

pub use fault::{Fault, Reason};
pub use scan::{Key, Scanner};

/// How deep a value that is read may be nested.
pub const DEPTH: usize = 128;

/// How many values are built of one record, at most: one that is made of commas alone takes no gigabytes.
pub const VALUES: usize = 1 << 20;
