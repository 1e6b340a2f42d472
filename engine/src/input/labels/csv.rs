//! Labels from CSV or TSV: a header line, then a document a record.

use std::path::Path;

use anyhow::{Result, bail};
use clusterclip_core::format::labels::Ranker;
use clusterclip_core::monitor::Monitor;
use csv::{ReaderBuilder, StringRecord};

use super::{Columns, DOCUMENT, LabelOptions, no_column, no_tokens, ranked_spellings};
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
    let wrong = |error: csv::Error| wrong(path, &error);
    let header: Vec<String> = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
    let column = |field: &str| -> Result<Option<usize>> {
        let mut places = (0..header.len()).filter(|&place| header[place] == field);
        let first = places.next();
        if places.next().is_some() {
            bail!("{}:1: two columns are called `{field}`; rename one of them", path.display());
        }
        Ok(first)
    };
    let cluster = column(options.cluster())?
        .ok_or_else(|| no_column(path, options.cluster(), "--cluster-field", &header))?;
    let token = column(options.tokens())?;
    if token.is_none() && options.tokens_must_be() {
        return Err(no_tokens(path, options, &header));
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
                Err(_) if options.tokens_must_be() => bail!(
                    "{}:{line}: {:?} in the column `{}` ({}); a whole number from 0 to {} is wanted",
                    path.display(),
                    shortened(cell),
                    options.tokens(),
                    options.tokens_option(),
                    u32::MAX
                ),
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
fn wrong(path: &Path, error: &csv::Error) -> anyhow::Error {
    let name = path.display();
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::Io(error) => anyhow::anyhow!("{name} cannot be read: {error}"),
        csv::ErrorKind::Utf8 { .. } => {
            anyhow::anyhow!("{name}:{line}: invalid UTF-8; convert the file to UTF-8")
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => anyhow::anyhow!(
            "{name}:{line}: {len} cells where the header has {expected_len}; is the delimiter right (.csv: comma, .tsv: tab)?"
        ),
        _ => anyhow::anyhow!("{name}:{line}: {error}"),
    }
}

fn shortened(cell: &str) -> String {
    const SHOWN: usize = 40;
    if cell.chars().count() <= SHOWN {
        cell.to_owned()
    } else {
        cell.chars().take(SHOWN).chain(['…']).collect()
    }
}
