//! The training order.

use std::rc::Rc;

use clusterclip_core::error::{Names, Param};
use clusterclip_core::format::npy::Dtype;
use clusterclip_core::monitor::{Event, Stage};
use clusterclip_core::sampler::{
    Budget, Choice, Draw, Exposure, Members, Options, ParseError, Sampler as Order, documents_for_tokens,
    parse_count, parse_tokens,
};
use clusterclip_web_border::watch::{Watch, Watching};
use clusterclip_web_border::{error, params};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::documents::Documents;
use crate::lines::Lines;
use crate::npy::file;
use crate::walk::Walk;

/// Draws that are turned into rows between two looks at the cancel flag.
const BLOCK: usize = 1 << 16;

/// What JavaScript may say; what it leaves out has the core's default.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Said {
    strategy: Option<String>,
    choice: Option<String>,
    clip: Option<u64>,
    when_exhausted: Option<String>,
    seed: Option<String>,
    epochs: Option<String>,
    documents: Option<String>,
    tokens: Option<String>,
}

/// An order and, where labels were given, the rows behind its draws.
#[wasm_bindgen]
pub struct Sampler {
    order: Rc<Order>,
    members: Option<Rc<Members>>,
}

/// What a sampler made from labels calls a parameter: its counts are an option of their own.
fn names(param: Param) -> String {
    match param {
        Param::TokenField => "tokenCounts".to_owned(),
        _ => error::names(param),
    }
}

/// Reads the options; a budget in tokens is given beside them.
fn options(json: &str) -> Result<(Options, Option<u64>), JsValue> {
    let said: Said = params::read(json)?;
    let mut options = Options { clip: said.clip, seed: params::seed(said.seed)?, ..Options::default() };
    let parse = || -> Result<_, ParseError> {
        if let Some(name) = &said.strategy {
            options.strategy = name.parse()?;
        }
        if let Some(name) = &said.choice {
            options.choice = name.parse()?;
        }
        if let Some(name) = &said.when_exhausted {
            options.when_exhausted = name.parse()?;
        }
        if let Some(epochs) = &said.epochs {
            options.budget = Budget::Epochs(epochs.parse()?);
        }
        if let Some(documents) = &said.documents {
            options.budget = Budget::Documents(parse_count(Param::Documents, documents)?);
        }
        let tokens = said.tokens.as_deref().map(parse_tokens).transpose()?;
        Ok((options, tokens))
    };
    let budgets = [&said.epochs, &said.documents, &said.tokens];
    if budgets.into_iter().flatten().count() > 1 {
        let text = "give one budget only: epochs, documents or tokens";
        return Err(error::usage(text));
    }
    parse().map_err(error::js)
}

#[wasm_bindgen]
impl Sampler {
    /// An order over clusters of so many documents each.
    #[wasm_bindgen(js_name = fromSizes)]
    pub fn from_sizes(sizes: &[f64], json: &str) -> Result<Sampler, JsValue> {
        let (options, tokens) = options(json)?;
        if tokens.is_some() {
            let text = "a budget in tokens needs labels and the token count of each document";
            return Err(error::usage(text));
        }
        let sizes: Vec<u64> = sizes.iter().map(|&size| size as u64).collect();
        let order = Order::new(&sizes, options).map_err(error::js)?;
        Ok(Self { order: Rc::new(order), members: None })
    }

    /// An order over documents of those clusters, −1 for none. `tokens` holds a count a document, NaN where it is not
    /// known; only a budget in tokens needs it, and may take its time. `are_read` says that the documents were read, and
    /// their counts with them.
    #[wasm_bindgen(js_name = fromLabels)]
    pub fn from_labels(
        labels: &[i32],
        json: &str,
        tokens: Option<Vec<f64>>,
        watch: Watch,
        are_read: bool,
    ) -> Result<Sampler, JsValue> {
        let watching = Watching::new(watch);
        let (mut options, budget) = options(json)?;
        let members = Members::from_labels(labels).map_err(error::js)?;
        if let Some(budget) = budget {
            let count = |row: u64| {
                let count = tokens.as_ref().and_then(|tokens| tokens.get(row as usize));
                count.filter(|count| !count.is_nan()).map(|&count| count as u32)
            };
            let draws =
                watching.with(|monitor| documents_for_tokens(&members, &options, budget, count, monitor));
            let names: Names = if are_read { error::names } else { names };
            options.budget = Budget::Documents(draws.map_err(|failed| error::renamed(failed, names))?);
        }
        let order = Order::new(members.sizes(), options).map_err(error::js)?;
        Ok(Self { order: Rc::new(order), members: Some(Rc::new(members)) })
    }

