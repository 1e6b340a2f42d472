//! What a person should know of an order though it is no error.

use std::fmt;

use super::Sampler;
use super::strategy::{Choice, Strategy};
use crate::error::{Names, Param, plain};

/// Something about an order that may surprise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// With s2g, an order shorter than the data leaves out what g2s would draw last.
    LeftOut {
        /// Length of the order.
        draws: u64,
        /// Clustered documents.
        documents: u64,
    },
    /// The clip that was asked for changes nothing.
    ClipNeverActs {
        /// The clip.
        clip: u64,
        /// Length of the order.
        draws: u64,
        /// How clusters are chosen: with independent choice this is what is expected.
        choice: Choice,
    },
}

impl Warning {
    /// What it says with these names of parameters.
    pub fn said(&self, names: Names) -> String {
        match self {
            Self::LeftOut { draws, documents } => format!(
                "{} s2g: the order of {draws} draws is the reverse of the first {draws} of g2s, so the other {} of \
                 {documents} documents, which g2s would draw last, are left out",
                names(Param::Strategy),
                documents - draws
            ),
            Self::ClipNeverActs { clip, draws, choice: Choice::Stratified } => format!(
                "{} {clip} never acts at this budget: the order of {draws} draws ends before any cluster is left out",
                names(Param::Clip)
            ),
            Self::ClipNeverActs { clip, draws, choice: Choice::Independent } => format!(
                "{} {clip} is not expected to act at this budget: {draws} draws end before the smallest cluster is \
                 expected to be left out",
                names(Param::Clip)
            ),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said(plain))
    }
}

impl Sampler {
    /// What a person should know of this order though it is no error.
    pub fn warnings(&self) -> Vec<Warning> {
        let (draws, documents) = (self.len, self.layout.documents);
        let is_short = self.options.strategy == Strategy::SpecificToGeneral && draws < documents;
        let left_out = is_short.then_some(Warning::LeftOut { draws, documents });
        // A default that never acts is no surprise; a clip that was asked for is.
        let clip = self.options.clip.filter(|_| !self.clip_acts());
        let choice = self.options.choice;
        left_out.into_iter().chain(clip.map(|clip| Warning::ClipNeverActs { clip, draws, choice })).collect()
    }
}
