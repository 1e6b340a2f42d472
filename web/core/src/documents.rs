//! Documents: bytes in, texts and rows out.

use clusterclip_core::documents::{self, Gather, Policy, featureless};
use clusterclip_core::embed::lexical::{self, embed};
use clusterclip_core::error::said;
use clusterclip_core::format::cut::{Shape, Sniffed, Sniffer};
use clusterclip_core::format::records::Fields;
use clusterclip_core::format::table::{Quote, TableOptions};
use clusterclip_core::monitor::Event;
use clusterclip_web_border::watch::{Watch, Watching};
use clusterclip_web_border::{error, params};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::embeddings::Embeddings;

/// How to read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    text_field: Option<Vec<String>>,
    #[serde(default)]
    textless: bool,
    id_field: Option<String>,
    token_field: Option<String>,
    score_field: Option<String>,
    delimiter: Option<String>,
    quote: Option<String>,
    #[serde(default)]
    no_header: bool,
    on_bad_record: Option<OnBadRecord>,
    max_documents: Option<u64>,
    max_bytes: Option<u64>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum OnBadRecord {
    Fail,
    Skip,
}

impl Options {
    fn policy(self) -> Policy {
        let limits = Policy::default();
        Policy {
            #[allow(clippy::needless_update, reason = "a build for a browser has no templates")]
            fields: Fields {
                text: self.text_field.unwrap_or_default(),
                textless: self.textless,
                id: self.id_field,
                tokens: self.token_field,
                score: self.score_field,
                ..Fields::default()
            },
            skips_bad_records: self.on_bad_record == Some(OnBadRecord::Skip),
            max_documents: self.max_documents.unwrap_or(limits.max_documents),
            max_bytes: self.max_bytes.unwrap_or(limits.max_bytes),
        }
    }

    /// # Errors
    /// For options of tables, where none is read.
    fn no_table(&self) -> Result<(), JsValue> {
        let given = [
            ("delimiter", self.delimiter.is_some()),
            ("quote", self.quote.is_some()),
            ("noHeader", self.no_header),
        ];
        match given.into_iter().find(|&(_, given)| given) {
            Some((name, _)) => {
                Err(error::usage(&format!("{name}: the input is not read as a table; leave {name} out")))
            }
            None => Ok(()),
        }
    }

    fn table(&self, table: TableOptions) -> Result<TableOptions, JsValue> {
        let byte = |name: &str, text: &str| match text.as_bytes() {
            &[byte] => Ok(byte),
            _ => Err(error::usage(&format!("{name}: one character of ASCII is wanted"))),
        };
        let delimiter = self.delimiter.as_deref().map(|text| byte("delimiter", text)).transpose()?;
        let quote = match self.quote.as_deref() {
            None => None,
            Some("none") => Some(Quote::Nothing),
            Some(text) => Some(Quote::Byte(byte("quote", text)?)),
        };
        table.with(delimiter, quote, !self.no_header).map_err(error::js)
    }
}

/// What reading found.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    documents: u64,
    text_bytes: u64,
    fields: &'a [String],
    blank_lines: u64,
    bad_records: u64,
    first_bad_record: Option<String>,
    duplicate_texts: u64,
    duplicate_ids: u64,
    invalid_utf8: u64,
    half_surrogates: u64,
    repeated_headers: u64,
    taken: Option<&'a str>,
    with_tokens: u64,
    tokens: u64,
    warnings: Vec<String>,
}

/// Tells JSON lines from JSON by the beginning of a file.
#[wasm_bindgen]
#[derive(Default)]
pub struct JsonSniffer {
    sniffer: Sniffer,
}

#[wasm_bindgen]
impl JsonSniffer {
    /// Starts at the beginning of a file.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes; says the format to read the file as, once that is clear.
    pub fn push(&mut self, bytes: &[u8]) -> Option<String> {
        let format = match self.sniffer.push(bytes)? {
            Sniffed::Array | Sniffed::Object => "json",
            _ => "jsonl",
        };
        Some(format.to_owned())
    }
}

/// Documents held in memory.
#[wasm_bindgen]
pub struct Documents {
    gather: Option<Gather>,
    pub(crate) found: documents::Documents,
}

