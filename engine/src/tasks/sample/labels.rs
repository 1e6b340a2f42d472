//! Orders over the labels of a file.

use std::path::Path;

use clusterclip_core::format::labels::Rules;
use clusterclip_core::sampler::{Members, WeightRule, Within};

use super::{Basis, DoneSample, Exports, GivenLabels, SampleTask, file_name, make};
use crate::error::{Result, SettingsError};
use crate::input::labels::{self, LabelOptions, WeightsFile};
use crate::pipeline::Work;
use crate::pipeline::export::Known;
use crate::pipeline::sample::{Origin, Source, by_cluster};
use crate::settings::Noise;
use crate::store::{OutDir, Parameters, StageName, hex};
use clusterclip_core::weighing::WeightsFrom;

pub(super) fn from_file(
    work: Work<'_>,
    task: &SampleTask,
    out: &Path,
    listed: impl FnOnce() -> Result<Option<WeightsFile>>,
) -> Result<DoneSample> {
    refuse_comparing(task)?;
    if let (Some(field), Within::Shuffled) = (&task.score_field, task.sample.within) {
        return Err(SettingsError::OfScores { field: field.clone() }.into());
    }
    let listed = listed()?;
    let options = LabelOptions {
        cluster_field: task.cluster_field.clone(),
        token_field: task.token_field.clone(),
        tokens_needed: task.sample.needs_tokens(),
        score_field: task.score_field.clone(),
        scored: task.sample.within == Within::Score,
        rules: Rules { noise: task.noise_labels.clone(), one_cluster: task.noise == Some(Noise::OneCluster) },
    };
    let read = labels::read(&task.source, &options, work.monitor)?;
    if let Some(kind) = task.export.of_texts() {
        return Err(SettingsError::LabelsHaveNone { kind, path: task.source.clone() }.into());
    }
    let parameters = Parameters::new()
        .with("cluster-field", task.cluster_field.clone())
        .with("token-field", task.token_field.clone())
        .with("score-field", task.score_field.clone())
        .with("noise", task.noise.unwrap_or_default().to_string())
        .with("noise-label", task.noise_labels.as_ref().map(|labels| labels.join(",")));
    let origin = Origin::File { hash: hex(read.hash), parameters, warnings: read.warnings };
    let mut out = OutDir::open(out, task.force, work.monitor)?;
    out.want(&[StageName::Sample])?;
    out.refuse_inputs(None, [&*task.source])?;
    let basis = Basis::Labels {
        path: task.source.clone(),
        n_clusters: read.names.len(),
        names: Some(read.names.clone()),
    };
    let mut members = Members::from_labels(&read.labels)?;
    let tokens = read.tokens.as_deref();
    let by_cluster = tokens.and_then(|tokens| by_cluster(&members, tokens));
    let scores = read.scores.as_deref();
    let source = Source { members: &mut members, origin, by_cluster, tokens, scores };
    let name = file_name(&task.source);
    let exports = Exports { labels: &read.labels, known: Known::Labels(&name), corpus: None };
    let (sampled, exported) = make(work, task, &mut out, source, (basis, listed), &exports)?;
    let (names, noise, absent) = (read.names, read.noise, read.absent);
    let labels = GivenLabels { names, rows: read.labels.len() as u64, noise, absent };
    Ok(DoneSample { out, members, sampled, exported, labels: Some(labels) })
}

/// Refuses weights that compare centroids: a file of labels has none.
fn refuse_comparing(task: &SampleTask) -> Result<(), SettingsError> {
    match task.sample.weighting.from {
        Some(WeightsFrom::Rule(rule @ (WeightRule::Density | WeightRule::Groups))) => {
            Err(SettingsError::NoCentroids { rule, path: task.source.clone() })
        }
        _ => Ok(()),
    }
}
