//! Static tables: the row of a text is the mean of its tokens' rows.

use crate::config::{MODEL2VEC, TableConfig};
use crate::error::ModelError;
use crate::gemm::Kernel;
use crate::lanes;
use crate::weights::Weights;

/// The names a matrix has in the published files: model2vec, then WordLlama and StaticEmbedding.
const NAMES: [&str; 3] = [MODEL2VEC, "embedding.weight", "0.embedding.weight"];

/// Rows that are summed in f32 before they join a sum in f64: rounding does not grow with the text.
const RUN: usize = 256;

/// A tokenizer's matrix.
pub(crate) struct Table {
    kernel: Kernel,
    pub width: usize,
    rows: Vec<f32>,
    /// The row of each token, where that is not its id.
    mapping: Option<Vec<u32>>,
    /// What each token's row counts.
    weights: Option<Vec<f32>>,
}

impl Table {
    /// The name of the matrix, if this file holds one of a static table.
    pub fn matrix(weights: &Weights<'_>) -> Option<&'static str> {
        NAMES.into_iter().find(|name| weights.has(name))
    }

    /// Takes the matrix, and the mapping and weights where there are any.
    pub fn load(config: TableConfig, weights: &Weights<'_>) -> Result<Self, ModelError> {
        let Some(name) = Self::matrix(weights) else {
            let reason = format!(
                "a static table holds a matrix by one of these names, and this file has none: {NAMES:?}"
            );
            return Err(ModelError::file("model.safetensors", reason));
        };
        let shape = weights.shape(name)?;
        let &[count, width] = &shape[..] else {
            return Err(ModelError::tensor(name, format!("its shape is {shape:?}; a matrix is wanted")));
        };
        if count == 0 || width == 0 {
            return Err(ModelError::tensor(name, "it is empty"));
        }
        let rows = weights.get(name, &shape)?;
        let (mut mapping, mut factors) = (None, None);
        if config.model2vec && weights.has("mapping") {
            let inside = |&row: &i64| u32::try_from(row).ok().filter(|&row| (row as usize) < count);
            let found: Option<Vec<u32>> = weights.integers("mapping")?.iter().map(inside).collect();
            let outside =
                || ModelError::tensor("mapping", format!("it names rows outside of the {count} there are"));
            mapping = Some(found.ok_or_else(outside)?);
        }
        if config.model2vec && weights.has("weights") {
            factors = Some(weights.get("weights", &weights.shape("weights")?)?);
        }
        Ok(Self { kernel: Kernel::best(), width, rows, mapping, weights: factors })
    }

    /// Names the kernel to add with.
    pub fn set_kernel(&mut self, kernel: Kernel) {
        self.kernel = kernel;
    }

    /// How many tokens have a row.
    pub fn vocabulary(&self) -> usize {
        let rows = self.mapping.as_ref().map_or(self.rows.len() / self.width, Vec::len);
        self.weights.as_ref().map_or(rows, |weights| weights.len().min(rows))
    }

    /// Writes the sum of the tokens' rows, in their order; it has the direction of their mean.
    pub fn sum(&self, ids: &[u32], out: &mut [f32]) {
        let kernel = self.kernel;
        let mut whole = vec![0.0f64; self.width];
        for run in ids.chunks(RUN) {
            out.fill(0.0);
            for &id in run {
                let id = id as usize;
                let row = self.mapping.as_ref().map_or(id, |mapping| mapping[id] as usize);
                let row = &self.rows[row * self.width..][..self.width];
                match &self.weights {
                    None => lanes::add(kernel, out, row),
                    Some(weights) => lanes::add_scaled(kernel, out, row, weights[id]),
                }
            }
            whole.iter_mut().zip(&*out).for_each(|(whole, &part)| *whole += f64::from(part));
        }
        out.iter_mut().zip(whole).for_each(|(out, whole)| *out = whole as f32);
    }
}
