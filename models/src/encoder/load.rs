//! An encoder from its tensors.

use clusterclip_core::monitor::CancelFlag;

use super::attention::slopes;
use super::{Encoder, Layer, LayerNorm, Linear, Mlp, Weights as Factor};
use crate::bytes::BytePanels;
use crate::config::EncoderConfig;
use crate::error::ModelError;
use crate::gemm::{Kernel, Panels, padded};
use crate::lanes;
use crate::options::Dtype;
use crate::weights::Weights;

impl Encoder {
    /// Takes the tensors that `config` asks for, by their published names, and refuses steps it does not know.
    pub fn load(
        config: EncoderConfig,
        weights: &Weights<'_>,
        dtype: Dtype,
        cancel: &CancelFlag,
    ) -> Result<Self, ModelError> {
        let EncoderConfig { hidden_size: width, intermediate_size: inner, alibi, .. } = config;
        let load = Load { weights, width, dtype, epsilon: config.layer_norm_eps };
        let types = weights.shape("embeddings.token_type_embeddings.weight")?.first().copied().unwrap_or(0);
        let types = weights.get("embeddings.token_type_embeddings.weight", &[types.max(1), width])?;
        let mut words = weights.get("embeddings.word_embeddings.weight", &[config.vocab_size, width])?;
        for word in words.chunks_exact_mut(width) {
            lanes::add(Kernel::best(), word, &types[..width]);
        }
        let positions = match alibi {
            true => None,
            false => Some(
                weights
                    .get("embeddings.position_embeddings.weight", &[config.max_position_embeddings, width])?,
            ),
        };
        let mut layers = Vec::new();
        for i in 0..config.num_hidden_layers {
            cancel.check()?;
            let at = |name: &str| format!("encoder.layer.{i}.{name}");
            layers.push(Layer {
                qkv: load.qkv(&at("attention.self"), width / config.num_attention_heads)?,
                attended: load.linear(&at("attention.output.dense"), width, width)?,
                attention_norm: load.norm(&at("attention.output.LayerNorm"))?,
                up: match alibi {
                    false => Mlp::Gelu(load.linear(&at("intermediate.dense"), inner, width)?),
                    true => Mlp::Gated(load.plain(&at("mlp.gated_layers"), 2 * inner, width)?),
                },
                down: load.linear(&at(if alibi { "mlp.wo" } else { "output.dense" }), width, inner)?,
                mlp_norm: load.norm(&at(if alibi { "mlp.layernorm" } else { "output.LayerNorm" }))?,
            });
        }
        let norm = load.norm("embeddings.LayerNorm")?;
        weights.refuse_unused()?;
        let heads = config.num_attention_heads;
        let slopes = if alibi { slopes(heads) } else { vec![0.0; heads] };
        Ok(Self { kernel: Kernel::best(), words, positions, norm, layers, slopes, config })
    }
}

struct Load<'a> {
    weights: &'a Weights<'a>,
    width: usize,
    dtype: Dtype,
    epsilon: f32,
}

impl Load<'_> {
    /// A layer with weights (rows, depth) and a bias.
    fn linear(&self, name: &str, rows: usize, depth: usize) -> Result<Linear, ModelError> {
        let bias = self.weights.get(&format!("{name}.bias"), &[rows])?;
        Ok(Linear { bias: Some(fill(bias)), ..self.plain(name, rows, depth)? })
    }

    /// A layer without a bias.
    fn plain(&self, name: &str, rows: usize, depth: usize) -> Result<Linear, ModelError> {
        let weights = self.weights.get(&format!("{name}.weight"), &[rows, depth])?;
        Ok(self.packed(&weights, rows, depth))
    }

    /// Queries, keys and values as one layer, the queries divided by the root of a head's width.
    fn qkv(&self, name: &str, head: usize) -> Result<Linear, ModelError> {
        let width = self.width;
        let (mut weights, mut bias) = (Vec::new(), Vec::new());
        for part in ["query", "key", "value"] {
            weights.extend(self.weights.get(&format!("{name}.{part}.weight"), &[width, width])?);
            bias.extend(self.weights.get(&format!("{name}.{part}.bias"), &[width])?);
        }
        let scale = 1.0 / (head as f32).sqrt();
        weights[..width * width].iter_mut().chain(&mut bias[..width]).for_each(|value| *value *= scale);
        Ok(Linear { bias: Some(fill(bias)), ..self.packed(&weights, 3 * width, width) })
    }

    fn packed(&self, weights: &[f32], rows: usize, depth: usize) -> Linear {
        let weights = match self.dtype {
            Dtype::F32 => Factor::Floats(Panels::transposed(weights, rows, depth)),
            Dtype::Int8 => Factor::Bytes(BytePanels::transposed(weights, rows, depth)),
        };
        Linear { weights, depth, bias: None }
    }

    fn norm(&self, name: &str) -> Result<LayerNorm, ModelError> {
        // The first checkpoints of BERT come from TensorFlow, which has other names for the two.
        let names = match self.weights.has(&format!("{name}.gamma")) {
            true => ["gamma", "beta"],
            false => ["weight", "bias"],
        };
        let [weight, bias] = names.map(|part| self.weights.get(&format!("{name}.{part}"), &[self.width]));
        Ok(LayerNorm { weight: weight?, bias: bias?, epsilon: self.epsilon })
    }
}

/// A bias with zeros for the columns that fill up the last panel.
fn fill(mut bias: Vec<f32>) -> Vec<f32> {
    bias.resize(padded(bias.len()), 0.0);
    bias
}
