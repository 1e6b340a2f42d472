//! The bounded, seeded sample of documents that the embedder is fitted on.

use std::collections::BTreeMap;
use std::ops::Range;

use super::chars::CharTable;
use super::tokens::{ANY_WORD, Sink, tokenize};
use super::{LexicalError, Params};
use crate::keys;
use crate::par;

/// The most features kept of a sampled document, those with the highest counts: a document in the sample
/// takes at most 8 bytes for each, so that the default sample stays under 128 MiB.
pub const MAX_FEATURES: usize = 1024;

/// Counts are kept up to this: ln of more changes little.
pub const MAX_COUNT: u32 = u16::MAX as u32;

/// Features of a document and how often each occurs, ascending by feature.
pub type Counted = Box<[(u32, u32)]>;

/// Counts features in an open-addressing table that is reused from document to document.
#[derive(Debug)]
pub struct Counter {
    /// (feature, count), a feature of [`ANY_WORD`] marking a free slot; the length is a power of two.
    slots: Vec<(u32, u32)>,
    /// Slots in use.
    used: Vec<u32>,
}

impl Counter {
    /// An empty table.
    pub fn new() -> Self {
        Self { slots: vec![(ANY_WORD, 0); 1 << 12], used: Vec::new() }
    }

    #[inline]
    fn slot_of(slots: &[(u32, u32)], feature: u32) -> usize {
        let mask = slots.len() - 1;
        // The last bit tells words from pairs and would leave half of the slots to collide.
        let mut slot = (feature >> 1) as usize & mask;
        while slots[slot].0 != feature && slots[slot].0 != ANY_WORD {
            slot = (slot + 1) & mask;
        }
        slot
    }

    #[inline]
    fn add(&mut self, feature: u32) {
        let slot = Self::slot_of(&self.slots, feature);
        let entry = &mut self.slots[slot];
        if entry.0 == ANY_WORD {
            *entry = (feature, 1);
            self.used.push(slot as u32);
            if self.used.len() * 2 > self.slots.len() {
                self.grow();
            }
        } else if entry.1 < MAX_COUNT {
            entry.1 += 1;
        }
    }

    fn grow(&mut self) {
        let mut slots = vec![(ANY_WORD, 0); self.slots.len() * 2];
        for used in &mut self.used {
            let entry = self.slots[*used as usize];
            let slot = Self::slot_of(&slots, entry.0);
            slots[slot] = entry;
            *used = slot as u32;
        }
        self.slots = slots;
    }

    /// Counts the features of a text; no entries when it has no word.
    pub fn count(&mut self, chars: &CharTable, text: &str) -> Counted {
        let any = tokenize(chars, text, self);
        let mut found: Vec<(u32, u32)> = Vec::with_capacity(self.used.len() + 1);
        for slot in self.used.drain(..) {
            found.push(std::mem::replace(&mut self.slots[slot as usize], (ANY_WORD, 0)));
        }
        if found.len() > MAX_FEATURES - 1 {
            found.select_nth_unstable_by(MAX_FEATURES - 2, |a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            found.truncate(MAX_FEATURES - 1);
        }
        if any {
            found.push((ANY_WORD, 1));
        }
        found.sort_unstable();
        found.into()
    }
}

impl Sink for Counter {
    #[inline]
    fn word(&mut self, feature: u32, _: Range<usize>) {
        self.add(feature);
    }
    #[inline]
    fn pair(&mut self, feature: u32) {
        self.add(feature);
    }
}

/// Gathers the sample that [`Lexical`](super::Lexical) is fitted on: features of the `sample` documents of
/// smallest keyed hash of their row, whatever their number and size, in bounded memory.
///
/// ```
/// use clusterclip_core::embed::lexical::{FitSample, Params};
/// use clusterclip_core::monitor::Monitor;
/// let texts = ["red green red", "green blue", "one two three", "two three four", "..."];
/// let mut sample = FitSample::new(Params::default())?;
/// sample.offer_batch(0, &texts);
/// let model = sample.fit(&Monitor::silent())?;
/// let mut rows = vec![0.0; texts.len() * model.n_features()];
/// let monitor = Monitor::silent();
/// let featureless = model.transform(&texts, &mut rows, monitor.cancel_flag())?;
/// assert_eq!(featureless, [false, false, false, false, true]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FitSample {
    pub(super) params: Params,
    pub(super) chars: CharTable,
    /// Ascending by (H(9, row), row): the last is the first to leave.
    pub(super) documents: BTreeMap<(u64, u64), Counted>,
}

