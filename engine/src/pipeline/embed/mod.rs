//! Documents become rows: `documents.parquet`, `embeddings.npy`, `embedder.safetensors`.
//!
//! Two passes over the input: the first counts, hashes and gathers the sample that the embedder is fitted on,
//! the second embeds. Texts are streamed; what is held is one batch and the sample.

mod given;
mod lexical;
mod model;
mod tokens;

use std::collections::BTreeMap;

use clusterclip_core::documents::featureless as featureless_documents;
use clusterclip_core::embed::lexical::{self as core_lexical, Lexical, Params};
use clusterclip_core::error::{Param, described};
use clusterclip_core::format::READ;
use clusterclip_core::format::records::{Fields, Template};
use clusterclip_core::format::table::Quote;
use clusterclip_models::{self as models, FORMAT};

use super::Work;
use crate::error::Result;
use crate::human::counted;
use crate::input::embeddings::NpyRows;
use crate::input::{Corpus, Document, Files, OnBadRecord, Options, Origin, Summary};
use crate::models::{ModelFiles, TokenizerFile};
use crate::settings::EmbedSettings;
use crate::store::{
    BAD_RECORDS, Decision, DocumentCounts, DocumentRow, EMBEDDER, Exact, Facts, FileCounts, FinishedFile,
    OutDir, Parameters, REPEATED_HEADERS, Request, Splits, StageKey, StageName, StageTimer, WHOLE_INPUT, hex,
};

/// What names the specification of rows that were made elsewhere.
const GIVEN: &str = "clusterclip-given/1";

/// What the manifest calls the lexical embedder.
pub const LEXICAL: &str = "lexical";
/// What the manifest calls any model.
pub const MODEL: &str = "model";
/// What the manifest calls the field that scores were read from.
pub const SCORE_FIELD: &str = "score-field";

/// Where rows come from.
pub enum Rows<'a> {
    /// The lexical embedder.
    Lexical(Params),
    /// The lexical embedder, fitted on other documents.
    Fitted {
        /// What was fitted.
        embedder: &'a Lexical,
        /// The hash of its file.
        hash: String,
    },
    /// A model.
    Model {
        /// Its files.
        files: &'a ModelFiles,
        /// How it is used.
        options: models::Options,
    },
    /// A file with one row a document.
    Given(&'a NpyRows),
}

impl<'a> Rows<'a> {
    /// Rows that were `given`, of `model`, or of the lexical embedder.
    pub fn new(given: Option<&'a NpyRows>, model: Option<&'a ModelFiles>, settings: &EmbedSettings) -> Self {
        match (given, model) {
            (Some(rows), _) => Self::Given(rows),
            (None, Some(files)) => Self::Model { files, options: settings.model.clone() },
            (None, None) => Self::Lexical(Params::default()),
        }
    }
}

/// The finished stage.
pub struct Embedded {
    /// The key under which the results are kept.
    pub key: StageKey,
    /// Whether the results were there already.
    pub reused: bool,
}

/// Embeds the documents of `corpus`, or finds their rows.
pub fn embed(
    work: Work<'_>,
    out: &mut OutDir,
    corpus: &mut Corpus,
    options: &Options,
    rows: &Rows<'_>,
    tokenizer: Option<&TokenizerFile>,
) -> Result<Embedded> {
    // Hashing reads everything once: worth it only where there are results that it may spare.
    let known = match out.results().manifest().stages.contains_key(&StageName::Embed) {
        true => corpus.hash_inputs(work.monitor)?,
        false => 0,
    };
    let origins = corpus.origins().to_vec();
    let request = |hash| request(options, rows, tokenizer, &origins, hash);
    let known = request(known);
    if out.decide(&known, work.monitor)? == Decision::Reuse {
        out.discard_partial_rows()?;
        work.reused(out, StageName::Embed);
        return Ok(Embedded { key: known.key(), reused: true });
    }
    let timer = StageTimer::start();
    let counter = tokenizer.map(TokenizerFile::load).transpose()?;
    let made = match rows {
        Rows::Lexical(params) => lexical::make(work, out, corpus, *params, counter.as_ref())?,
        Rows::Fitted { embedder, .. } => lexical::fitted(work, out, corpus, embedder, counter.as_ref())?,
        Rows::Model { files, options } => {
            let model = files.load(options, work.monitor.cancel_flag())?;
            model::make(work, out, corpus, &model, request, counter.as_ref())?
        }
        Rows::Given(rows) => given::make(work, out, corpus, rows, counter.as_ref())?,
    };
    let request = request(made.summary.input_hash);
    let warnings = work.warn(made.warnings());
    let facts = Facts::Embedded { documents: made.counts() };
    work.commit(out, &request, made.files, facts, warnings, timer)?;
    out.discard_partial_rows()?;
    Ok(Embedded { key: request.key(), reused: false })
}

