//! All stages in one go.

use std::path::PathBuf;

use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{EvenIn, Members, Options, Sampler, SamplerError, WeightsError, Within};
use clusterclip_core::topics::TopicsError;

use super::{Clusters, Output, check_counts, models, refuse_inputs};
use crate::device::Chosen;
use crate::error::{Result, SettingsError, Within as _};
use crate::input::embeddings::NpyRows;
use crate::input::labels::WeightsFile;
use crate::input::{self, Corpus};
use crate::pipeline::Work;
use crate::pipeline::cluster::{Clustered, How, Source, cluster};
use crate::pipeline::embed::{Embedded, Rows, embed};
use crate::pipeline::export::{Known, Order, export};
use crate::pipeline::keywords::{self, About};
use crate::pipeline::sample::{Origin, Sampled, sample};
use crate::pipeline::weights::{Basis, Weighing, listed};
use crate::settings::{
    ClusterSettings, DeviceSettings, EmbedSettings, Embedder, ExportSettings, Init, Length, SampleSettings,
};
use crate::store::{
    DOCUMENTS, Documents, EMBEDDINGS, Machine, OutDir, Results, RowsOf, StageKey, StageName, StoredDocument,
};

/// What to do, from documents to an order.
#[derive(Debug, Clone, Default)]
pub struct RunTask {
    /// Files, folders, or `-` for standard input.
    pub inputs: Vec<PathBuf>,
    /// How they are read.
    pub input: input::Options,
    /// How documents become rows.
    pub embed: EmbedSettings,
    /// How rows are grouped.
    pub cluster: ClusterSettings,
    /// What K-Means runs on.
    pub device: DeviceSettings,
    /// What order is made.
    pub sample: SampleSettings,
    /// In which forms the order is written besides.
    pub export: ExportSettings,
    /// Where results go.
    pub output: Output,
}

/// The finished task.
pub struct DoneRun {
    /// The folder.
    pub out: OutDir,
    /// How embedding ended.
    pub embedded: Embedded,
    /// How clustering ended.
    pub clustered: Clustered,
    /// The documents of each cluster.
    pub members: Members,
    /// The order.
    pub sampled: Sampled,
    /// Whether what was asked for besides was there already; `None` where they were not asked for.
    pub exported: Option<bool>,
    corpus: Corpus,
}

/// Embeds, clusters and samples.
///
/// # Errors
/// What cannot be read, computed or written; the work was stopped.
pub fn run(task: &RunTask, monitor: &Monitor<'_>) -> Result<DoneRun> {
    check(task)?;
    check_counts(&task.input, &task.embed)?;
    task.export.check(&task.sample)?;
    input::check(&task.inputs, &task.input)?;
    let device = Chosen::new(&task.device)?;
    let machine = Machine::cpu(None);
    let work = Work { monitor, machine: &machine };
    let how = How::open(&task.cluster, device)?;
    let given = match &task.embed.embedder {
        Embedder::Given(path) => Some(NpyRows::open(path).within(|| Param::Embeddings)?),
        Embedder::Lexical | Embedder::Model(_) => None,
    };
    let rows_of = match &task.embed.embedder {
        Embedder::Lexical => RowsOf::Lexical,
        Embedder::Model(_) => RowsOf::Model,
        Embedder::Given(_) => RowsOf::Given,
    };
    let SampleSettings { weighting, options: Options { strategy, .. }, .. } = &task.sample;
    let listed = listed(weighting, *strategy, monitor)?;
    let (model, tokenizer) = models(work, &task.embed)?;
    let options = input::Options { out: vec![task.output.dir.clone()], ..task.input.clone() };
    let mut corpus = Corpus::open(&task.inputs, options.clone(), monitor)?;
    let mut out = OutDir::open(&task.output.dir, task.output.force, monitor)?;
    let wanted = if task.export.kinds.is_empty() { &StageName::FLOW[..3] } else { &StageName::FLOW[..] };
    out.want(wanted)?;
    task.export.check_corpus(&corpus)?;
    refuse_inputs(&out, &corpus, &task.embed, (model.as_ref(), tokenizer.as_ref()))?;
    if let Init::File(file) = &task.cluster.init {
        out.refuse_inputs(Some(Param::Init), [&**file])?;
    }
    out.refuse_inputs(Some(Param::Weights), listed.as_ref().map(WeightsFile::path))?;

    let rows = Rows::new(given.as_ref(), model.as_ref(), &task.embed);
    let embedded = embed(work, &mut out, &mut corpus, &options, &rows, tokenizer.as_ref())?;
    fits(work, out.results(), &task.sample, listed.as_ref())?;
    let clustered = clusters(work, &mut out, given.as_ref(), rows_of, embedded.key.clone(), &how)?;
    let mut found = Clusters::open(work, out.results(), &task.sample)?;
    let basis = Basis::of(&[out.results()], weighting, monitor)?;
    let weighing = Weighing::new(weighting, *strategy, basis, &found.members, listed)?;
    let source = found.source(Origin::Stage(clustered.key.clone()));
    let sampled = sample(work, &mut out, source, &task.sample, weighing)?;
    let members = found.members;
    let exported = if task.export.kinds.is_empty() {
        None
    } else {
        let order = Order {
            members: &members,
            labels: &clustered.labels,
            settings: &task.sample,
            sampled: &sampled,
            known: Known::Here,
            corpus: Some(&corpus),
        };
        Some(export(work, &mut out, order, &task.export)?)
    };
    Ok(DoneRun { out, embedded, clustered, members, sampled, exported, corpus })
}