#[wasm_bindgen]
impl Documents {
    /// Begins to read an input of `format` (jsonl, json, csv, tsv or lines) that is called `source`; options are JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(format: &str, source: &str, options: &str) -> Result<Documents, JsValue> {
        let options: Options = params::read(options)?;
        let shape = match format {
            "jsonl" => Shape::Jsonl,
            "json" => Shape::Json,
            "csv" => Shape::Table(options.table(TableOptions::CSV)?),
            "tsv" => Shape::Table(options.table(TableOptions::TSV)?),
            "lines" => Shape::Lines,
            other => {
                let said = format!("format {other}: `jsonl`, `json`, `csv`, `tsv` or `lines` is wanted");
                return Err(error::usage(&said));
            }
        };
        if !matches!(shape, Shape::Table(_)) {
            options.no_table()?;
        }
        Ok(Self { gather: Some(Gather::new(shape, source, options.policy())), found: Default::default() })
    }

    /// Begins to read the rows of a columnar file that is called `source`: JSON lines with the columns that are wanted.
    /// `example` is a JSON object with a value of the kind of every column; options are JSON.
    #[wasm_bindgen(js_name = ofRows)]
    pub fn of_rows(example: &str, source: &str, options: &str) -> Result<Documents, JsValue> {
        let options: Options = params::read(options)?;
        options.no_table()?;
        let gather = Gather::rows(example.as_bytes(), source, options.policy()).map_err(error::js)?;
        Ok(Self { gather: Some(gather), found: Default::default() })
    }

    /// The columns that rows must have.
    pub fn wanted(&self) -> Vec<String> {
        self.gather.as_ref().map(Gather::wanted).unwrap_or_default().to_vec()
    }

    /// Takes texts that were read elsewhere.
    #[wasm_bindgen(js_name = fromTexts)]
    pub fn from_texts(texts: Vec<String>) -> Documents {
        Self { gather: None, found: documents::Documents::from_texts(texts) }
    }

    /// Takes the next bytes of the input.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        self.gather.as_mut().ok_or_else(ended)?.push(bytes).map_err(error::js)
    }

    /// Ends the reading.
    pub fn finish(&mut self) -> Result<(), JsValue> {
        self.found = self.gather.take().ok_or_else(ended)?.finish().map_err(error::js)?;
        Ok(())
    }

    /// What reading found, as JSON.
    pub fn summary(&self) -> String {
        let counts = self.found.counts();
        let summary = Summary {
            documents: counts.documents,
            text_bytes: counts.text_bytes,
            fields: self.found.fields(),
            blank_lines: counts.blank_lines,
            bad_records: counts.bad_records,
            first_bad_record: counts.first_bad_record.as_ref().map(|bad| said(bad, error::names).to_string()),
            duplicate_texts: counts.duplicate_texts,
            duplicate_ids: counts.duplicate_ids,
            invalid_utf8: counts.invalid_utf8,
            half_surrogates: counts.half_surrogates,
            repeated_headers: counts.repeated_headers,
            taken: self.found.taken(),
            with_tokens: counts.with_tokens,
            tokens: counts.tokens,
            warnings: counts.warnings(error::names),
        };
        serde_json::to_string(&summary).unwrap_or_default()
    }

    /// How many there are.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.found.len()
    }

    /// How many of them only keep a number: they were skipped.
    #[wasm_bindgen(getter)]
    pub fn skipped(&self) -> usize {
        self.found.counts().skipped() as usize
    }

    /// The text of a row.
    pub fn text(&self, row: usize) -> Result<String, JsValue> {
        self.check(row)?;
        Ok(self.found.text(row).to_owned())
    }

    /// The id of a row.
    pub fn id(&self, row: usize) -> Result<String, JsValue> {
        self.check(row)?;
        Ok(self.found.id(row).into_owned())
    }

    /// Token counts, NaN where they are not known.
    pub fn tokens(&self) -> Vec<f64> {
        (0..self.found.len()).map(|row| self.found.tokens(row).map_or(f64::NAN, f64::from)).collect()
    }

    /// Scores, NaN where there is none.
    pub fn scores(&self) -> Vec<f64> {
        (0..self.found.len()).map(|row| self.found.score(row).unwrap_or(f64::NAN)).collect()
    }

    /// Finds the rows whose text holds the needle, upper and lower case alike.
    pub fn search(&self, needle: &str, watch: Watch) -> Result<Vec<u32>, JsValue> {
        let watching = Watching::new(watch);
        let rows = self.found.search(needle, &watching.cancel()).map_err(error::js)?;
        // Each of them lies in a 32-bit memory.
        Ok(rows.into_iter().map(|row| row as u32).collect())
    }

    /// Fits the lexical embedder and gives the rows of all documents.
    pub fn embed(&self, watch: Watch) -> Result<Embeddings, JsValue> {
        let watching = Watching::new(watch);
        let texts: Vec<&str> = self.found.texts().collect();
        let embedded = watching.with(|monitor| embed(&texts, lexical::Params::default(), monitor));
        let lexical::Embedded { model, rows, featureless: flags } = embedded.map_err(error::js)?;
        let without = flags.iter().filter(|&&flag| flag).count() as u64 - self.found.counts().skipped();
        if let Some(warning) = featureless(without, texts.len() as u64) {
            watching.tell(Event::Warning(warning));
        }
        Ok(Embeddings::of(rows, model.n_features(), Some(flags)))
    }

    fn check(&self, row: usize) -> Result<(), JsValue> {
        if row < self.found.len() {
            return Ok(());
        }
        let said = format!("row {row} is not among {} documents", self.found.len());
        Err(error::input(&said))
    }
}

fn ended() -> JsValue {
    error::input("the input has ended: no more bytes can be read")
}
