//! A model: texts in, rows of unit norm out.

use std::cmp::Reverse;

use clusterclip_core::embed::{EmbedError, Embedder};
use clusterclip_core::monitor::{CancelFlag, Cancelled};
use clusterclip_core::par;

use crate::config::{self, Dtype, Files, Kind, Options, Pooling};
use crate::encoder::Encoder;
use crate::error::ModelError;
use crate::gemm::Kernel;
use crate::lanes;
use crate::table::Table;
use crate::tokens::TextTokenizer;
use crate::weights::Weights;

enum Body {
    Table {
        table: Table,
        /// Token left out, and characters that are looked at: as model2vec does.
        unknown: Option<u32>,
        characters: Option<usize>,
    },
    Encoder {
        encoder: Box<Encoder>,
        pooling: Pooling,
        dtype: Dtype,
    },
}

/// A loaded model.
pub struct Model {
    tokenizer: TextTokenizer,
    body: Body,
    prefix: String,
    /// The longest sequence, special tokens counted.
    max_tokens: Option<usize>,
    batch_tokens: usize,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("description", &self.description()).finish_non_exhaustive()
    }
}

/// What was found out about a text on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Embedded {
    /// Tokens of the whole text, without prefix and special tokens.
    pub tokens: u64,
    /// Whether the model saw only the first of them.
    pub truncated: bool,
    /// Whether its row is zero: a static table knows none of its tokens.
    pub featureless: bool,
}

/// A sequence to embed, and the place of its row.
struct Sequence {
    place: usize,
    ids: Vec<u32>,
}

impl Model {
    /// Reads a model from the bytes of its files.
    ///
    /// # Errors
    /// [`ModelError`], naming the file or tensor.
    pub fn load(files: &Files<'_>, options: &Options, cancel: &CancelFlag) -> Result<Self, ModelError> {
        let weights = Weights::parse(files.weights)?;
        let kind = config::kind(files, Table::matrix(&weights))?;
        let tokenizer = TextTokenizer::from_json(files.tokenizer)?;
        let (body, max_tokens, vocabulary) = match kind {
            Kind::Table(config) => {
                if let Some(pooling) = options.pooling.filter(|&pooling| pooling != Pooling::Mean) {
                    return Err(ModelError::Option {
                        option: "pooling",
                        value: pooling.to_string(),
                        reason: "a static table is the mean of its tokens' rows".into(),
                    });
                }
                if options.dtype != Dtype::F32 {
                    return Err(ModelError::Option {
                        option: "dtype",
                        value: options.dtype.to_string(),
                        reason: "a static table multiplies nothing; it is as fast without".into(),
                    });
                }
                let table = Table::load(config, &weights)?;
                let max_tokens = options.max_tokens.or(config.max_tokens);
                let vocabulary = table.vocabulary();
                let (unknown, characters) = match config.model2vec {
                    true => (tokenizer.unknown(), max_tokens.map(|most| most * tokenizer.median_length())),
                    false => (None, None),
                };
                (Body::Table { table, unknown, characters }, max_tokens, vocabulary)
            }
            Kind::Encoder(config) => {
                let pooling = config::pooling(files, &config, options)?;
                let max_tokens = config::max_tokens(files, &config, options)?;
                let encoder = Encoder::load(config, &weights, options.dtype, cancel)?;
                let vocabulary = encoder.vocabulary();
                (
                    Body::Encoder { encoder: Box::new(encoder), pooling, dtype: options.dtype },
                    Some(max_tokens),
                    vocabulary,
                )
            }
        };
        let largest = tokenizer.largest_id() as usize;
        if largest >= vocabulary {
            let reason = format!(
                "it gives token {largest}, but model.safetensors has {vocabulary} rows: they do not belong together"
            );
            return Err(ModelError::file("tokenizer.json", reason));
        }
        let (before, after) = tokenizer.special();
        let special = match &body {
            Body::Table { .. } => 0,
            Body::Encoder { .. } => before.len() + after.len(),
        };
        if let Some(most) = max_tokens.filter(|&most| most <= special) {
            return Err(ModelError::Option {
                option: "max-tokens",
                value: most.to_string(),
                reason: format!("at least {} are needed: {special} of them are special tokens", special + 1),
            });
        }
        let Options { prefix, batch_tokens, .. } = options.clone();
        Ok(Self { tokenizer, body, prefix, max_tokens, batch_tokens: batch_tokens.max(1) })
    }

    /// What it is, for a person: kind, width, pooling, longest sequence.
    pub fn description(&self) -> String {
        let kind = match &self.body {
            Body::Table { .. } => "static table".to_owned(),
            Body::Encoder { pooling, dtype, .. } => format!("transformer in {dtype}, {pooling} pooling"),
        };
        let most = self.max_tokens.map_or(String::new(), |most| format!(", at most {most} tokens"));
        format!("{kind}, {} features{most}", self.width())
    }

    /// Whether it is a static table: a mean of rows, and no transformer.
    pub fn is_table(&self) -> bool {
        matches!(self.body, Body::Table { .. })
    }

    /// The longest sequence, special tokens counted, where there is a limit.
    pub fn max_tokens(&self) -> Option<usize> {
        self.max_tokens
    }

    /// How its tokens become one row.
    pub fn pooling(&self) -> Pooling {
        match self.body {
            Body::Table { .. } => Pooling::Mean,
            Body::Encoder { pooling, .. } => pooling,
        }
    }

    /// Names the kernel to multiply with instead of the fastest. Changes no byte.
    pub fn set_kernel(&mut self, kernel: Kernel) {
        if let Body::Encoder { encoder, .. } = &mut self.body {
            encoder.set_kernel(kernel);
        }
    }

