//! Walking: which files are read, in which order and as what.

mod choose;
mod file;
mod inputs;
mod saved;
mod tree;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clusterclip_core::error::Param;
use clusterclip_core::format::cut::Shape;
use clusterclip_core::format::records::Fields;
use clusterclip_core::monitor::Monitor;

use self::inputs::Walk;
use super::left_out::{Files, LeftOut};
use super::source::{Kind, Source};
use super::{ALL_SPLITS, Format, InputError, Options, Origin, hub};
use crate::error::Result;

/// The sources of all INPUTs.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) sources: Vec<Source>,
    pub(crate) walked: Walked,
    /// The data sets of the hub among them.
    pub(crate) origins: Vec<Origin>,
}

/// What was found in folders, and what the sources are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walked {
    /// What is read, by format.
    pub chosen: BTreeMap<Format, Files>,
    /// What was left out of folders.
    pub left_out: LeftOut,
    /// Record files that are read as one document each, because other files lie among them.
    pub records_as_text: Files,
    /// The split of each folder that has several: its name, and all there are.
    pub splits: Vec<(String, Vec<String>)>,
}

/// Finds the sources of all INPUTs.
pub(crate) fn find(inputs: &[PathBuf], options: &Options, monitor: &Monitor<'_>) -> Result<Sources> {
    if options.lines && options.format.is_some_and(|format| format != Format::Text) {
        return Err(InputError::LinesOf { format: options.format.unwrap_or(Format::Text) }.into());
    }
    hub::check(inputs, options)?;
    let mut walk = Walk { options, found: Sources::default() };
    for input in inputs {
        monitor.check()?;
        walk.input(input, monitor)?;
    }
    let found = walk.found;
    if u32::try_from(found.sources.len()).is_err() {
        return Err(InputError::TooManyFiles.into());
    }
    let is_read_as =
        |is: fn(Kind) -> bool| found.sources.is_empty() || found.sources.iter().any(|source| is(source.kind));
    if let Some((param, field)) = asked(&options.fields)
        && !is_read_as(Kind::has_fields)
    {
        return Err(InputError::NoFields { param, field }.into());
    }
    let of_tables = [
        (options.delimiter.is_some(), Param::Delimiter),
        (options.quote.is_some(), Param::Quote),
        (options.no_header, Param::NoHeader),
    ];
    if let Some((_, param)) = of_tables.into_iter().find(|(asked, _)| *asked)
        && !is_read_as(|kind| matches!(kind, Kind::Bytes(Shape::Table(_))))
    {
        return Err(InputError::NoTables { param }.into());
    }
    Ok(found)
}

/// The first field that is asked for, and by what.
fn asked(fields: &Fields) -> Option<(Param, String)> {
    let template = fields.template.as_ref().map(|_| "…".to_owned());
    [
        (Param::TextField, fields.text.first().cloned()),
        (Param::Template, template),
        (Param::IdField, fields.id.clone()),
        (Param::TokenField, fields.tokens.clone()),
        (Param::ScoreField, fields.score.clone()),
    ]
    .into_iter()
    .find_map(|(param, field)| Some((param, field?)))
}

/// Says which split is read, and which there are.
pub(crate) fn split_read(read: &str, there: &[String]) -> String {
    let there: Vec<String> = there.iter().map(|split| format!("`{split}`")).collect();
    match read {
        ALL_SPLITS => format!("all of the splits {} are read", there.join(", ")),
        read => format!("the split `{read}` is read, of {}", there.join(", ")),
    }
}
