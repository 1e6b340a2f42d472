//! clusterclip in the browser: K-Means on a GPU. Rows come over from the module that holds them, block by block.

#![cfg(target_arch = "wasm32")]

use std::cell::RefCell;
use std::rc::Rc;

use clusterclip_core::kmeans::cluster;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::rows::{RowSource, SourceError};
use clusterclip_shaders::gpu::{Wanted, adapters, choose};
use clusterclip_shaders::kmeans::{GpuBackend, Options};
use clusterclip_web_border::facts::Facts;
use clusterclip_web_border::watch::{Watch, Watching};
use clusterclip_web_border::{error, params};
use js_sys::{Float32Array, Int8Array, Int32Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

#[wasm_bindgen(typescript_custom_section)]
const TYPE: &str = r#"
/** Rows that lie elsewhere: `read` writes whole rows from row `start` on to `out`. */
export interface RowReader { read(start: number, out: Float32Array): void }

/** What K-Means found: the parts of the `Clustering` of the other module. */
export interface GpuClustering {
  labels: Int32Array;
  centroids: Float32Array;
  values: Int8Array;
  biases: Int32Array;
  similarity: Float32Array;
  facts: string;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// Rows that lie elsewhere.
    #[wasm_bindgen(typescript_type = "RowReader")]
    pub type RowReader;

    #[wasm_bindgen(method, catch)]
    fn read(this: &RowReader, start: f64, out: &Float32Array) -> Result<(), JsValue>;
}

/// Rows of the other module.
struct ForeignRows {
    reader: RowReader,
    n_samples: usize,
    n_features: usize,
}

impl RowSource for ForeignRows {
    fn n_samples(&self) -> u64 {
        self.n_samples as u64
    }

    fn n_features(&self) -> usize {
        self.n_features
    }

    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), SourceError> {
        // SAFETY: the view is used and dropped before this memory can grow or `out` is used again.
        let view = unsafe { Float32Array::view_mut_raw(out.as_mut_ptr(), out.len()) };
        self.reader.read(start as f64, &view).map_err(|error| {
            let error = error.dyn_into::<js_sys::Error>();
            error.map_or_else(
                |_| "the rows cannot be read".into(),
                |error| String::from(error.message()).into(),
            )
        })
    }
}

/// An open GPU.
#[wasm_bindgen]
pub struct Gpu {
    /// Taken while a run is in progress: nothing is borrowed across an await.
    backend: Rc<RefCell<Option<GpuBackend>>>,
    name: String,
    is_software: bool,
}

#[wasm_bindgen]
impl Gpu {
    /// Opens the adapter that the browser offers, software ones too, and makes it show that its integers are right. It is
    /// called `name` where the browser does not describe it.
    pub async fn open(name: String, watch: Watch) -> Result<Gpu, JsValue> {
        let watching = Watching::new(watch);
        let adapter = choose(adapters().await, &Wanted::Any).map_err(error::js)?;
        let adapter = adapter.or_named(&name);
        let is_software = adapter.is_software();
        let cancel = watching.cancel();
        let backend = GpuBackend::new(adapter, Options::default(), &cancel).await.map_err(error::js)?;
        let name = backend.gpu().adapter().info().name.clone();
        Ok(Self { backend: Rc::new(RefCell::new(Some(backend))), name, is_software })
    }

    /// The adapter's name.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.name.clone()
    }

    /// Whether it is software on the CPU.
    #[wasm_bindgen(getter, js_name = isSoftware)]
    pub fn is_software(&self) -> bool {
        self.is_software
    }

    /// Clusters rows; parameters are JSON.
    #[wasm_bindgen(unchecked_return_type = "Promise<GpuClustering>")]
    pub fn cluster(
        &self,
        rows: RowReader,
        n_samples: usize,
        n_features: usize,
        featureless: Option<Vec<u8>>,
        params: &str,
        watch: Watch,
    ) -> Result<Promise, JsValue> {
        let params = params::kmeans(params)?;
        let Some(mut backend) = self.backend.take() else {
            let text = "this GPU is clustering already: wait for that run to end";
            return Err(error::usage(text));
        };
        let (cell, name) = (Rc::clone(&self.backend), self.name.clone());
        Ok(future_to_promise(async move {
            let watching = Watching::new(watch);
            let source = ForeignRows { reader: rows, n_samples, n_features };
            let flags: Option<Vec<bool>> =
                featureless.map(|bytes| bytes.into_iter().map(|byte| byte != 0).collect());
            let sink = |event| watching.tell(event);
            let monitor = Monitor::new(&sink, watching.cancel());
            let found = cluster(&source, flags.as_deref(), &params, &mut backend, &monitor).await;
            let device = format!("{name}, {}", backend.plan());
            cell.replace(Some(backend));
            let found = found.map_err(error::js)?;
            let parts = Object::new();
            let set = |name: &str, part: JsValue| Reflect::set(&parts, &name.into(), &part);
            set("labels", Int32Array::from(&found.labels[..]).into())?;
            set("centroids", Float32Array::from(&found.centroids[..]).into())?;
            set("values", Int8Array::from(found.quantized.values()).into())?;
            set("biases", Int32Array::from(found.quantized.biases()).into())?;
            set("similarity", Float32Array::from(&found.similarity[..]).into())?;
            set("facts", Facts::of(&found, n_features, device).json().into())?;
            Ok(parts.into())
        }))
    }
}
