//! Texts through a model.
//!
//! Work is cut into tasks of about as many tokens, by the lengths of the texts; a task makes tokens of its texts and
//! takes them through the layers, so that one thread's tokenising goes on beside another's products.

use std::cmp::Reverse;

use clusterclip_core::documents::is_blank;
use clusterclip_core::monitor::CancelFlag;
use clusterclip_core::par;

use super::{Body, Embedded, Model};
use crate::encoder::Encoder;
use crate::error::ModelError;
use crate::lanes;
use crate::options::Pooling;
use crate::table::Table;

/// Bytes of a token, for a guess before there are tokens.
const TOKEN_BYTES: usize = 4;

/// Bytes that are tokenised in the time that one token takes through the layers, at the least.
const TOKENISED: usize = 256;

impl Model {
    /// Writes the rows of `texts`, shape `(texts.len(), n_features)`, and says what was found out about each. A row
    /// depends on its text alone, to the bit; that of a text which says nothing is zero, whatever stands before texts.
    ///
    /// # Errors
    /// [`ModelError::File`] for a text that the tokenizer cannot take; [`ModelError::Cancelled`]: the flag is looked at
    /// every few milliseconds of work.
    ///
    /// # Panics
    /// If `out` does not hold exactly one row a text.
    pub fn embed(
        &self,
        texts: &[&str],
        out: &mut [f32],
        cancel: &CancelFlag,
    ) -> Result<Vec<Embedded>, ModelError> {
        let width = self.n_features();
        assert_eq!(out.len(), texts.len() * width, "{} rows of {width}", texts.len());
        match &self.body {
            Body::Table { table, .. } => self.sums(table, texts, out, cancel),
            Body::Encoder { encoder, pooling, .. } => {
                let tasks = self.tasks(texts);
                let done = par::map(tasks.len(), |t| {
                    let texts = tasks[t].iter().map(|&place| texts[place]);
                    self.task(encoder, *pooling, texts, cancel)
                });
                let mut found = vec![Embedded::default(); texts.len()];
                for (task, done) in tasks.iter().zip(done) {
                    let (facts, rows) = done?;
                    for ((&place, fact), row) in task.iter().zip(facts).zip(rows.chunks_exact(width)) {
                        let out = &mut out[place * width..][..width];
                        match fact.featureless {
                            true => out.fill(0.0),
                            false => out.copy_from_slice(row),
                        }
                        found[place] = fact;
                    }
                }
                Ok(found)
            }
        }
    }

    /// The rows of a static table.
    fn sums(
        &self,
        table: &Table,
        texts: &[&str],
        out: &mut [f32],
        cancel: &CancelFlag,
    ) -> Result<Vec<Embedded>, ModelError> {
        let share = texts.len().div_ceil(par::threads() * 8).clamp(1, 256);
        let found = par::map_chunks_mut(out, share * table.width, |task, rows| {
            let texts = &texts[task * share..];
            rows.chunks_exact_mut(table.width)
                .zip(texts)
                .map(|(row, text)| {
                    let (ids, mut embedded) = self.sequence(text, cancel)?;
                    table.sum(&ids, row);
                    embedded.featureless |= !lanes::normalise(row);
                    if embedded.featureless {
                        row.fill(0.0);
                    }
                    Ok(embedded)
                })
                .collect::<Result<Vec<_>, ModelError>>()
        });
        Ok(found.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// Cuts texts into tasks of about `batch_tokens` tokens (a longer text is alone), the longest first; enough of them
    /// that no thread waits long for the last one. A task holds places of texts.
    fn tasks(&self, texts: &[&str]) -> Vec<Vec<usize>> {
        let guess = |text: &str| {
            let seen = (text.len() / TOKEN_BYTES + 2).min(self.max_tokens.unwrap_or(usize::MAX));
            seen + text.len() / TOKENISED
        };
        let mut work: Vec<(usize, usize)> =
            texts.iter().enumerate().map(|(place, text)| (guess(text), place)).collect();
        work.sort_by_key(|&(tokens, place)| (Reverse(tokens), place));
        let all: usize = work.iter().map(|(tokens, _)| tokens).sum();
        let most = self.batch_tokens.min(all.div_ceil(par::threads()));
        let mut tasks: Vec<Vec<usize>> = Vec::new();
        let mut sum = 0;
        for (tokens, place) in work {
            match tasks.last_mut() {
                Some(task) if sum + tokens <= most => task.push(place),
                _ => {
                    tasks.push(vec![place]);
                    sum = 0;
                }
            }
            sum += tokens;
        }
        tasks
    }

    /// Facts and rows of a task's texts.
    fn task<'t>(
        &self,
        encoder: &Encoder,
        pooling: Pooling,
        texts: impl Iterator<Item = &'t str>,
        cancel: &CancelFlag,
    ) -> Result<(Vec<Embedded>, Vec<f32>), ModelError> {
        let sequences =
            texts.map(|text| self.sequence(text, cancel)).collect::<Result<Vec<_>, ModelError>>()?;
        let width = encoder.width();
        let mut rows = vec![0.0; sequences.len() * width];
        let mut left = &mut rows[..];
        // The guess may have been low: what passes through the layers together is counted again.
        let mut rest = &sequences[..];
        while !rest.is_empty() {
            let mut tokens = 0;
            let fitting = rest.iter().take_while(|(ids, _)| {
                tokens += ids.len();
                tokens <= self.batch_tokens
            });
            let (group, others) = rest.split_at(fitting.count().max(1));
            let (own, behind) = left.split_at_mut(group.len() * width);
            (rest, left) = (others, behind);
            let ids: Vec<&[u32]> = group.iter().map(|(ids, _)| &ids[..]).collect();
            encoder.rows(&ids, pooling, own, cancel)?;
        }
        let mut facts: Vec<Embedded> = sequences.into_iter().map(|(_, facts)| facts).collect();
        for (row, facts) in rows.chunks_exact_mut(width).zip(&mut facts) {
            facts.featureless |= !lanes::normalise(row);
        }
        Ok((facts, rows))
    }

    /// The tokens that the model is given of a text: none at all where it has none and there are no special ones.
    fn sequence(&self, text: &str, cancel: &CancelFlag) -> Result<(Vec<u32>, Embedded), ModelError> {
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
            featureless: own.count == 0 || is_blank(text),
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
