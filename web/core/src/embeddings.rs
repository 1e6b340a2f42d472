//! Rows: from documents, from .npy files, from arrays.

use std::cell::RefCell;

use clusterclip_core::documents;
use clusterclip_core::format::npy::{self, Dtype, Limits};
use clusterclip_core::kmeans::{Backend as _, CpuBackend, cluster, cpu::ready, default_clusters, zero_rows};
use clusterclip_core::map;
use clusterclip_core::monitor::Event;
use clusterclip_core::rows::{RowSource as _, SliceSource};
use clusterclip_web_border::facts::Facts;
use clusterclip_web_border::watch::{Watch, Watching};
use clusterclip_web_border::{error, params};
use wasm_bindgen::prelude::*;

use crate::clustering::Clustering;
use crate::npy::file;

/// Rows of shape `(n_samples, n_features)`.
#[wasm_bindgen]
pub struct Embeddings {
    rows: Vec<f32>,
    n_features: usize,
    featureless: Option<Vec<bool>>,
}

impl Embeddings {
    /// Takes rows, and which of them are zero because their document has no features.
    pub fn of(rows: Vec<f32>, n_features: usize, featureless: Option<Vec<bool>>) -> Self {
        Self { rows, n_features, featureless }
    }

    /// Takes rows of which nothing else is known: those of zeros are documents without features, of which is told.
    fn made_elsewhere(rows: Vec<f32>, n_features: usize, watch: Watch) -> Result<Self, JsValue> {
        let watching = Watching::new(watch);
        let source = SliceSource::new(&rows, n_features);
        let found = watching.with(|monitor| zero_rows(&source, None, monitor)).map_err(error::js)?;
        let told = documents::zero_rows(found.zero, source.n_samples());
        told.into_iter().for_each(|text| watching.tell(Event::Warning(text)));
        Ok(Self::of(rows, n_features, found.flags))
    }

    /// # Errors
    /// For rows without features: there is nothing to do with them.
    fn source(&self) -> Result<SliceSource<'_>, JsValue> {
        if self.n_features == 0 {
            let said = "there is nothing to cluster: no document has features (words known to the embedder)";
            return Err(error::input(said));
        }
        Ok(SliceSource::new(&self.rows, self.n_features))
    }
}

#[wasm_bindgen]
impl Embeddings {
    /// Reads the embeddings of a whole .npy file that is called `name`: float32 or float16, at most so many rows and bytes
    /// of them as float32.
    #[wasm_bindgen(js_name = fromNpy)]
    pub fn from_npy(
        bytes: &[u8],
        name: &str,
        max_rows: Option<f64>,
        max_bytes: Option<f64>,
        watch: Watch,
    ) -> Result<Embeddings, JsValue> {
        let limit = |given: Option<f64>| given.map_or(u64::MAX, |most| most as u64);
        let limits = Limits { rows: limit(max_rows), bytes: limit(max_bytes) };
        let (rows, n_features) =
            npy::embeddings(bytes, limits).map_err(|error| error::within(name, error))?;
        Self::made_elsewhere(rows, n_features, watch)
    }

    /// Takes rows, row-major, and a byte a row that is not 0 where the document has no features; without these, rows of
    /// zeros tell it.
    #[wasm_bindgen(js_name = fromRows)]
    pub fn from_rows(
        rows: Vec<f32>,
        n_features: usize,
        featureless: Option<Vec<u8>>,
        watch: Watch,
    ) -> Result<Embeddings, JsValue> {
        if n_features == 0 || !rows.len().is_multiple_of(n_features) {
            let said = format!("{} values are no whole rows of {n_features} features", rows.len());
            return Err(error::input(&said));
        }
        let Some(bytes) = featureless else { return Self::made_elsewhere(rows, n_features, watch) };
        let flags = bytes.into_iter().map(|byte| byte != 0).collect();
        Ok(Self::of(rows, n_features, Some(flags)))
    }

    /// How many rows there are.
    #[wasm_bindgen(getter, js_name = nSamples)]
    pub fn n_samples(&self) -> usize {
        match &self.featureless {
            Some(flags) => flags.len(),
            None => self.rows.len() / self.n_features,
        }
    }

    /// How many features a row has.
    #[wasm_bindgen(getter, js_name = nFeatures)]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// How many rows have none.
    #[wasm_bindgen(getter, js_name = nFeatureless)]
    pub fn n_featureless(&self) -> usize {
        self.featureless.iter().flatten().filter(|&&flag| flag).count()
    }

    /// The address of the rows in this module's memory.
    #[wasm_bindgen(getter)]
    pub fn pointer(&self) -> usize {
        self.rows.as_ptr() as usize
    }

    /// A byte a row, 1 where the document has no features; nothing where all have.
    pub fn featureless(&self) -> Option<Vec<u8>> {
        self.featureless.as_ref().map(|flags| flags.iter().map(|&flag| flag.into()).collect())
    }

    /// A copy of the rows.
    pub fn rows(&self) -> Vec<f32> {
        self.rows.clone()
    }

    /// The file embeddings.npy.
    pub fn npy(&self) -> Vec<u8> {
        let shape = [self.n_samples() as u64, self.n_features as u64];
        file(Dtype::F32, &shape, bytemuck::cast_slice(&self.rows))
    }

    /// Clusters the rows on the CPU; parameters are JSON.
    pub fn cluster(&self, params: &str, watch: Watch) -> Result<Clustering, JsValue> {
        let watching = Watching::new(watch);
        let params = params::kmeans(params)?;
        let source = self.source()?;
        let mut backend = cpu()?;
        let device = backend.name();
        let found = watching.with(|monitor| {
            ready(cluster(&source, self.featureless.as_deref(), &params, &mut backend, monitor))
        });
        CPU.set(Some(backend));
        let found = found.map_err(error::js)?;
        let facts = Facts::of(&found, self.n_features, device);
        Ok(Clustering::of(found, facts))
    }

    /// Lays the rows out in two dimensions: shape `(n_samples, 2)`, NaN for rows without features.
    pub fn map(&self, watch: Watch) -> Result<Vec<f32>, JsValue> {
        let watching = Watching::new(watch);
        let source = self.source()?;
        let found = watching.with(|monitor| map::project(&source, self.featureless.as_deref(), monitor));
        Ok(found.map_err(error::js)?.points)
    }
}

thread_local! {
    /// The CPU, once it has shown that its integers are right.
    static CPU: RefCell<Option<CpuBackend>> = const { RefCell::new(None) };
}

fn cpu() -> Result<CpuBackend, JsValue> {
    CPU.take().map_or_else(|| CpuBackend::new().map_err(error::js), Ok)
}

/// Makes the CPU show that its integers are right, which cannot be stopped half-way; without this call the first
/// clustering does it.
#[wasm_bindgen]
pub fn prepare() -> Result<(), JsValue> {
    CPU.set(Some(cpu()?));
    Ok(())
}

/// How many clusters so many documents get where nobody says.
#[wasm_bindgen(js_name = defaultClusters)]
pub fn clusters_by_default(documents: f64) -> u32 {
    default_clusters(documents as u64)
}