    fn width(&self) -> usize {
        match &self.body {
            Body::Table { table, .. } => table.width,
            Body::Encoder { encoder, .. } => encoder.width(),
        }
    }

    /// Writes the rows of `texts`, shape `(texts.len(), n_features)`, and says what was found out about each. A row
    /// depends on its text alone, to the bit.
    ///
    /// # Errors
    /// [`Cancelled`]; the flag is looked at every few milliseconds of work.
    ///
    /// # Panics
    /// If `out` does not hold exactly one row a text.
    pub fn embed(
        &self,
        texts: &[&str],
        out: &mut [f32],
        cancel: &CancelFlag,
    ) -> Result<Vec<Embedded>, Cancelled> {
        let width = self.width();
        assert_eq!(out.len(), texts.len() * width, "{} rows of {width}", texts.len());
        match &self.body {
            Body::Table { table, .. } => {
                let share = texts.len().div_ceil(par::threads() * 8).clamp(1, 256);
                let found = par::map_chunks_mut(out, share * width, |task, rows| {
                    let texts = &texts[task * share..];
                    rows.chunks_exact_mut(width)
                        .zip(texts)
                        .map(|(row, text)| {
                            let (ids, mut embedded) = self.sequence(text, cancel)?;
                            table.sum(&ids, row);
                            embedded.featureless = !lanes::normalise(row);
                            Ok(embedded)
                        })
                        .collect::<Result<Vec<_>, Cancelled>>()
                });
                Ok(found.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
            }
            Body::Encoder { encoder, pooling, .. } => {
                let found = par::map(texts.len(), |place| self.sequence(texts[place], cancel));
                let found = found.into_iter().collect::<Result<Vec<_>, Cancelled>>()?;
                let mut embedded = Vec::with_capacity(texts.len());
                let mut sequences = Vec::with_capacity(texts.len());
                for (place, (ids, found)) in found.into_iter().enumerate() {
                    embedded.push(found);
                    sequences.push(Sequence { place, ids });
                }
                let groups = groups(sequences, self.batch_tokens);
                let rows = par::map(groups.len(), |g| {
                    let sequences: Vec<&[u32]> = groups[g].iter().map(|sequence| &sequence.ids[..]).collect();
                    encoder.rows(&sequences, *pooling, cancel)
                });
                for (group, rows) in groups.iter().zip(rows) {
                    for (sequence, row) in group.iter().zip(rows?.chunks_exact(width)) {
                        let out = &mut out[sequence.place * width..][..width];
                        out.copy_from_slice(row);
                        embedded[sequence.place].featureless = !lanes::normalise(out);
                    }
                }
                Ok(embedded)
            }
        }
    }

    /// The tokens that the model is given of a text.
    fn sequence(&self, text: &str, cancel: &CancelFlag) -> Result<(Vec<u32>, Embedded), Cancelled> {
        let (before, after): (&[u32], &[u32]) = match &self.body {
            Body::Table { .. } => (&[], &[]),
            Body::Encoder { .. } => self.tokenizer.special(),
        };
        let most = self.max_tokens.unwrap_or(usize::MAX) - before.len() - after.len();
        let own = self.tokenizer.tokens(text, most, cancel)?;
        let (mut ids, mut whole) = (own.ids, own.count);
        let characters = match &self.body {
            Body::Table { characters, .. } => *characters,
            Body::Encoder { .. } => None,
        };
        let prefixed = (!self.prefix.is_empty()).then(|| format!("{}{text}", self.prefix));
        let seen = prefixed.as_deref().unwrap_or(text);
        let cut = characters.and_then(|most| seen.char_indices().nth(most)).map(|(end, _)| &seen[..end]);
        if prefixed.is_some() || cut.is_some() {
            let seen = self.tokenizer.tokens(cut.unwrap_or(seen), most, cancel)?;
            (ids, whole) = (seen.ids, seen.count);
        }
        let embedded = Embedded {
            tokens: own.count,
            truncated: cut.is_some() || whole > ids.len() as u64,
            featureless: false,
        };
        if let Body::Table { unknown: Some(unknown), .. } = self.body {
            ids.retain(|&id| id != unknown);
        }
        if !before.is_empty() || !after.is_empty() {
            ids = [before, &ids, after].concat();
        }
        Ok((ids, embedded))
    }
}

/// Groups of sequences of similar length with at most `most` tokens each (a longer sequence is alone), the longest
/// first; enough groups that no thread waits long for the last one.
fn groups(mut sequences: Vec<Sequence>, most: usize) -> Vec<Vec<Sequence>> {
    sequences.sort_by_key(|sequence| Reverse(sequence.ids.len()));
    let all: usize = sequences.iter().map(|sequence| sequence.ids.len()).sum();
    let most = most.min(all.div_ceil(par::threads()));
    let mut groups: Vec<Vec<Sequence>> = Vec::new();
    let mut tokens = 0;
    for sequence in sequences {
        let length = sequence.ids.len();
        match groups.last_mut() {
            Some(group) if tokens + length <= most => group.push(sequence),
            _ => {
                groups.push(vec![sequence]);
                tokens = 0;
            }
        }
        tokens += length;
    }
    groups
}

impl Embedder for Model {
    fn n_features(&self) -> usize {
        self.width()
    }

    /// Never waits: the future is ready when it is first asked.
    async fn transform(
        &self,
        texts: &[&str],
        out: &mut [f32],
        cancel: &CancelFlag,
    ) -> Result<Vec<bool>, EmbedError> {
        Ok(self.embed(texts, out, cancel)?.iter().map(|embedded| embedded.featureless).collect())
    }
}
