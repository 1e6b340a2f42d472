//! Labels and what goes with them.

use std::borrow::Cow;

use clusterclip_core::format::assignments::{Assignment, Table};
use clusterclip_core::format::npy::Dtype;
use clusterclip_core::keywords::Chosen;
use clusterclip_core::kmeans::{self, Centroids};
use clusterclip_core::monitor::{Event, Monitor, Stage};
use clusterclip_core::nearest::nearest;
use clusterclip_core::sampler::Members;
use clusterclip_core::topics::Spread;
use clusterclip_core::weighing::{Compared, Geometry};
use clusterclip_web_border::facts::Facts;
use clusterclip_web_border::watch::{Watch, Watching};
use clusterclip_web_border::{error, params};
use wasm_bindgen::prelude::*;

use crate::asked::Asked;
use crate::documents::Documents;
use crate::npy::file;
use crate::order::{Clusters, Known};
use crate::sampler::Sampler;

/// Rows of a table that are written between two looks at the cancel flag: some milliseconds.
const ROWS: usize = 1 << 14;

/// What K-Means found.
#[wasm_bindgen]
pub struct Clustering {
    labels: Vec<i32>,
    centroids: Vec<f32>,
    quantized: Centroids,
    similarity: Vec<f32>,
    facts: Facts,
    /// The clusters compared, once that was of use.
    compared: Option<Compared>,
}

#[wasm_bindgen]
impl Clustering {
    /// Takes what the module for GPUs found.
    #[wasm_bindgen(js_name = fromParts)]
    pub fn from_parts(
        labels: Vec<i32>,
        centroids: Vec<f32>,
        values: Vec<i8>,
        biases: Vec<i32>,
        similarity: Vec<f32>,
        facts: &str,
    ) -> Result<Clustering, JsValue> {
        let facts: Facts = params::read(facts)?;
        let quantized = Centroids::from_parts(facts.n_features, values, biases).map_err(error::js)?;
        Ok(Self { labels, centroids, quantized, similarity, facts, compared: None })
    }

    /// An order over the documents: `tokens` and `scores` hold a number for each, NaN where it is not known, and `are_read`
    /// says that they were read with the documents. Rows that carry meaning have other weights by default, and topics,
    /// which `tells_topics` asks for.
    #[expect(clippy::too_many_arguments, reason = "JavaScript hands them over one by one")]
    pub fn sampler(
        &mut self,
        json: &str,
        tokens: Option<Vec<f64>>,
        scores: Option<Vec<f64>>,
        are_read: bool,
        carry_meaning: bool,
        tells_topics: bool,
        watch: Watch,
    ) -> Result<Sampler, JsValue> {
        let watching = Watching::new(watch);
        let asked = Asked::read(json)?;
        let mut members = Members::from_labels(&self.labels).map_err(error::js)?;
        let (sizes, n_clusters) = (members.sizes().to_vec(), self.facts.clusters);
        let geometry = if carry_meaning { Geometry::Meaning } else { Geometry::Lexical };
        let clusters = Clusters { sizes, n_clusters, geometry };
        let known = Known { tokens, scores, are_read };
        let (own, sizes) = (&mut *self, &clusters.sizes);
        let weighted = watching.with(|monitor| {
            let documents = Some((&mut members, &known));
            clusters.order(&asked, documents, tells_topics, monitor, move || {
                own.compared(sizes, monitor).map(Some)
            })
        })?;
        Ok(Sampler::new(weighted, members))
    }

    /// Joins clusters that are alike to so many groups, as JSON: the lowest cluster of the group of each, null for an empty
    /// one.
    pub fn groups(&mut self, count: Option<f64>, watch: Watch) -> Result<String, JsValue> {
        let watching = Watching::new(watch);
        let members = Members::from_labels(&self.labels).map_err(error::js)?;
        let clusters = self.facts.clusters;
        let found = watching.with(|monitor| {
            let compared = self.compared(members.sizes(), monitor)?;
            compared.groups(count.map(|count| count as u64), monitor).map_err(error::js)
        })?;
        let of: Vec<Option<u32>> = (0..clusters).map(|cluster| found.of(cluster)).collect();
        Ok(serde_json::to_string(&of).unwrap_or_default())
    }

    /// All but the arrays, as JSON.
    pub fn facts(&self) -> String {
        self.facts.json()
    }

    /// The cluster of each document, −1 for none.
    pub fn labels(&self) -> Vec<i32> {
        self.labels.clone()
    }

