//! Later documents join old clusters.

use std::fs;
use std::path::PathBuf;

use clusterclip_core::embed::lexical::{self, Lexical};
use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;
use clusterclip_models as models;
use same_file::is_same_file;

use super::{Output, check_counts, file_name, refuse_inputs};
use crate::device::Chosen;
use crate::error::{Error, FileError, Result, SettingsError, Within as _};
use crate::input::embeddings::NpyRows;
use crate::input::{self, Corpus};
use crate::models::{ModelFiles, TokenizerFile};
use crate::pipeline::Work;
use crate::pipeline::cluster::{Clustered, Source};
use crate::pipeline::embed::{self as stage, Embedded, Rows, embed, reading};
use crate::pipeline::join::{OldClusters, join as join_stage};
use crate::settings::{DeviceSettings, EmbedSettings, Embedder};
use crate::store::{
    DOCUMENTS, Documents, EMBEDDER, EMBEDDINGS, InDir, Machine, OutDir, Parameters, Request, Results, RowsOf,
    StageName,
};

/// What is to join which clusters.
#[derive(Debug, Clone, Default)]
pub struct JoinTask {
    /// A folder that was clustered into.
    pub dir: PathBuf,
    /// Files, folders, or `-` for standard input; none where rows are given of which no documents are known.
    pub inputs: Vec<PathBuf>,
    /// How they are read.
    pub input: input::Options,
    /// The model that the folder was embedded with, if it was one.
    pub model: Option<String>,
    /// Tokens that a thread takes through a model together; `None` is the default.
    pub batch_tokens: Option<usize>,
    /// The rows of the documents, where those of the folder were given: a `.npy` (n_samples, n_features).
    pub embeddings: Option<PathBuf>,
    /// A tokenizer to count with: a folder, a `tokenizer.json`, or an id on the hub.
    pub tokenizer: Option<String>,
    /// What labels are computed on.
    pub device: DeviceSettings,
    /// Where results go.
    pub output: Output,
}

/// The finished task.
pub struct DoneJoin {
    /// The folder.
    pub out: OutDir,
    /// How embedding ended; `None` where there are rows alone.
    pub embedded: Option<Embedded>,
    /// How joining ended.
    pub joined: Clustered,
}

/// What rows are made with.
enum Maker {
    Lexical { embedder: Box<Lexical>, hash: String },
    Model { files: ModelFiles, options: models::Options },
    Given(NpyRows),
}

/// Embeds documents as those of a folder were, and gives each the cluster of that folder which K-Means would have given
/// it there: `documents.parquet`, `embeddings.npy`, `labels.npy`, `assignments.parquet`, `clusters.parquet`,
/// `members.npy`.
///
/// # Errors
/// What cannot be read, embedded or written; another embedder than the folder's; the work was stopped.
pub fn join(task: &JoinTask, monitor: &Monitor<'_>) -> Result<DoneJoin> {
    let settings = settings(task)?;
    if is_same_file(&task.dir, &task.output.dir).unwrap_or(false) {
        return Err(SettingsError::IntoSource { path: task.output.dir.clone() }.into());
    }
    let device = Chosen::new(&task.device)?;
    let machine = Machine::cpu(None);
    let work = Work { monitor, machine: &machine };
    let dir = InDir::open(&task.dir)?;
    let old = OldClusters::open(work, dir.results())?;
    let task = &as_before(task, dir.results());
    let maker = maker(work, dir.results(), task)?;
    match (&maker, task.inputs.is_empty()) {
        (Maker::Given(rows), true) => of_rows(work, task, rows, &old, &device),
        _ => of_documents(work, task, &settings, &maker, &old, &device),
    }
}

