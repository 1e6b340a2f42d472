//! Gathers the facts of a summary from the folder, the order and the clock.

use std::collections::{BTreeMap, BTreeSet};

use clusterclip_core::sampler::{
    Budget, ClusterExposure, Exposure, Members, Options, Sampler, Strategy, Temperature,
};

use super::facts::{
    Cluster, Clusters, Documents, File, Files, InTokens, Joined, Order, Random, Share, Stage, Step, Summary,
    Weights,
};
use crate::progress::Progress;
use clusterclip_core::weighing::{Weighed, WeightsFrom};
use clusterclip_engine::settings::SampleSettings;
use clusterclip_engine::store::{Exact, FileCounts, MANIFEST, Machine, RUN, Results, StageName};
use clusterclip_engine::tasks::{About, Sampled};

/// Clusters shown at either end.
const SHOWN: usize = 5;

/// Clusters shown of those that weights raise.
const RAISED: usize = 3;

impl Summary {
    /// Begins a summary on a folder.
    pub fn new(progress: &Progress, results: &Results) -> Self {
        let listed = results.manifest().stages.values().flat_map(|record| &record.files);
        let mut files: Vec<File> =
            listed.map(|(name, record)| File { name: name.clone(), bytes: record.bytes.0 }).collect();
        for name in [MANIFEST, RUN] {
            if let Ok(found) = results.file(name).metadata() {
                files.push(File { name: name.to_owned(), bytes: found.len() });
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let machine = Machine::cpu(None);
        let times = progress.times().into_iter();
        Self {
            out: results.path().display().to_string(),
            documents: None,
            labels: None,
            clusters: None,
            joined: None,
            order: None,
            largest: Vec::new(),
            smallest: Vec::new(),
            raised: Vec::new(),
            stages: Vec::new(),
            steps: times
                .map(|(stage, time)| Step { step: stage.name(), seconds: time.as_secs_f64() })
                .collect(),
            seconds: progress.elapsed().as_secs_f64(),
            device: machine.device,
            kernel: machine.kernel,
            gpu: machine.gpu,
            threads: machine.threads,
            files,
            warnings: progress.warnings(),
        }
    }

    /// Says what K-Means ran on; `None` where its results were there already.
    pub fn ran_on(&mut self, machine: Option<Machine>) {
        if let Some(machine) = machine {
            (self.device, self.kernel, self.gpu) = (machine.device, machine.kernel, machine.gpu);
        }
    }

    /// Adds a stage.
    pub fn stage(&mut self, stage: StageName, reused: bool) {
        self.stages.push(Stage { stage: stage.name(), reused });
    }

    /// Adds what was read.
    pub fn embedded(&mut self, results: &Results) {
        self.documents = results.manifest().documents.as_ref().map(|counts| Documents {
            read: counts.read.0,
            duplicates: counts.duplicates.0,
            featureless: counts.featureless.0,
            tokens: counts.tokens.map(|tokens| tokens.0),
            truncated: counts.truncated.map(|truncated| truncated.0),
            skipped: counts.skipped.iter().map(|(kind, count)| (kind.clone(), count.0)).collect(),
            chosen: files(&counts.chosen),
            left_out: files(&counts.left_out),
            splits: counts.splits.clone(),
            taken: counts.taken.iter().map(|(what, count)| (what.clone(), count.0)).collect(),
        });
    }

    /// Adds what was found.
    pub fn clustered(&mut self, results: &Results) {
        let manifest = results.manifest();
        let Some(counts) = &manifest.counts else { return };
        self.clusters = Some(Clusters {
            documents: manifest.n.map_or(0, |n| n.0),
            clusters: counts.len() as u64,
            empty: counts.iter().filter(|count| count.0 == 0).count() as u64,
            iterations: manifest.iterations.unwrap_or(0),
            objective: manifest.objective.unwrap_or_default(),
            inertia: manifest.inertia.unwrap_or(0.0),
        });
        self.show(counts);
    }

    /// Adds what was joined.
    pub fn joined(&mut self, results: &Results) {
        let manifest = results.manifest();
        let (Some(counts), Some(drift)) = (&manifest.counts, manifest.drift) else { return };
        self.joined = Some(Joined {
            documents: manifest.n.map_or(0, |n| n.0),
            clusters: counts.len() as u64,
            empty: counts.iter().filter(|count| count.0 == 0).count() as u64,
            inertia: manifest.inertia,
            fifth_percentile: drift.fifth_percentile,
            under: drift.under.0,
        });
        self.show(counts);
    }

    /// Shows the largest and the smallest clusters of these sizes.
    fn show(&mut self, counts: &[Exact<u64>]) {
        let sizes = counts.iter().enumerate().filter(|(_, size)| size.0 > 0);
        let shown = sizes.map(|(cluster, &Exact(documents))| Cluster {
            cluster: cluster as u32,
            name: None,
            documents,
            weight: None,
            draws: None,
            epochs: None,
            keywords: Vec::new(),
            example: None,
        });
        (self.largest, self.smallest) = ends(shown.collect());
    }

    /// Adds what is drawn. `names` says what a file of labels calls its clusters.
    pub fn sampled(
        &mut self,
        members: &Members,
        settings: &SampleSettings,
        done: &Sampled,
        names: Option<&[String]>,
    ) {
        let exposure = done.sampler.exposure();
        let options = done.sampler.options();
        let random = random(members, settings, &exposure);
        let cap = |cluster: &ClusterExposure| cluster.clip.map_or(u64::MAX, |clip| clip * cluster.size);
        // With unimax no cluster is out before the end; some take all that they may.
        let is_out = |&cluster: &&ClusterExposure| match options.strategy {
            Strategy::Unimax => exposure.clip_acts && cluster.draws >= cap(cluster) as f64,
            _ => cluster.clip_position.is_some(),
        };
        let clipped = || exposure.clusters.iter().filter(is_out);
        let limit = exposure.clusters.iter().map(cap).fold(0, u64::saturating_add);
        self.order = Some(Order {
            strategy: options.strategy.name(),
            choice: options.choice.name(),
            within: settings.within.name(),
            clip: exposure.clip,
            seed: Exact(options.seed),
            draws: exposure.draws,
            documents: exposure.documents,
            clusters: exposure.clusters.len() as u64,
            positions: done.positions,
            share: settings.rank.map(|rank| Share {
                rank: rank.rank(),
                world_size: rank.world_size(),
                dropped: if rank.drop_last() { exposure.draws % rank.world_size() } else { 0 },
            }),
            weights: weights(members, &exposure, done),
            clip_acts: exposure.clip_acts,
            clipped_clusters: clipped().count() as u64,
            clipped_documents: clipped().map(|cluster| cluster.size).sum(),
            first_clip: clipped().filter_map(|cluster| cluster.clip_position).min(),
            own_clips: options.weights.has_clips(),
            raised_positions: exposure.draws.saturating_sub(limit),
            expected: exposure.expected,
            coverage: exposure.coverage,
            effective_clusters: exposure.effective_clusters,
            random: Random { coverage: random.coverage, effective_clusters: random.effective_clusters },
            topics: done.topics,
            in_tokens: in_tokens(&exposure, &random, done.tokens.as_deref()),
        });
        let weighted = exposure.clusters.iter().any(|cluster| cluster.weight != 1.0);
        let shown = |cluster: &ClusterExposure| Cluster {
            cluster: cluster.cluster,
            name: names.and_then(|names| names.get(cluster.cluster as usize).cloned()),
            documents: cluster.size,
            weight: weighted.then_some(cluster.weight),
            draws: Some(cluster.draws),
            epochs: Some(cluster.epochs),
            keywords: Vec::new(),
            example: None,
        };
        (self.largest, self.smallest) = ends(exposure.clusters.iter().map(shown).collect());
        if done.weighed.as_ref().is_some_and(Weighed::compares) {
            self.raised = most_raised(&exposure.clusters).into_iter().map(shown).collect();
        }
    }

    /// The clusters that are shown.
    pub fn shown_clusters(&self) -> Vec<u32> {
        let mut told = BTreeSet::new();
        let all = self.largest.iter().chain(&self.smallest).chain(&self.raised);
        all.map(|cluster| cluster.cluster).filter(|&cluster| told.insert(cluster)).collect()
    }

    /// Adds what the shown clusters are about.
    pub fn about(&mut self, clusters: &[u32], about: Vec<About>) {
        let about: BTreeMap<u32, About> = clusters.iter().copied().zip(about).collect();
        for cluster in self.largest.iter_mut().chain(&mut self.smallest).chain(&mut self.raised) {
            if let Some(About { keywords, example }) = about.get(&cluster.cluster) {
                (cluster.keywords, cluster.example) = (keywords.clone(), Some(example.clone()));
            }
        }
    }
}

/// Files by kind.
fn files(kinds: &BTreeMap<String, FileCounts>) -> BTreeMap<String, Files> {
    let files = |counts: &FileCounts| Files {
        count: counts.count.0,
        bytes: counts.bytes.0,
        first: counts.first.clone(),
    };
    kinds.iter().map(|(kind, counts)| (kind.clone(), files(counts))).collect()
}

/// The largest and the smallest of clusters that are not empty; the lower index first on ties.
fn ends(mut clusters: Vec<Cluster>) -> (Vec<Cluster>, Vec<Cluster>) {
    clusters.sort_by_key(|cluster| (std::cmp::Reverse(cluster.documents), cluster.cluster));
    let rest = clusters.split_off(clusters.len().min(SHOWN));
    let skip = rest.len().saturating_sub(SHOWN);
    (clusters, rest.into_iter().skip(skip).collect())
}

/// The clusters of the largest weights over the mean, the lower index first on ties.
fn most_raised(clusters: &[ClusterExposure]) -> Vec<&ClusterExposure> {
    let mut raised: Vec<_> = clusters.iter().filter(|cluster| cluster.weight > 1.0).collect();
    raised.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    raised.truncate(RAISED);
    raised
}

/// The weights of an order, and what those of 0 leave out; `None` for random.
fn weights(members: &Members, exposure: &Exposure, done: &Sampled) -> Option<Weights> {
    let weighed = done.weighed.as_ref()?;
    let there = members.sizes().iter().filter(|&&size| size > 0).count();
    Some(Weights {
        rule: weighed.name(),
        file: match &weighed.from {
            WeightsFrom::File(path) => Some(path.display().to_string()),
            WeightsFrom::Rule(_) => None,
        },
        temperature: weighed.temperature.map(Temperature::get),
        groups: weighed.groups,
        even_in: weighed.even_in.name(),
        why: weighed.why.name(),
        left_out_clusters: (there - exposure.clusters.len()) as u64,
        left_out_documents: done.sampler.n_left_out(),
    })
}

/// What drawing as many documents at random would give.
fn random(members: &Members, settings: &SampleSettings, exposure: &Exposure) -> Exposure {
    let options = Options {
        strategy: Strategy::Random,
        seed: settings.options.seed,
        budget: Budget::Documents(exposure.draws),
        ..Options::default()
    };
    // Random has no end, and this budget has passed the checks once.
    Sampler::new(members.sizes(), options).map_or(exposure.clone(), |sampler| sampler.exposure())
}

/// Both, weighed by the tokens of each cluster.
fn in_tokens(exposure: &Exposure, random: &Exposure, tokens: Option<&[u64]>) -> Option<InTokens> {
    let (drawn, random) = (exposure.in_tokens(tokens?)?, random.in_tokens(tokens?)?);
    Some(InTokens {
        tokens: drawn.tokens,
        effective_clusters: drawn.effective_clusters,
        random_effective_clusters: random.effective_clusters,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_and_the_smallest_are_shown_once() {
        let cluster = |(cluster, documents)| Cluster {
            cluster,
            name: None,
            documents,
            weight: None,
            draws: None,
            epochs: None,
            keywords: Vec::new(),
            example: None,
        };
        let shown = |sizes: &[u64]| {
            let (largest, smallest) = ends((0..).zip(sizes.iter().copied()).map(cluster).collect());
            let indices = |clusters: Vec<Cluster>| clusters.iter().map(|c| c.cluster).collect::<Vec<_>>();
            (indices(largest), indices(smallest))
        };
        assert_eq!(shown(&[1, 2, 3]), (vec![2, 1, 0], vec![]));
        assert_eq!(shown(&[1, 2, 2, 4, 5, 6, 7]), (vec![6, 5, 4, 3, 1], vec![2, 0]));
        assert_eq!(shown(&[9; 12]), (vec![0, 1, 2, 3, 4], vec![7, 8, 9, 10, 11]));
    }
}
