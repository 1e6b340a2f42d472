//! What to read, and how.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::TypedValueParser;
use clusterclip_core::format::records::{Fields, Template};
use clusterclip_core::format::table::Quote;
use clusterclip_engine::input::{Format, OnBadRecord, Options};

use super::values;
use crate::error::UsageError;

/// What to read, and how.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// What to read.
    #[command(flatten)]
    pub named: NamedInputs,
    /// How it is read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// What to read.
#[derive(Debug, Args)]
pub struct NamedInputs {
    /// Files, folders, `-` for standard input, or data sets of the Hugging Face hub, hf://datasets/OWNER/NAME[@REVISION][/PATH]:
    /// JSON lines, JSON, CSV, TSV or plain text, also packed (.gz, .zst, .bz2, .xz), Parquet, Arrow
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
}

/// How input is read.
#[derive(Debug, Args)]
pub struct ReadingArgs {
    /// How to read the input: `jsonl`, `json` (an array of objects), `csv`, `tsv`, `parquet` and `arrow` as records, `text` as one
    /// document a file; `auto` goes by the names, and in a folder by sizes (where record files hold nine tenths of the bytes they
    /// are read, where they hold a tenth every text file is a document)
    #[arg(long, value_name = "FORMAT", default_value = "auto", help_heading = "Input")]
    pub format: FormatChoice,
    /// Read plain text as one document a line, an empty line as an empty document
    #[arg(long, help_heading = "Input")]
    pub lines: bool,
    /// Read hidden files and folders too: those whose names begin with a dot
    #[arg(long, help_heading = "Input")]
    pub hidden: bool,
    /// The split to read of a folder of records that has several, told by names as the library `datasets` tells them; `all`
    /// reads every file (default: `train`)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub split: Option<String>,
    /// The field (in tables: the column) that holds a record's text, or a path to it such as `meta.text` or
    /// `turns.0.content`; again for several, joined by a line break (default: by the fields of the first record, the first
    /// that fits of: `messages`, `conversations`, `conversation` or `dialog`; `instruction` + `output`; `text`; `content`;
    /// `raw_content`, `document`, `body` or `code`; `question` + `answer`; `prompt` + `completion`)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub text_field: Vec<String>,
    /// Make the text of a record by a template in the language of chat templates (Jinja): the template itself, or @FILE. It sees
    /// the fields of the record, and `messages` as a list of `role` and `content`
    #[arg(long, value_name = "TEMPLATE | @FILE", value_parser = values::template, conflicts_with = "text_field", help_heading = "Input")]
    pub template: Option<Template>,
    /// The field that names a record, or a path to it (default: `id`, else the source and the line)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub id_field: Option<String>,
    /// The field that holds a record's number of tokens, or a path to it (default: none are known)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub token_field: Option<String>,
    /// The field that holds a record's score, or a path to it, for --within score (default: none are known)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub score_field: Option<String>,
    /// The config of a data set of the hub that has several
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub config: Option<String>,
    /// The revision of a data set of the hub: a branch, a tag or a commit (default: what INPUT names after @, else `main`)
    #[arg(long, value_name = "REVISION", help_heading = "Input")]
    pub revision: Option<String>,
    /// What stands between the cells of a table: one character, `\\t` for a tab (default: `,` in CSV, a tab in TSV)
    #[arg(long, value_name = "CHAR", value_parser = values::delimiter, help_heading = "Input")]
    pub delimiter: Option<u8>,
    /// What stands round the cells of a table that hold delimiters or line ends: one character, or `none` when quotes are letters
    /// (default: `"`; with tabs, `"` only in records where every cell that begins with one ends with one)
    #[arg(long, value_name = "none | CHAR", value_parser = values::quote, help_heading = "Input")]
    pub quote: Option<Quote>,
    /// The first record of a table is a document; the columns are called 0, 1, 2, …
    #[arg(long, help_heading = "Input")]
    pub no_header: bool,
    /// What to do with a record that cannot be read
    #[arg(long, value_name = "WHAT", default_value = "fail", value_parser = on_bad_record(), help_heading = "Input")]
    pub on_bad_record: OnBadRecord,
}

impl ReadingArgs {
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
                textless: false,
                text: self.text_field.clone(),
                template: self.template.clone(),
                id: self.id_field.clone(),
                tokens: self.token_field.clone(),
                score: self.score_field.clone(),
            },
            delimiter: self.delimiter,
            quote: self.quote,
            no_header: self.no_header,
            format: self.format.0,
            lines: self.lines,
            hidden: self.hidden,
            split: self.split.clone(),
            on_bad_record: self.on_bad_record,
            out: Vec::new(),
            config: self.config.clone(),
            revision: self.revision.clone(),
        }
    }
}

fn on_bad_record() -> impl TypedValueParser<Value = OnBadRecord> {
    values::named(&[
        ("fail", "Stop with its file and line"),
        ("skip", "Skip and count it: it keeps its number and is never drawn"),
    ])
}

/// `--format`; `auto` goes by the names of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatChoice(Option<Format>);

impl FromStr for FormatChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self(None)),
            _ => match text.parse() {
                Ok(format) => Ok(Self(Some(format))),
                Err(_) => {
                    Err("expected `auto`, `jsonl`, `json`, `csv`, `tsv`, `parquet`, `arrow` or `text`".into())
                }
            },
        }
    }
}
