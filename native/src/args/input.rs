//! What to read, and how.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clusterclip_core::format::records::Fields;
use clusterclip_engine::input::{Format, OnBadRecord, Options};

use crate::error::UsageError;

/// What to read, and how.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Files, folders, `-` for standard input, or data sets of the Hugging Face hub, hf://datasets/OWNER/NAME[@REVISION][/PATH]:
    /// JSON lines, CSV, TSV (also .gz, .zst) or plain text
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// How to read the input: `jsonl`, `csv` and `tsv` as records, `text` as one document a file; `auto` goes by the names
    /// (a folder that holds only record files is read as records, any other as one document a file)
    #[arg(long, value_name = "FORMAT", default_value = "auto", help_heading = "Input")]
    pub format: FormatChoice,
    /// Read plain text as one document a line
    #[arg(long, help_heading = "Input")]
    pub lines: bool,
    /// The split to read of a folder of records that has several, told by names as the library `datasets` tells them; `all`
    /// reads every file (default: `train`)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub split: Option<String>,
    /// The field (in CSV and TSV: the column of the header) that holds a record's text (default: `text`, else `content`, else `prompt` + `output`)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub text_field: Option<String>,
    /// The field that names a record (default: `id`, else the source and the line)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub id_field: Option<String>,
    /// The field that holds a record's number of tokens (default: none are known)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub token_field: Option<String>,
    /// The config of a data set of the hub that has several
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub config: Option<String>,
    /// The revision of a data set of the hub: a branch, a tag or a commit (default: what INPUT names after @, else `main`)
    #[arg(long, value_name = "REVISION", help_heading = "Input")]
    pub revision: Option<String>,
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
        let records = match self.format {
            FormatChoice::Auto | FormatChoice::Text => return Ok(()),
            FormatChoice::Jsonl => "jsonl",
            FormatChoice::Csv => "csv",
            FormatChoice::Tsv => "tsv",
        };
        if self.lines {
            return Err(UsageError::new(format!(
                "--lines does not go with --format {records}: it reads plain text as one document a line, and \
                 {records} holds records as it is; leave out one of the two",
            )));
        }
        Ok(())
    }

    /// How the input is read.
    pub fn options(&self) -> Options {
        Options {
            fields: Fields {
                text: self.text_field.clone(),
                id: self.id_field.clone(),
                tokens: self.token_field.clone(),
            },
            format: match self.format {
                FormatChoice::Auto => None,
                FormatChoice::Jsonl => Some(Format::Jsonl),
                FormatChoice::Csv => Some(Format::Csv),
                FormatChoice::Tsv => Some(Format::Tsv),
                FormatChoice::Text => Some(Format::Text),
            },
            lines: self.lines,
            on_bad_record: self.on_bad_record,
            out: None,
            config: self.config.clone(),
            revision: self.revision.clone(),
            split: self.split.clone(),
        }
    }
}

fn on_bad_record() -> impl TypedValueParser<Value = OnBadRecord> {
    let values = [
        PossibleValue::new("fail").help("Stop with its file and line"),
        PossibleValue::new("skip").help("Leave it out and count it"),
    ];
    PossibleValuesParser::new(values).try_map(|name| name.parse::<OnBadRecord>())
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatChoice {
    /// By the names of the files.
    Auto,
    /// JSON lines.
    Jsonl,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// Plain text.
    Text,
}

impl FromStr for FormatChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "jsonl" => Ok(Self::Jsonl),
            "text" => Ok(Self::Text),
            "csv" => Ok(Self::Csv),
            "tsv" => Ok(Self::Tsv),
            "parquet" => Err("parquet documents cannot be read yet; convert them to JSON lines".into()),
            _ => Err("expected `auto`, `jsonl`, `csv`, `tsv` or `text`".into()),
        }
    }
}
