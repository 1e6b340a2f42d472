//! Transformer encoders: BERT, and JinaBERT v2.
//!
//! Both are post-layer-norm stacks: x + attention, normalised, then x + MLP, normalised. They differ in how places are
//! told (a table, or slopes on the scores) and in the MLP (GELU, or a gate). Sequences lie packed one behind the other:
//! the linear layers see tokens only, attention one sequence at a time.

mod attention;
mod load;

use clusterclip_core::monitor::{CancelFlag, Cancelled};

use crate::bytes::{self, BytePanels};
use crate::config::EncoderConfig;
use crate::gemm::{Kernel, Panels, multiply, padded};
use crate::lanes;
use crate::options::Pooling;
use attention::Heads;

/// Tokens that pass through an MLP together: its wide middle stays in the second cache.
const MLP_ROWS: usize = 192;

/// A linear layer: weights in panels and a bias that fills up the last one.
struct Linear {
    weights: Weights,
    /// Values of a row that goes in.
    depth: usize,
    bias: Option<Vec<f32>>,
}

enum Weights {
    Floats(Panels),
    Bytes(BytePanels),
}

impl Linear {
    /// `bytes` is room for the rows as bytes.
    fn apply(
        &self,
        kernel: Kernel,
        (from, stride): (&[f32], usize),
        rows: usize,
        out: (&mut [f32], usize),
        bytes: &mut bytes::ByteRows,
    ) {
        let bias = self.bias.as_deref();
        match &self.weights {
            Weights::Floats(weights) => multiply(kernel, (from, stride), rows, weights, bias, out),
            Weights::Bytes(weights) => {
                bytes.quantise(kernel, from, stride, rows, self.depth);
                bytes::multiply(kernel, bytes, weights, bias, out);
            }
        }
    }
}

struct LayerNorm {
    weight: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

impl LayerNorm {
    fn apply(&self, kernel: Kernel, row: &mut [f32]) {
        lanes::layer_norm(kernel, row, &self.weight, &self.bias, self.epsilon);
    }
}

enum Mlp {
    /// out(gelu(up(x))).
    Gelu(Linear),
    /// out(gelu(first half) · second half) of one wider layer.
    Gated(Linear),
}

struct Layer {
    /// Queries, keys and values in one; the queries hold the factor 1 / √(width of a head).
    qkv: Linear,
    attended: Linear,
    attention_norm: LayerNorm,
    up: Mlp,
    down: Linear,
    mlp_norm: LayerNorm,
}

/// A loaded encoder.
pub(crate) struct Encoder {
    config: EncoderConfig,
    kernel: Kernel,
    /// (vocab_size, hidden_size), the token type of first sequences added.
    words: Vec<f32>,
    /// (max_position_embeddings, hidden_size), unless places are told by slopes.
    positions: Option<Vec<f32>>,
    norm: LayerNorm,
    layers: Vec<Layer>,
    /// Slopes of the heads, all zero where places come from a table.
    slopes: Vec<f32>,
}

impl Encoder {
    /// Width of a row.
    pub fn width(&self) -> usize {
        self.config.hidden_size
    }

    /// How many rows the table of words has.
    pub fn vocabulary(&self) -> usize {
        self.config.vocab_size
    }

    /// Names the kernel to multiply with.
    pub fn set_kernel(&mut self, kernel: Kernel) {
        self.kernel = kernel;
    }

    /// Writes the pooled rows of sequences over zeros, one behind the other, not yet of unit norm. That of an empty
    /// sequence stays zero.
    pub fn rows(
        &self,
        sequences: &[&[u32]],
        pooling: Pooling,
        out: &mut [f32],
        cancel: &CancelFlag,
    ) -> Result<(), Cancelled> {
        let lengths: Vec<usize> = sequences.iter().map(|sequence| sequence.len()).collect();
        let states = self.states(sequences, &lengths, cancel)?;
        let (width, stride) = (self.width(), padded(self.width()));
        let mut tokens = states.chunks_exact(stride);
        for (row, &length) in out.chunks_exact_mut(width).zip(&lengths) {
            let mut own = tokens.by_ref().take(length);
            match pooling {
                Pooling::Cls => {
                    if let Some(first) = own.next() {
                        row.copy_from_slice(&first[..width]);
                    }
                    own.for_each(drop);
                }
                // The sum has the direction of the mean, and rows get unit norm.
                Pooling::Mean => own.for_each(|token| lanes::add(self.kernel, row, &token[..width])),
            }
        }
        Ok(())
    }

