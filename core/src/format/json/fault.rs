//! What can be wrong with JSON.

use std::fmt;

/// Where JSON is broken, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The byte, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: Reason,
}

/// What is wrong with JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The record ends too early.
    Ends(&'static str),
    /// Something else is wanted.
    Wanted(&'static str),
    /// A bracket closes one of another kind.
    Bracket,
    /// There is something after the object.
    After,
    /// There is another object after it.
    Another,
    /// A control character in a string.
    Control(u8),
    /// A backslash before what it does not escape.
    Escape,
    /// Bytes in a string that are no UTF-8.
    Utf8,
    /// A value that is read is nested deeper than [`DEPTH`](super::DEPTH).
    Deep,
    /// The fields that are read hold more than [`VALUES`](super::VALUES).
    Many,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ends(within) => write!(f, "the record ends within {within}"),
            Self::Wanted(wanted) => write!(f, "{wanted} is wanted"),
            Self::Bracket => f.write_str("this bracket closes one of another kind"),
            Self::After => f.write_str("something follows the object"),
            Self::Another => f.write_str("another object follows on the same line"),
            Self::Control(byte) => write!(f, "a control character in a string; write it as \\u{byte:04x}"),
            Self::Escape => f.write_str("a backslash before a character that it does not escape"),
            Self::Utf8 => f.write_str("a string is no UTF-8"),
            Self::Deep => write!(f, "a field that is read is nested more than {} deep", super::DEPTH),
            Self::Many => write!(f, "the fields that are read hold more than {} values", super::VALUES),
        }
    }
}
