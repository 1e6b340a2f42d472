//! What a caller asks for, one task a file: each opens what is read and the folder that is written, joins the stages,
//! and gives back what a caller may want to tell of them.
//!
//! ```
//! use clusterclip_core::monitor::Monitor;
//! use clusterclip_engine::tasks::{Output, RunTask, run};
//!
//! let folder = tempfile::tempdir()?;
//! let (texts, out) = (folder.path().join("texts"), folder.path().join("out"));
//! std::fs::create_dir(&texts)?;
//! for i in 0..9 {
//!     let topic = ["the moon and the tides", "bread, salt and butter", "rain on the roof"][i % 3];
//!     std::fs::write(texts.join(format!("{i}.txt")), format!("{topic}, text {i}"))?;
//! }
//! let output = Output { dir: out.clone(), force: false };
//! let task = RunTask { inputs: vec![texts], output, ..RunTask::default() };
//! let done = run(&task, &Monitor::silent())?;
//! assert_eq!(done.sampled.positions, 9);
//! assert!(out.join("order.npy").exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cluster;
mod embed;
mod join;
mod run;
mod sample;

use std::path::{Path, PathBuf};
use std::{fs, io};

pub use cluster::{ClusterTask, DoneCluster, cluster};
pub use embed::{DoneEmbed, EmbedTask, embed};
pub use join::{DoneJoin, JoinTask, join};
pub use run::{DoneRun, RunTask, run};
pub use sample::{DoneSample, GivenLabels, SampleTask, sample};

pub use crate::pipeline::cluster::Clustered;
pub use crate::pipeline::embed::Embedded;
pub use crate::pipeline::keywords::About;
pub use crate::pipeline::sample::Sampled;

use clusterclip_core::error::Param;
use clusterclip_core::sampler::{Members, Within};
use same_file::is_same_file;

use crate::error::{FileError, Result, SettingsError};
use crate::input::{self, Corpus};
use crate::models::{ModelFiles, TokenizerFile};
use crate::pipeline::Work;
use crate::pipeline::embed::SCORE_FIELD;
use crate::pipeline::sample::{self as stage, Origin};
use crate::settings::{EmbedSettings, Embedder, SampleSettings};
use crate::store::{DOCUMENTS, OutDir, Parameter, Results, StageName};

/// The folder for results.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// The folder; it is made when missing.
    pub dir: PathBuf,
    /// Whether results that were made with other settings are replaced.
    pub force: bool,
}

/// Checks that one thing at most says how many tokens a document has.
fn check_counts(input: &input::Options, settings: &EmbedSettings) -> Result<(), SettingsError> {
    match (&input.fields.tokens, &settings.tokenizer) {
        (Some(field), Some(tokenizer)) => {
            Err(SettingsError::TwoCounts { field: field.clone(), tokenizer: tokenizer.clone() })
        }
        _ => Ok(()),
    }
}

/// Finds the files of a model and of a tokenizer that are named.
fn models(work: Work<'_>, settings: &EmbedSettings) -> Result<(Option<ModelFiles>, Option<TokenizerFile>)> {
    let model = match &settings.embedder {
        Embedder::Model(named) => Some(ModelFiles::open(named, work.monitor)?),
        Embedder::Lexical | Embedder::Given(_) => None,
    };
    let tokenizer = settings.tokenizer.as_deref().map(|named| TokenizerFile::open(named, work.monitor));
    Ok((model, tokenizer.transpose()?))
}

/// Refuses to read what the wanted stages would write over: documents, given rows, files of a model or a tokenizer.
fn refuse_inputs(
    out: &OutDir,
    corpus: &Corpus,
    settings: &EmbedSettings,
    (model, tokenizer): (Option<&ModelFiles>, Option<&TokenizerFile>),
) -> Result<()> {
    out.refuse_inputs(None, corpus.files())?;
    if corpus.reads_standard_input() {
        out.refuse_standard_input()?;
    }
    if let Embedder::Given(file) = &settings.embedder {
        out.refuse_inputs(Some(Param::Embeddings), [&**file])?;
    }
    out.refuse_inputs(Some(Param::Embedder), model.into_iter().flat_map(ModelFiles::paths))?;
    Ok(out.refuse_inputs(Some(Param::Tokenizer), tokenizer.map(TokenizerFile::path))?)
}