    /// Draws in the order.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> f64 {
        self.order.len() as f64
    }

    /// Clustered documents.
    #[wasm_bindgen(getter, js_name = nDocuments)]
    pub fn n_documents(&self) -> f64 {
        self.order.n_documents() as f64
    }

    /// The clip in force, if there is one.
    #[wasm_bindgen(getter)]
    pub fn clip(&self) -> Option<f64> {
        self.order.clip().map(|clip| clip as f64)
    }

    /// What a person should know, as JSON.
    pub fn warnings(&self) -> String {
        let said: Vec<String> =
            self.order.warnings().iter().map(|warning| warning.said(error::names)).collect();
        serde_json::to_string(&said).unwrap_or_default()
    }

    /// The draw at a position: cluster (−1 with random), member, repetition, row (−1 without labels).
    pub fn at(&self, position: f64) -> Result<Vec<f64>, JsValue> {
        let draw = self.order.at(position as u64).map_err(error::js)?;
        Ok(four(&draw, self.members.as_deref()).to_vec())
    }

    /// The draws at `start`, `start + stride`, …, four numbers each as of [`at`](Self::at): `count` of them, or as many as
    /// there are.
    pub fn draws(&self, start: f64, stride: f64, count: usize) -> Result<Vec<f64>, JsValue> {
        let draws = self.fill(start, stride, count)?;
        Ok(fours(&draws, self.members.as_deref()))
    }

    /// The document rows of the same draws.
    pub fn rows(&self, start: f64, stride: f64, count: usize) -> Result<Vec<u64>, JsValue> {
        let members = self.members()?;
        let draws = self.fill(start, stride, count)?;
        let mut rows = vec![0; draws.len()];
        members.rows(&draws, &mut rows);
        Ok(rows)
    }

    /// A walk along one rank's share, from the beginning or from a saved state.
    pub fn walk(
        &self,
        state: Option<String>,
        rank: f64,
        world_size: f64,
        drop_last: bool,
    ) -> Result<Walk, JsValue> {
        let ranks = (rank as u64, world_size as u64, drop_last);
        Walk::new(Rc::clone(&self.order), self.members.clone(), state, ranks)
    }

    /// What the budget does to every cluster, as JSON.
    pub fn exposure(&self) -> String {
        serde_json::to_string(&Exposed::of(&self.order.exposure())).unwrap_or_default()
    }

    /// The file order.npy.
    #[wasm_bindgen(js_name = orderNpy)]
    pub fn order_npy(&self, watch: Watch) -> Result<Vec<u8>, JsValue> {
        let watching = Watching::new(watch);
        let members = self.members()?;
        let (stage, total) = (Stage::Sample, self.order.len());
        let len = usize::try_from(total).ok().filter(|&len| len <= MAX_ORDER).ok_or_else(|| {
            let said = format!(
                "an order of {total} positions does not fit memory here; make it on the command line"
            );
            error::memory(&said)
        })?;
        watching.tell(Event::Started { stage, total: Some(total), unit: "positions" });
        let mut rows = vec![0; len];
        let mut draws = self.order.iter();
        let mut done = 0;
        for block in rows.chunks_mut(BLOCK) {
            watching.cancel().check().map_err(error::js)?;
            done += draws.fill_rows(members, block) as u64;
            watching.tell(Event::Progress { stage, done });
        }
        watching.tell(Event::Finished { stage });
        Ok(file(Dtype::U64, &[total], bytemuck::cast_slice(&rows)))
    }

    /// The documents in order as JSON lines, piece by piece: those whose labels made the sampler.
    pub fn lines(&self, labels: Vec<i32>, documents: &Documents, watch: Watch) -> Result<Lines, JsValue> {
        let members = self.members.clone().ok_or_else(no_labels)?;
        let walk = || Walk::new(Rc::clone(&self.order), Some(Rc::clone(&members)), None, (0, 1, false));
        Lines::new(walk, labels, documents, watch)
    }
}

/// Most positions of an order that is made in memory: 1 GiB, twice while it is handed over.
const MAX_ORDER: usize = 1 << 26;

impl Sampler {
    fn members(&self) -> Result<&Members, JsValue> {
        self.members.as_deref().ok_or_else(no_labels)
    }

    fn fill(&self, start: f64, stride: f64, count: usize) -> Result<Vec<Draw>, JsValue> {
        let (start, stride) = (start as u64, stride as u64);
        let left = self.order.len().saturating_sub(start).div_ceil(stride.max(1));
        let mut draws = vec![Draw::default(); count.min(usize::try_from(left).unwrap_or(usize::MAX))];
        // Without random access only the walk from the beginning is there.
        let filled = if self.order.options().choice == Choice::Independent && (start, stride) == (0, 1) {
            self.order.iter().fill(&mut draws)
        } else {
            self.order.fill(start, stride, &mut draws).map_err(error::js)?
        };
        draws.truncate(filled);
        Ok(draws)
    }
}

fn no_labels() -> JsValue {
    error::usage("a sampler made from sizes knows no document rows; make it from labels")
}

/// A draw as numbers: all of them stay under 2^53.
fn four(draw: &Draw, members: Option<&Members>) -> [f64; 4] {
    let cluster = draw.cluster.map_or(-1.0, f64::from);
    let row = members.map_or(-1.0, |members| members.row(draw) as f64);
    [cluster, draw.member as f64, draw.repetition as f64, row]
}

/// Draws as numbers, four each.
pub fn fours(draws: &[Draw], members: Option<&Members>) -> Vec<f64> {
    draws.iter().flat_map(|draw| four(draw, members)).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exposed {
    strategy: &'static str,
    expected: bool,
    draws: u64,
    documents: u64,
    clip: Option<u64>,
    clip_acts: bool,
    coverage: f64,
    effective_clusters: f64,
    clusters: Vec<ExposedCluster>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExposedCluster {
    cluster: u32,
    size: u64,
    draws: f64,
    epochs: f64,
    clip_position: Option<u64>,
}

impl Exposed {
    fn of(exposure: &Exposure) -> Self {
        let clusters = exposure.clusters.iter().map(|cluster| ExposedCluster {
            cluster: cluster.cluster,
            size: cluster.size,
            draws: cluster.draws,
            epochs: cluster.epochs,
            clip_position: cluster.clip_position,
        });
        Self {
            strategy: exposure.strategy.name(),
            expected: exposure.expected,
            draws: exposure.draws,
            documents: exposure.documents,
            clip: exposure.clip,
            clip_acts: exposure.clip_acts,
            coverage: exposure.coverage,
            effective_clusters: exposure.effective_clusters,
            clusters: clusters.collect(),
        }
    }
}
