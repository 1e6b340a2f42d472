//! The training order.

use std::rc::Rc;

use clusterclip_core::format::npy::Dtype;
use clusterclip_core::monitor::{Event, Monitor, Stage};
use clusterclip_core::sampler::{Choice, Draw, Members, Sampler as Order};
use clusterclip_core::weighing::Geometry;
use clusterclip_web_border::error;
use clusterclip_web_border::watch::{Watch, Watching};
use wasm_bindgen::prelude::*;

use crate::asked::Asked;
use crate::documents::Documents;
use crate::exposed;
use crate::lines::Lines;
use crate::npy::file;
use crate::order::{Clusters, Known, Weighted, without_documents};
use crate::walk::Walk;

/// Draws that are turned into rows between two looks at the cancel flag.
const BLOCK: usize = 1 << 16;

/// An order and, where labels were given, the rows behind its draws.
#[wasm_bindgen]
pub struct Sampler {
    weighted: Weighted,
    members: Option<Rc<Members>>,
}

/// Checks options of an order over so many rows without documents, before the clusters are known that they weigh.
#[wasm_bindgen(js_name = checkOrder)]
pub fn check_order(rows: f64, json: &str) -> Result<(), JsValue> {
    let asked = Asked::read(json)?;
    without_documents(&asked)?;
    match asked.has_clips() {
        // How long it may be, these decide.
        true => asked.check_clips(),
        false => Order::new(&[rows as u64], asked.options).map(drop).map_err(error::js),
    }
}

#[wasm_bindgen]
impl Sampler {
    /// An order over clusters of so many documents each.
    #[wasm_bindgen(js_name = fromSizes)]
    pub fn from_sizes(sizes: &[f64], json: &str) -> Result<Sampler, JsValue> {
        let sizes: Vec<u64> = sizes.iter().map(|&size| size as u64).collect();
        let clusters = Clusters { n_clusters: sizes.len(), sizes, geometry: Geometry::Labels };
        let asked = Asked::read(json)?;
        let weighted = clusters.order(&asked, None, false, &Monitor::silent(), || Ok(None))?;
        Ok(Self { weighted, members: None })
    }

    /// An order over documents of those clusters, −1 for none. `tokens` and `scores` hold a number a document, NaN
    /// where it is not known; only some options need them.
    #[wasm_bindgen(js_name = fromLabels)]
    pub fn from_labels(
        labels: &[i32],
        json: &str,
        tokens: Option<Vec<f64>>,
        scores: Option<Vec<f64>>,
        watch: Watch,
    ) -> Result<Sampler, JsValue> {
        let watching = Watching::new(watch);
        let mut members = Members::from_labels(labels).map_err(error::js)?;
        let known = Known { tokens, scores, are_read: false };
        let (sizes, geometry) = (members.sizes().to_vec(), Geometry::Labels);
        let clusters = Clusters { n_clusters: sizes.len(), sizes, geometry };
        let asked = Asked::read(json)?;
        let weighted = watching.with(|monitor| {
            clusters.order(&asked, Some((&mut members, &known)), false, monitor, || Ok(None))
        })?;
        Ok(Self::new(weighted, members))
    }

    /// Draws in the order.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> f64 {
        self.weighted.order.len() as f64
    }

    /// Clustered documents.
    #[wasm_bindgen(getter, js_name = nDocuments)]
    pub fn n_documents(&self) -> f64 {
        self.weighted.order.n_documents() as f64
    }

    /// The clip in force, if there is one.
    #[wasm_bindgen(getter)]
    pub fn clip(&self) -> Option<f64> {
        self.weighted.order.clip().map(|clip| clip as f64)
    }

    /// What a person should know, as JSON.
    pub fn warnings(&self) -> String {
        serde_json::to_string(&exposed::warnings(&self.weighted)).unwrap_or_default()
    }

    /// The draw at a position: cluster (−1 with random), member, repetition, row (−1 without labels).
    pub fn at(&self, position: f64) -> Result<Vec<f64>, JsValue> {
        let draw = self.weighted.order.at(position as u64).map_err(error::js)?;
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
        Walk::new(Rc::clone(&self.weighted.order), self.members.clone(), state, ranks)
    }

    /// What the budget does to every cluster, as JSON.
    pub fn exposure(&self) -> String {
        exposed::json(&self.weighted)
    }

    /// The file order.npy.
    #[wasm_bindgen(js_name = orderNpy)]
    pub fn order_npy(&self, watch: Watch) -> Result<Vec<u8>, JsValue> {
        let watching = Watching::new(watch);
        let members = self.members()?;
        let (stage, total) = (Stage::Sample, self.weighted.order.len());
        let len = usize::try_from(total).ok().filter(|&len| len <= MAX_ORDER).ok_or_else(|| {
            let said = format!(
                "an order of {total} positions does not fit memory here; make it on the command line"
            );
            error::memory(&said)
        })?;
        watching.tell(Event::Started { stage, total: Some(total), unit: "positions" });
        let mut rows = vec![0; len];
        let mut draws = self.weighted.order.iter();
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
        let walk =
            || Walk::new(Rc::clone(&self.weighted.order), Some(Rc::clone(&members)), None, (0, 1, false));
        Lines::new(walk, labels, documents, watch)
    }
}

/// Most positions of an order that is made in memory: 1 GiB, twice while it is handed over.
const MAX_ORDER: usize = 1 << 26;

impl Sampler {
    /// Joins an order and the documents of its clusters.
    pub fn new(weighted: Weighted, members: Members) -> Self {
        Self { weighted, members: Some(Rc::new(members)) }
    }

    fn members(&self) -> Result<&Members, JsValue> {
        self.members.as_deref().ok_or_else(no_labels)
    }

    fn fill(&self, start: f64, stride: f64, count: usize) -> Result<Vec<Draw>, JsValue> {
        let (start, stride) = (start as u64, stride as u64);
        let left = self.weighted.order.len().saturating_sub(start).div_ceil(stride.max(1));
        let mut draws = vec![Draw::default(); count.min(usize::try_from(left).unwrap_or(usize::MAX))];
        // Without random access only the walk from the beginning is there.
        let filled =
            if self.weighted.order.options().choice == Choice::Independent && (start, stride) == (0, 1) {
                self.weighted.order.iter().fill(&mut draws)
            } else {
                self.weighted.order.fill(start, stride, &mut draws).map_err(error::js)?
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