/// Checks the settings together, and says what they ask of embedding.
fn settings(task: &JoinTask) -> Result<EmbedSettings> {
    let embedder = match (&task.embeddings, &task.model) {
        (Some(file), _) => Embedder::Given(file.clone()),
        (None, Some(model)) => Embedder::Model(model.clone()),
        (None, None) => Embedder::Lexical,
    };
    let settings = EmbedSettings { embedder, tokenizer: task.tokenizer.clone(), ..EmbedSettings::default() };
    check_counts(&task.input, &settings)?;
    match (task.inputs.is_empty(), &task.embeddings) {
        (false, _) => input::check(&task.inputs, &task.input)?,
        (true, Some(_)) => {}
        (true, None) => return Err(SettingsError::NothingToJoin.into()),
    }
    Ok(settings)
}

/// What makes the text is what made it in the folder, unless the task says otherwise.
fn as_before(task: &JoinTask, results: &Results) -> JoinTask {
    let mut task = task.clone();
    let parameters = results.manifest().parameters.get(&StageName::Embed);
    let fields = &mut task.input.fields;
    if fields.text.is_empty()
        && fields.template.is_none()
        && let Some(before) = parameters.and_then(reading)
    {
        (fields.text, fields.template) = (before.fields.text, before.fields.template);
    }
    task
}

/// Finds what the rows of a folder were made with.
fn maker(work: Work<'_>, results: &Results, task: &JoinTask) -> Result<Maker> {
    let path = || results.path().to_owned();
    let manifest = results.manifest();
    let given = || -> Result<Maker> {
        let file = task.embeddings.as_ref().ok_or_else(|| SettingsError::RowsNeeded { path: path() })?;
        Ok(Maker::Given(NpyRows::open(file).within(|| Param::Embeddings)?))
    };
    let Some(parameters) = manifest.parameters.get(&StageName::Embed) else {
        let from = manifest.stages.get(&StageName::Cluster).and_then(|record| record.from.as_ref());
        return match from {
            Some(_) => Err(SettingsError::EmbeddedElsewhere { path: path() }.into()),
            None => given(),
        };
    };
    let embedder = parameters.get("embedder").and_then(|value| value.text());
    if let (Some(_), Some(file)) = (embedder, &task.embeddings) {
        return Err(SettingsError::RowsNotNeeded { path: path(), file: file.clone() }.into());
    }
    let other = |embedder: &str, why: String| {
        Error::from(SettingsError::OtherEmbedder { path: path(), embedder: embedder.to_owned(), why })
    };
    let version = manifest.versions.get(StageName::Embed.name()).map_or("", String::as_str);
    let versions = |here: &str| format!("{version} there, {here} here");
    match (embedder, &task.model) {
        (None, None) => given(),
        (Some(stage::MODEL), None) => Err(SettingsError::ModelNeeded { path: path() }.into()),
        (Some(stage::MODEL), Some(named)) if version != models::FORMAT => {
            Err(other(named, versions(models::FORMAT)))
        }
        (Some(stage::MODEL), Some(named)) => {
            let files = ModelFiles::open(named, work.monitor)?;
            let listed = files.list(Request::new(StageName::Embed, models::FORMAT)).inputs;
            let inputs = manifest.inputs.get(&StageName::Embed).map_or(&[][..], Vec::as_slice);
            let there: Vec<_> = inputs.iter().filter(|input| input.name.starts_with("model/")).collect();
            if !listed.iter().eq(there.iter().copied()) {
                let changed = listed.iter().find(|input| !there.contains(input));
                let name = changed.or(there.first().copied()).map_or("model", |input| &*input.name);
                return Err(other(named, format!("{name} is another file")));
            }
            Ok(Maker::Model { files, options: options(parameters, task.batch_tokens) })
        }
        (_, Some(named)) => {
            Err(other(named, format!("{} there", embedder.unwrap_or("rows that were given"))))
        }
        (Some(_), None) if version != lexical::FORMAT => {
            Err(other(stage::LEXICAL, versions(lexical::FORMAT)))
        }
        (Some(_), None) => {
            let record = results.require_files(StageName::Embed, &[EMBEDDER], work.monitor)?;
            let file = results.file(EMBEDDER);
            let hash = record.files.get(EMBEDDER).map(|record| record.hash.clone());
            let hash = hash.ok_or_else(|| other(stage::LEXICAL, format!("there is no {EMBEDDER}")))?;
            let bytes = fs::read(&file).map_err(FileError::read(&file))?;
            let embedder = Lexical::from_bytes(&bytes).within(|| file.display().to_string())?;
            Ok(Maker::Lexical { embedder: Box::new(embedder), hash })
        }
    }
}

