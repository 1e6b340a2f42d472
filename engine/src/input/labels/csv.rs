//! Labels from CSV or TSV: a header line, then a document a record.

use std::path::Path;

use clusterclip_core::format::labels::Ranker;
use clusterclip_core::monitor::Monitor;
use csv::{ReaderBuilder, StringRecord};

use super::error::Found;
use super::{Columns, DOCUMENT, LabelOptions, Wrong, no_clusters, no_tokens, ranked_spellings};
use crate::error::{Error, FileError, Result};
use crate::input::given::Given;

/// Records between two looks at the cancel flag.
const PATIENCE: u64 = 1 << 14;

pub(super) fn read(
    given: &Given,
    delimiter: u8,
    options: &LabelOptions,
    monitor: &Monitor<'_>,
) -> Result<Columns> {
    let path = given.path();
    let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(given.file());
    let wrong = |error: csv::Error| wrong(path, error);
    let header: Vec<String> = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
    let column = |field: &str| -> Result<Option<usize>> {
        let mut places = (0..header.len()).filter(|&place| header[place] == field);
        let first = places.next();
        if places.next().is_some() {
            return Err(Wrong::TwoColumns { field: field.to_owned() }.on(path, 1).into());
        }
        Ok(first)
    };
    let cluster = column(options.cluster())?.ok_or_else(|| no_clusters(path, options, &header))?;
    let token = column(options.tokens())?;
    if token.is_none() && options.tokens_must_be() {
        return Err(no_tokens(path, options, &header).into());
    }
    let document = column(DOCUMENT)?;

    let mut clusters = Ranker::new();
    let mut documents = document.map(|_| Ok(Vec::new()));
    let mut tokens = token.map(|_| Vec::new());
    let mut warnings = Vec::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(wrong)? {
        let line = record.position().map_or(0, csv::Position::line);
        if record.position().is_some_and(|position| position.record() % PATIENCE == 0) {
            monitor.check()?;
        }
        // The reader refuses records shorter than the header.
        let label = &record[cluster];
        clusters.push(Some(label).filter(|label| !label.is_empty() && label.trim_ascii() != "-1"))?;
        if let (Some(column), Some(Ok(rows))) = (document, &mut documents) {
            match record[column].trim_ascii().parse() {
                Ok(row) => rows.push(row),
                Err(_) => documents = Some(Err(format!("line {line} has {:?}", shortened(&record[column])))),
            }
        }
        if let (Some(column), Some(counts)) = (token, &mut tokens) {
            let cell = record[column].trim_ascii();
            match cell.parse() {
                Ok(count) => counts.push(Some(count)),
                Err(_) if cell.is_empty() => counts.push(None),
                Err(_) if options.tokens_must_be() => {
                    let (field, asked) = (options.tokens().to_owned(), options.asked());
                    let found = Found::Cell(shortened(cell));
                    return Err(Wrong::Counts { field, asked, found }.on(path, line).into());
                }
                Err(_) => {
                    let cell = shortened(cell);
                    warnings
                        .push(format!("the column `tokens` is not used: line {line} has {cell:?}, no count"));
                    tokens = None;
                }
            }
        }
    }
    Ok(Columns { clusters: ranked_spellings(clusters), documents, tokens, warnings })
}

/// Says what is wrong with the file, and on which line.
fn wrong(path: &Path, error: csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    let text = error.to_string();
    let wrong = match error.into_kind() {
        csv::ErrorKind::Io(cause) => return FileError::read(path)(cause).into(),
        csv::ErrorKind::Utf8 { .. } => Wrong::Utf8,
        csv::ErrorKind::UnequalLengths { expected_len: wanted, len: found, .. } => {
            Wrong::Cells { found, wanted }
        }
        _ => Wrong::Table(text),
    };
    wrong.on(path, line).into()
}

fn shortened(cell: &str) -> String {
    const SHOWN: usize = 40;
    if cell.chars().count() <= SHOWN {
        cell.to_owned()
    } else {
        cell.chars().take(SHOWN).chain(['…']).collect()
    }
}