fn request(
    options: &Options,
    rows: &Rows<'_>,
    tokenizer: Option<&TokenizerFile>,
    origins: &[Origin],
    hash: u128,
) -> Request {
    let (version, embedder) = match rows {
        Rows::Lexical(_) | Rows::Fitted { .. } => (core_lexical::FORMAT, Some(LEXICAL)),
        Rows::Model { .. } => (FORMAT, Some(MODEL)),
        Rows::Given(_) => (GIVEN, None),
    };
    let mut parameters = Parameters::new()
        .with("reading", READ)
        .with("embedder", embedder)
        .with("text-field", (!options.fields.text.is_empty()).then(|| options.fields.text.clone()))
        .with("template", options.fields.template.as_ref().map(Template::source))
        .with("id-field", options.fields.id.clone())
        .with("token-field", options.fields.tokens.clone())
        .with("format", options.format.map(|format| format.to_string()))
        .with("hidden", options.hidden)
        .with("delimiter", options.delimiter.map(|byte| char::from(byte).to_string()))
        .with("quote", options.quote.map(|quote| quote.to_string()))
        .with("no-header", options.no_header)
        .with("lines", options.lines)
        .with("config", options.config.clone())
        .with("split", options.split.clone())
        .with("on-bad-record", options.on_bad_record.to_string());
    if let Some(field) = &options.fields.score {
        // Only where it is asked for: rows that were made before there were scores are made of the same.
        parameters = parameters.with(SCORE_FIELD, field.as_str());
    }
    if let Rows::Model { options, .. } = rows {
        // What is not given is decided by the model's files, which are listed. `--batch-tokens` changes no row.
        parameters = parameters
            .with("pooling", options.pooling.map(|pooling| pooling.to_string()))
            .with("prefix", options.prefix.as_str())
            .with("max-tokens", options.max_tokens.map(|most| most as u64))
            .with("dtype", options.dtype.to_string());
    }
    let mut request =
        Request::new(StageName::Embed, version).parameters(parameters).input(WHOLE_INPUT, &hex(hash));
    for Origin { name, commit, files } in origins {
        request = request.input(name, commit);
        for (path, hash) in files {
            request = request.input(&format!("{name}/{path}"), hash);
        }
    }
    match rows {
        Rows::Model { files, .. } => request = files.list(request),
        Rows::Fitted { hash, .. } => request = request.input(EMBEDDER, hash),
        Rows::Lexical(_) | Rows::Given(_) => {}
    }
    match tokenizer {
        Some(tokenizer) => tokenizer.list(request),
        None => request,
    }
}

