//! Noise: which labels it is, and which of those that were said to be noise were met.

use super::super::error::LabelError;
use super::super::number::{Number, number};
use super::{Label, LabelWarning, Rules};

/// What is noise, and what was met of it.
pub(super) struct Noise<'a> {
    listed: Option<&'a [String]>,
    met: Vec<bool>,
}

impl<'a> Noise<'a> {
    pub(super) fn new(rules: &'a Rules) -> Self {
        let listed = rules.noise.as_deref();
        Self { listed, met: vec![false; listed.map_or(0, <[String]>::len)] }
    }

    /// An integer, unless it is noise.
    pub(super) fn integer(&mut self, value: i128, place: u64) -> Result<Option<i128>, LabelError> {
        let Some(listed) = self.listed else {
            return match value {
                -1 => Ok(None),
                ..-1 => Err(LabelError::Negative { label: value, place }),
                _ => Ok(Some(value)),
            };
        };
        let is = |label: &String| number(label) == Some(Number::Whole(value));
        Ok((!Self::meet(listed, &mut self.met, is)).then_some(value))
    }

    /// Whether a label among strings is noise.
    pub(super) fn name(&mut self, label: &Label) -> bool {
        let value = label.number().filter(|value| *value != Number::Other);
        let Some(listed) = self.listed else { return value == Some(Number::Whole(-1)) };
        let spelled = label.spelled();
        let is = |other: &String| *other == spelled || value.is_some() && number(other) == value;
        Self::meet(listed, &mut self.met, is)
    }

    fn meet(listed: &[String], met: &mut [bool], is: impl Fn(&String) -> bool) -> bool {
        let mut any = false;
        for (label, met) in listed.iter().zip(met) {
            if is(label) {
                (*met, any) = (true, true);
            }
        }
        any
    }

    pub(super) fn absent(self) -> impl Iterator<Item = LabelWarning> {
        let labels = self.listed.unwrap_or_default().iter().zip(self.met).filter(|(_, met)| !met);
        labels.map(|(label, _)| LabelWarning::Absent { label: label.clone() })
    }
}
