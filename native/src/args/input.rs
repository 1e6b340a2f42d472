//! What to read, and how.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::TypedValueParser;
use clusterclip_core::format::records::Fields;
use clusterclip_engine::input::{Format, OnBadRecord, Options};

use super::values;
use crate::error::UsageError;

/// What to read, and how.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Files, folders or `-` for standard input: JSON lines, CSV, TSV (also .gz, .zst) or plain text
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// How to read the input: `jsonl`, `csv` and `tsv` as records, `text` as one document a file; `auto` goes by the names
    /// (a folder that holds only record files is read as records, any other as one document a file)
    #[arg(long, value_name = "FORMAT", default_value = "auto", help_heading = "Input")]
    pub format: FormatChoice,
    /// Read plain text as one document a line
    #[arg(long, help_heading = "Input")]
    pub lines: bool,
    /// The field (in CSV and TSV: the column of the header) that holds a record's text (default: `text`, else `content`, else `prompt` + `output`)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub text_field: Option<String>,
    /// The field that names a record (default: `id`, else the source and the line)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub id_field: Option<String>,
    /// The field that holds a record's number of tokens (default: none are known)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub token_field: Option<String>,
    /// What to do with a record that cannot be read
    #[arg(long, value_name = "WHAT", default_value = "fail", value_parser = on_bad_record(), help_heading = "Input")]
    pub on_bad_record: OnBadRecord,
}

impl InputArgs {
    /// Checks the options together.
    ///
    /// # Errors
    /// [`UsageError`] for options that do not go together.
    pub fn check(&self) -> Result<(), UsageError> {
        match self.format.0 {
            Some(records) if self.lines && records != Format::Text => Err(UsageError::new(format!(
                "--lines does not go with --format {records}: it reads plain text as one document a line, and \
                 {records} holds records as it is; leave out one of the two",
            ))),
            _ => Ok(()),
        }
    }

    /// How the input is read.
    pub fn options(&self) -> Options {
        Options {
            fields: Fields {
                text: self.text_field.clone(),
                id: self.id_field.clone(),
                tokens: self.token_field.clone(),
            },
            format: self.format.0,
            lines: self.lines,
            on_bad_record: self.on_bad_record,
            out: None,
        }
    }
}

fn on_bad_record() -> impl TypedValueParser<Value = OnBadRecord> {
    values::named(&[("fail", "Stop with its file and line"), ("skip", "Leave it out and count it")])
}

/// `--format`; `auto` goes by the names of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatChoice(Option<Format>);

impl FromStr for FormatChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self(None)),
            "parquet" => Err("parquet documents cannot be read yet; convert them to JSON lines".into()),
            _ => match text.parse() {
                Ok(format) => Ok(Self(Some(format))),
                Err(_) => Err("expected `auto`, `jsonl`, `csv`, `tsv` or `text`".into()),
            },
        }
    }
}