impl DoneRun {
    /// Finds up to `top` words that mark each of `clusters`, and an example; texts are read once more.
    ///
    /// # Errors
    /// The input cannot be read any more; the work was stopped.
    pub fn about(&self, clusters: &[u32], top: usize, monitor: &Monitor<'_>) -> Result<Vec<About>> {
        keywords::of_clusters(monitor, self.out.results(), &self.corpus, &self.members, clusters, top)
    }
}

/// Checks settings together that no stage checks alone.
fn check(task: &RunTask) -> Result<()> {
    task.sample.check()?;
    let counted = task.input.fields.tokens.is_some()
        || task.embed.tokenizer.is_some()
        || matches!(task.embed.embedder, Embedder::Model(_));
    if let (Some(groups), Some(clusters)) = (task.sample.weighting.groups, task.cluster.clusters)
        && groups > clusters
    {
        return Err(TopicsError::Groups { groups, clusters }.into());
    }
    match (task.sample.length, task.sample.weighting.even_in) {
        (Length::Tokens(tokens), _) if !counted => Err(SettingsError::TokensUncounted { tokens }.into()),
        (_, EvenIn::Tokens) if !counted => Err(SettingsError::EvenInUncounted.into()),
        _ if task.sample.within == Within::Score && task.input.fields.score.is_none() => {
            Err(SettingsError::Unscored.into())
        }
        _ => Ok(()),
    }
}

/// Checks that the documents hold an order of the length that is asked for, before they are clustered.
fn fits(
    work: Work<'_>,
    results: &Results,
    settings: &SampleSettings,
    listed: Option<&WeightsFile>,
) -> Result<()> {
    let Some(counts) = &results.manifest().documents else { return Ok(()) };
    let documents = counts.read.0 - counts.left_out();
    // Where nothing can be clustered, clustering says so.
    if documents == 0 {
        return Ok(());
    }
    // The longest order is the same however the documents are grouped, unless clusters have their own clips.
    if let Length::Draws(budget) = settings.length
        && !listed.is_some_and(WeightsFile::has_clips)
    {
        Sampler::new(&[documents], Options { budget, ..settings.options.clone() })?;
    }
    let Some(needed) = settings.needs_tokens() else { return Ok(()) };
    for batch in results.documents()?.batches() {
        work.monitor.check()?;
        let missing = |document: &StoredDocument| document.tokens.is_none() && !document.is_left_out();
        if let Some(document) = batch?.iter().find(|&document| missing(document)) {
            let row = document.document;
            return Err(match needed {
                Param::EvenIn => SamplerError::Weights(WeightsError::TokensMissing { row }).into(),
                _ => SamplerError::TokensMissing { row }.into(),
            });
        }
    }
    Ok(())
}

fn clusters(
    work: Work<'_>,
    out: &mut OutDir,
    given: Option<&NpyRows>,
    rows_of: RowsOf,
    from: StageKey,
    how: &How<'_>,
) -> Result<Clustered> {
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
        from: Some(from),
        given: given.map(|_| Param::Embeddings.name().to_owned()),
        rows_of,
    };
    cluster(work, out, source, how)
}