/// How the documents were read whose rows these `parameters` made: what [`request`] wrote down. `None` where that is not
/// understood.
pub fn reading(parameters: &Parameters) -> Option<Options> {
    let text = |name: &str| parameters.get(name).and_then(|value| value.text());
    let flag = |name: &str| parameters.get(name).is_some_and(|value| value.is_true());
    let parsed = |name: &str| text(name).map(str::to_owned);
    let byte = |text: &str| u8::try_from(text.chars().next()?).ok();
    let template = text("template").map(Template::new).transpose().ok()?;
    Some(Options {
        fields: Fields {
            textless: false,
            text: parameters.get("text-field").map(|value| value.texts()).unwrap_or_default(),
            template,
            id: parsed("id-field"),
            tokens: parsed("token-field"),
            score: parsed(SCORE_FIELD),
        },
        delimiter: text("delimiter").and_then(byte),
        quote: match text("quote") {
            Some("none") => Some(Quote::Nothing),
            other => other.and_then(byte).map(Quote::Byte),
        },
        no_header: flag("no-header"),
        format: text("format").map(str::parse).transpose().ok()?,
        lines: flag("lines"),
        hidden: flag("hidden"),
        split: parsed("split"),
        on_bad_record: text("on-bad-record").map_or(Ok(OnBadRecord::Fail), str::parse).ok()?,
        out: Vec::new(),
        config: parsed("config"),
        revision: None,
    })
}

/// What the stage made.
struct Made {
    files: Vec<FinishedFile>,
    summary: Summary,
    featureless: u64,
    tokens: Total,
    /// Of models: documents cut at the longest sequence, which is so long.
    truncated: Option<(u64, usize)>,
}

/// The tokens of all documents, as long as each that was not skipped has a count.
#[derive(Debug, Clone, Copy)]
struct Total(Option<u64>);

impl Default for Total {
    fn default() -> Self {
        Self(Some(0))
    }
}

impl Total {
    fn add(&mut self, document: &Document, tokens: Option<u32>) {
        if !document.skipped {
            self.0 = self.0.zip(tokens).map(|(sum, tokens)| sum + u64::from(tokens));
        }
    }
}

impl Made {
    fn counts(&self) -> DocumentCounts {
        let counts = &self.summary.counts;
        let walked = &self.summary.walked;
        let skipped = BTreeMap::from([
            ("blank_lines".to_owned(), Exact(counts.blank_lines)),
            (BAD_RECORDS.to_owned(), Exact(counts.bad_records)),
            (REPEATED_HEADERS.to_owned(), Exact(counts.repeated_headers)),
        ]);
        let files = |files: &Files| FileCounts {
            bytes: Exact(files.bytes),
            count: Exact(files.count),
            first: files.first.clone(),
        };
        DocumentCounts {
            chosen: walked.chosen.iter().map(|(format, of)| (format.to_string(), files(of))).collect(),
            duplicates: Exact(counts.duplicate_texts),
            featureless: Exact(self.featureless),
            left_out: walked.left_out.iter().map(|(why, of)| (why.name().to_owned(), files(of))).collect(),
            read: Exact(counts.documents),
            skipped,
            splits: walked
                .splits
                .iter()
                .map(|(read, there)| Splits { read: read.clone(), there: there.clone() })
                .collect(),
            taken: self.summary.taken.iter().map(|(what, count)| (what.clone(), Exact(*count))).collect(),
            tokens: self.tokens.0.map(Exact),
            truncated: self.truncated.map(|(count, _)| Exact(count)),
        }
    }

    fn warnings(&self) -> Vec<String> {
        let documents = self.summary.counts.documents;
        let mut warnings = self.summary.warnings(described);
        warnings.extend(featureless_documents(self.featureless, documents));
        if let Some((truncated @ 1.., most)) = self.truncated {
            warnings.push(format!(
                "{truncated} of {} longer than the {most} tokens that the model is given ({}): the rest of each is not \
                 in its row",
                match documents {
                    1 => "1 document is".to_owned(),
                    many => format!("{} are", counted(many, "document")),
                },
                described(Param::MaxTokens)
            ));
        }
        warnings
    }
}

/// What is kept of a document; one that was skipped is not featureless as well, and has no tokens.
fn row<'a>(document: &'a Document, tokens: Option<u32>, featureless: bool) -> DocumentRow<'a> {
    let tokens = tokens.filter(|_| !document.skipped);
    let featureless = featureless && !document.skipped;
    DocumentRow {
        id: &document.id,
        source: &document.source,
        at: document.place.at,
        hash: document.place.hash,
        tokens,
        line: document.line,
        featureless,
        skipped: document.skipped,
        score: document.score,
    }
}

fn texts(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|document| document.text.as_str()).collect()
}