/// What a folder that was clustered into is to be sampled by.
struct Clusters {
    members: Members,
    /// Tokens of each cluster's documents, where all are known.
    by_cluster: Option<Vec<u64>>,
    /// The token count of each row, where the order needs them.
    tokens: Option<Vec<Option<u32>>>,
    /// The score of each row, where the order needs them.
    scores: Option<Vec<Option<f64>>>,
}

impl Clusters {
    /// Opens what is in a folder, whose clusters are known to be whole.
    fn open(work: Work<'_>, results: &Results, settings: &SampleSettings) -> Result<Self> {
        let by_cluster = results.clusters(work.monitor)?.iter().map(|cluster| cluster.tokens).collect();
        let tokens = settings.needs_tokens().is_some().then(|| results.tokens(work.monitor)).transpose()?;
        let scores = (settings.within == Within::Score).then(|| scores(work, results)).transpose()?;
        Ok(Self { members: results.members(work.monitor)?, by_cluster, tokens, scores })
    }

    /// Appends what is in another folder of the same clusters.
    fn append(&mut self, next: Self) {
        self.members.append(next.members);
        let sums = self.by_cluster.take().zip(next.by_cluster);
        self.by_cluster = sums.map(|(here, there)| here.iter().zip(there).map(|(a, b)| a + b).collect());
        if let (Some(tokens), Some(more)) = (&mut self.tokens, next.tokens) {
            tokens.extend(more);
        }
        if let (Some(scores), Some(more)) = (&mut self.scores, next.scores) {
            scores.extend(more);
        }
    }

    /// What the stage is given.
    fn source(&mut self, origin: Origin) -> stage::Source<'_> {
        let by_cluster = self.by_cluster.clone();
        let (tokens, scores) = (self.tokens.as_deref(), self.scores.as_deref());
        stage::Source { members: &mut self.members, origin, by_cluster, tokens, scores }
    }
}

/// The scores of a folder's documents, which are kept where they were embedded.
fn scores(work: Work<'_>, results: &Results) -> Result<Vec<Option<f64>>> {
    let path = || results.path().to_owned();
    let Some(parameters) = results.manifest().parameters.get(&StageName::Embed) else {
        return Err(SettingsError::ScoresElsewhere { path: path() }.into());
    };
    if parameters.get(SCORE_FIELD).and_then(Parameter::text).is_none() {
        return Err(SettingsError::NoScores { path: path() }.into());
    }
    results.require_files(StageName::Embed, &[DOCUMENTS], work.monitor)?;
    Ok(results.documents()?.scores(work.monitor)?)
}

/// Where results go that are read from somewhere.
enum Place<'a> {
    /// Into the folder that is read.
    Same,
    /// From one folder into another.
    Other(&'a Path),
    /// From a file into a folder.
    FromFile(&'a Path),
}

/// Tells where the results of reading `source` go; `what` is what they are, for a message.
fn place<'a>(source: &Path, out: Option<&'a Path>, what: &'static str) -> Result<Place<'a>> {
    let same = |out: &Path| is_same_file(out, source).unwrap_or(false);
    match (is_folder(source)?, out) {
        (true, Some(out)) if !same(out) => Ok(Place::Other(out)),
        (true, _) => Ok(Place::Same),
        (false, Some(out)) => Ok(Place::FromFile(out)),
        (false, None) => Err(SettingsError::NoOut { path: source.to_owned(), what }.into()),
    }
}

/// A file's name without the folders above it.
fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Whether `path` is a folder.
fn is_folder(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.is_dir()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(FileError::Missing { name: path.display().to_string() }.into())
        }
        Err(error) => Err(FileError::read(path)(error).into()),
    }
}