/// How a model was used, by the parameters that the manifest keeps.
fn options(parameters: &Parameters, batch_tokens: Option<usize>) -> models::Options {
    let default = models::Options::default();
    let text = |name| parameters.get(name).and_then(|value| value.text());
    models::Options {
        pooling: text("pooling").and_then(|name| name.parse().ok()),
        prefix: text("prefix").unwrap_or_default().to_owned(),
        max_tokens: text("max-tokens").and_then(|number| number.parse().ok()),
        dtype: text("dtype").and_then(|name| name.parse().ok()).unwrap_or(default.dtype),
        batch_tokens: batch_tokens.unwrap_or(default.batch_tokens),
    }
}

/// Joins rows of which no documents are known.
fn of_rows(
    work: Work<'_>,
    task: &JoinTask,
    rows: &NpyRows,
    old: &OldClusters,
    device: &Chosen,
) -> Result<DoneJoin> {
    let mut out = OutDir::open(&task.output.dir, task.output.force, work.monitor)?;
    out.want(&[StageName::Cluster])?;
    out.refuse_inputs(Some(Param::Embeddings), [rows.path()])?;
    let name = file_name(rows.path());
    let source = Source {
        rows,
        left_out: None,
        documents: Documents::Rows { source: &name },
        from: None,
        given: Some(name.clone()),
        rows_of: RowsOf::Given,
    };
    let joined = join_stage(work, &mut out, source, old, device)?;
    Ok(DoneJoin { out, embedded: None, joined })
}

/// Embeds documents, and joins their rows.
fn of_documents(
    work: Work<'_>,
    task: &JoinTask,
    settings: &EmbedSettings,
    maker: &Maker,
    old: &OldClusters,
    device: &Chosen,
) -> Result<DoneJoin> {
    let tokenizer = settings.tokenizer.as_deref().map(|named| TokenizerFile::open(named, work.monitor));
    let tokenizer = tokenizer.transpose()?;
    let options = input::Options { out: vec![task.output.dir.clone()], ..task.input.clone() };
    let mut corpus = Corpus::open(&task.inputs, options.clone(), work.monitor)?;
    let mut out = OutDir::open(&task.output.dir, task.output.force, work.monitor)?;
    out.want(&[StageName::Embed, StageName::Cluster])?;
    let (model, given, rows_of) = match maker {
        Maker::Model { files, .. } => (Some(files), None, RowsOf::Model),
        Maker::Given(rows) => (None, Some(rows), RowsOf::Given),
        Maker::Lexical { .. } => (None, None, RowsOf::Lexical),
    };
    refuse_inputs(&out, &corpus, settings, (model, tokenizer.as_ref()))?;
    let rows = match maker {
        Maker::Lexical { embedder, hash } => Rows::Fitted { embedder, hash: hash.clone() },
        Maker::Model { files, options } => Rows::Model { files, options: options.clone() },
        Maker::Given(rows) => Rows::Given(rows),
    };
    let embedded = embed(work, &mut out, &mut corpus, &options, &rows, tokenizer.as_ref())?;
    let own;
    let rows = match given {
        Some(rows) => rows,
        None => {
            own = NpyRows::open(&out.results().file(EMBEDDINGS))?;
            &own
        }
    };
    let left_out = Some(out.results().documents()?.left_out(work.monitor)?);
    let documents = out.results().file(DOCUMENTS);
    let source = Source {
        rows,
        left_out,
        documents: Documents::Table(&documents),
        from: Some(embedded.key.clone()),
        given: given.map(|_| Param::Embeddings.name().to_owned()),
        rows_of,
    };
    let joined = join_stage(work, &mut out, source, old, device)?;
    Ok(DoneJoin { out, embedded: Some(embedded), joined })
}
