//! What can be wrong between records.

use std::fmt;

use crate::error::{Explain, Kind, Names};

/// Why nothing more can be cut: where a further record begins is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// The line on which it is, or on which the record begins that does not end.
    pub line: u64,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What is wrong between the records of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wrong {
    /// Something else is wanted.
    Wanted(&'static str),
    /// The input ends within an array.
    Unclosed,
    /// The input ends within an object by itself.
    Open,
}

impl Explain for Fault {
    fn kind(&self) -> Kind {
        Kind::Input
    }

    fn explain(&self, _: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.wrong {
            Wrong::Wanted(wanted) => {
                write!(f, "broken JSON: {wanted} is wanted in the array of records; mend the file")
            }
            Wrong::Open => f.write_str(
                "the JSON object that begins here has no end, so that it takes in the rest of the file: a quote or a \
                 bracket in it is not closed, or the file is cut off; mend it",
            ),
            Wrong::Unclosed => f.write_str(
                "the JSON array of records has no end: the file is cut off; fetch or write it again",
            ),
        }
    }
}

crate::explained!(Fault);