impl FitSample {
    /// Starts an empty sample.
    ///
    /// # Errors
    /// [`LexicalError::Parameter`] for a parameter outside its limits.
    pub fn new(params: Params) -> Result<Self, LexicalError> {
        params.check()?;
        Ok(Self { params, chars: CharTable::new(), documents: BTreeMap::new() })
    }

    /// How many different features a document of the sample has, on average.
    pub fn features_per_document(&self) -> f64 {
        let features: usize = self.documents.values().map(|document| document.len()).sum();
        features as f64 / self.documents.len().max(1) as f64
    }

    /// Offers the document `row` (its number in reading order) to the sample.
    ///
    /// Most rows of a long input cost one hash: a document is read only when it enters the sample.
    pub fn offer(&mut self, row: u64, text: &str) {
        self.offer_batch(row, &[text]);
    }

    /// Offers the documents `first_row..`, on all cores; the same as offering each in turn.
    pub fn offer_batch(&mut self, first_row: u64, texts: &[&str]) {
        let keys: Vec<(u64, u64)> =
            (first_row..).take(texts.len()).map(|row| (keys::hash(&[9, row]), row)).collect();
        for &key in &keys {
            let full = self.documents.len() == self.params.sample;
            if full && self.documents.last_key_value().is_some_and(|(&last, _)| last < key) {
                continue;
            }
            self.documents.insert(key, Counted::default());
            if self.documents.len() > self.params.sample {
                self.documents.pop_last();
            }
        }
        let chosen: Vec<usize> =
            (0..texts.len()).filter(|&i| self.documents.contains_key(&keys[i])).collect();
        // One table a task; enough tasks that one long document does not hold up the rest.
        let task_len = chosen.len().div_ceil(par::threads() * 8).clamp(1, 64);
        let tasks: Vec<&[usize]> = chosen.chunks(task_len).collect();
        let counted = par::map(tasks.len(), |task| {
            let mut counter = Counter::new();
            tasks[task].iter().map(|&i| counter.count(&self.chars, texts[i])).collect::<Vec<_>>()
        });
        for (&i, document) in chosen.iter().zip(counted.into_iter().flatten()) {
            self.documents.insert(keys[i], document);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(sample: &FitSample) -> Vec<u64> {
        sample.documents.keys().map(|&(_, row)| row).collect()
    }

    #[test]
    fn the_sample_holds_the_rows_of_smallest_hash_whatever_the_batches() {
        let texts: Vec<String> = (0..500).map(|i| format!("word{i} common")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let params = Params { sample: 40, ..Params::default() };
        let mut one = FitSample::new(params).unwrap();
        for (row, text) in (0..).zip(&texts) {
            one.offer(row, text);
        }
        let mut batched = FitSample::new(params).unwrap();
        for (first, batch) in (0..).step_by(77).zip(texts.chunks(77)) {
            batched.offer_batch(first, batch);
        }
        let mut expected: Vec<u64> = (0..500).collect();
        expected.sort_by_key(|&row| keys::hash(&[9, row]));
        expected.truncate(40);
        assert_eq!(rows(&one), expected);
        assert_eq!(one.features_per_document(), 4.0);
        assert_eq!(one.documents, batched.documents);
        assert!(one.documents.values().all(|document| document.len() == 4), "two words, a pair, any word");
    }

    #[test]
    fn counts_survive_growth_and_the_table_is_clean_afterwards() {
        let chars = CharTable::new();
        let mut counter = Counter::new();
        let long: String = (0..9000).map(|i| format!("w{} zz ", i % 4500)).collect();
        let counted = counter.count(&chars, &long);
        assert_eq!(counted.len(), MAX_FEATURES);
        assert!(counted.iter().any(|&(_, count)| count == 9000), "the most frequent word is kept");
        assert_eq!(counter.count(&chars, "one two"), Counter::new().count(&chars, "one two"));
        assert_eq!(&*counter.count(&chars, "a"), &[(ANY_WORD, 1)]);
        assert!(counter.count(&chars, "").is_empty());
    }
}