    /// The states after the last layer: a row of padded(width) for each token.
    fn states(
        &self,
        sequences: &[&[u32]],
        lengths: &[usize],
        cancel: &CancelFlag,
    ) -> Result<Vec<f32>, Cancelled> {
        let (width, stride) = (self.width(), padded(self.width()));
        let tokens: usize = lengths.iter().sum();
        let mut states = vec![0.0; tokens * stride];
        let places = sequences.iter().flat_map(|sequence| sequence.iter().enumerate());
        for (state, (place, &id)) in states.chunks_exact_mut(stride).zip(places) {
            let state = &mut state[..width];
            state.copy_from_slice(&self.words[id as usize * width..][..width]);
            if let Some(positions) = &self.positions {
                lanes::add(self.kernel, state, &positions[place * width..][..width]);
            }
            self.norm.apply(self.kernel, state);
        }
        let mut room = Room::new(self, tokens);
        for layer in &self.layers {
            self.layer(layer, &mut states, lengths, &mut room, cancel)?;
        }
        Ok(states)
    }

    fn layer(
        &self,
        layer: &Layer,
        states: &mut [f32],
        lengths: &[usize],
        room: &mut Room,
        cancel: &CancelFlag,
    ) -> Result<(), Cancelled> {
        let (kernel, width, stride) = (self.kernel, self.width(), padded(self.width()));
        let qkv_stride = padded(3 * width);
        for (states, qkv) in states.chunks(MLP_ROWS * stride).zip(room.qkv.chunks_mut(MLP_ROWS * qkv_stride))
        {
            cancel.check()?;
            let rows = states.len() / stride;
            layer.qkv.apply(kernel, (states, stride), rows, (qkv, qkv_stride), &mut room.bytes);
        }
        let heads = Heads { count: self.config.num_attention_heads, width, slopes: &self.slopes };
        let mut first = 0;
        for &length in lengths.iter().filter(|&&length| length > 0) {
            let qkv = &room.qkv[first * qkv_stride..][..length * qkv_stride];
            let out = &mut room.context[first * stride..][..length * stride];
            heads.attend(kernel, qkv, length, out, &mut room.attention, cancel)?;
            first += length;
        }
        let blocks = states.chunks_mut(MLP_ROWS * stride).zip(room.context.chunks(MLP_ROWS * stride));
        for (states, context) in blocks {
            cancel.check()?;
            let rows = states.len() / stride;
            let out = &mut room.out[..rows * stride];
            layer.attended.apply(kernel, (context, stride), rows, (out, stride), &mut room.bytes);
            join(kernel, states, out, stride, width, &layer.attention_norm);
            room.wide.resize(rows * room.wide_stride, 0.0);
            match &layer.up {
                Mlp::Gelu(up) => {
                    let wide = (&mut room.wide[..], room.wide_stride);
                    up.apply(kernel, (states, stride), rows, wide, &mut room.bytes);
                    lanes::gelu(kernel, &mut room.wide);
                    let wide = (&room.wide[..], room.wide_stride);
                    layer.down.apply(kernel, wide, rows, (out, stride), &mut room.bytes);
                }
                Mlp::Gated(up) => {
                    let wide = (&mut room.wide[..], room.wide_stride);
                    up.apply(kernel, (states, stride), rows, wide, &mut room.bytes);
                    let inner = self.config.intermediate_size;
                    for (wide, gated) in room
                        .wide
                        .chunks_exact(room.wide_stride)
                        .zip(room.gated.chunks_exact_mut(padded(inner)))
                    {
                        lanes::gate(kernel, &wide[..2 * inner], &mut gated[..inner]);
                    }
                    let gated = (&room.gated[..], padded(inner));
                    layer.down.apply(kernel, gated, rows, (out, stride), &mut room.bytes);
                }
            }
            join(kernel, states, out, stride, width, &layer.mlp_norm);
        }
        Ok(())
    }
}

/// The residual: states = norm(states + out).
fn join(kernel: Kernel, states: &mut [f32], out: &[f32], stride: usize, width: usize, norm: &LayerNorm) {
    for (state, out) in states.chunks_exact_mut(stride).zip(out.chunks_exact(stride)) {
        lanes::add(kernel, &mut state[..width], &out[..width]);
        norm.apply(kernel, &mut state[..width]);
    }
}

/// What the layers of one call share.
struct Room {
    qkv: Vec<f32>,
    context: Vec<f32>,
    attention: attention::Room,
    out: Vec<f32>,
    wide: Vec<f32>,
    wide_stride: usize,
    gated: Vec<f32>,
    bytes: bytes::ByteRows,
}

impl Room {
    fn new(encoder: &Encoder, tokens: usize) -> Self {
        let EncoderConfig { hidden_size: width, intermediate_size: inner, alibi, .. } = encoder.config;
        let block = tokens.min(MLP_ROWS);
        Self {
            qkv: vec![0.0; tokens * padded(3 * width)],
            context: vec![0.0; tokens * padded(width)],
            attention: attention::Room::default(),
            out: vec![0.0; block * padded(width)],
            wide: Vec::new(),
            // A line more, so that the rows of a tile do not fall into the same few sets of the first cache.
            wide_stride: padded(if alibi { 2 * inner } else { inner }) + 16,
            gated: if alibi { vec![0.0; block * padded(inner)] } else { Vec::new() },
            bytes: bytes::ByteRows::default(),
        }
    }
}