    /// Centroids of unit norm, shape `(n_clusters, n_features)`.
    pub fn centroids(&self) -> Vec<f32> {
        self.centroids.clone()
    }

    /// The cosine of each row with its centroid.
    pub fn similarity(&self) -> Vec<f32> {
        self.similarity.clone()
    }

    /// The file labels.npy.
    #[wasm_bindgen(js_name = labelsNpy)]
    pub fn labels_npy(&self) -> Vec<u8> {
        file(Dtype::I32, &[self.labels.len() as u64], bytemuck::cast_slice(&self.labels))
    }

    /// The file centroids.npy.
    #[wasm_bindgen(js_name = centroidsNpy)]
    pub fn centroids_npy(&self) -> Vec<u8> {
        let shape = [self.facts.clusters as u64, self.facts.n_features as u64];
        file(Dtype::F32, &shape, bytemuck::cast_slice(&self.centroids))
    }

    /// For each cluster at most `most` rows, the nearest to its centroid first, as JSON.
    pub fn nearest(&self, most: usize) -> String {
        let found = nearest(&self.labels, &self.similarity, self.facts.clusters, most);
        serde_json::to_string(&found).unwrap_or_default()
    }

    /// For each cluster at most `top` words that mark it, as JSON.
    pub fn keywords(&self, documents: &Documents, top: usize, watch: Watch) -> Result<String, JsValue> {
        let watching = Watching::new(watch);
        let members = Members::from_labels(&self.labels).map_err(error::js)?;
        // The last clusters may be empty, and are then none of the members'.
        let clusters: Vec<u32> = (0..members.sizes().len() as u32).collect();
        let text = |row: u64| documents.found.text(row as usize);
        let words = Chosen::of(&members, &clusters).keywords(text, top, &watching.cancel());
        let mut words = words.map_err(error::js)?;
        words.resize(self.facts.clusters, Vec::new());
        Ok(serde_json::to_string(&words).unwrap_or_default())
    }

    /// Clusters and similarities of documents as CSV.
    #[wasm_bindgen(js_name = assignmentsCsv)]
    pub fn assignments_csv(&self, documents: &Documents, watch: Watch) -> Result<Vec<u8>, JsValue> {
        let documents = &documents.found;
        self.csv(documents.source(), |row| (documents.id(row), documents.tokens(row)), watch)
    }

    /// Clusters and similarities of bare rows as CSV: their ids are their numbers.
    #[wasm_bindgen(js_name = rowsCsv)]
    pub fn rows_csv(&self, source: &str, watch: Watch) -> Result<Vec<u8>, JsValue> {
        self.csv(source, |row| (row.to_string().into(), None), watch)
    }
}

impl Clustering {
    /// Takes what K-Means found.
    pub fn of(found: kmeans::Clustering, facts: Facts) -> Self {
        let kmeans::Clustering { labels, centroids, quantized, similarity, .. } = found;
        Self { labels, centroids, quantized, similarity, facts, compared: None }
    }

    /// Compares the clusters, the first time that it is of use.
    fn compared(&mut self, sizes: &[u64], monitor: &Monitor<'_>) -> Result<&mut Compared, JsValue> {
        if self.compared.is_none() {
            let spread = Spread::of(&self.labels, &self.similarity, self.facts.clusters);
            let compared = spread
                .and_then(|spread| Compared::new(&self.quantized, spread, sizes, monitor))
                .map_err(error::js)?;
            self.compared = Some(compared);
        }
        Ok(self.compared.as_mut().unwrap_or_else(|| unreachable!("compared above")))
    }

    fn csv<'a>(
        &self,
        source: &str,
        of: impl Fn(usize) -> (Cow<'a, str>, Option<u32>),
        watch: Watch,
    ) -> Result<Vec<u8>, JsValue> {
        let watching = Watching::new(watch);
        let (stage, total) = (Stage::Write, Some(self.labels.len() as u64));
        watching.tell(Event::Started { stage, total, unit: "documents" });
        let mut table = Table::new();
        for (row, (&cluster, &similarity)) in self.labels.iter().zip(&self.similarity).enumerate() {
            if row % ROWS == 0 {
                watching.cancel().check().map_err(error::js)?;
                watching.tell(Event::Progress { stage, done: row as u64 });
            }
            let (id, tokens) = of(row);
            table.push(&Assignment { document: row as u64, id: &id, source, tokens, cluster, similarity });
        }
        watching.tell(Event::Finished { stage });
        Ok(table.into_bytes())
    }
}
