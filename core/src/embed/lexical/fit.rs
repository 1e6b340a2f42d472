//! The fit: vocabulary, weights, and latent semantic analysis by a randomised SVD.

use super::dense;
use super::jacobi;
use super::sample::{Counted, FitSample};
use super::sparse::Sparse;
use super::tokens::is_pair;
use super::{Lexical, LexicalError};
use crate::keys;
use crate::monitor::{Cancelled, Event, Monitor, Stage};
use crate::par;

/// Features of the vocabulary, at most: the model is then 33 MiB at 256 dimensions.
pub const MAX_VOCABULARY: usize = 1 << 16;

/// Words of the vocabulary, at most, while pairs can fill the rest.
const MAX_WORDS: usize = 3 << 14;

/// From so many documents on, a feature must occur in two of them to enter the vocabulary.
const RARE_ALLOWED_UNDER: usize = 16;

/// Directions beyond those asked for that the randomised SVD works with (Halko, Martinsson, Tropp, "Finding
/// structure with randomness", 2011, section 4.3).
const OVERSAMPLING: usize = 32;

/// Power iterations of the randomised SVD.
const ITERATIONS: usize = 3;

/// Directions whose singular value is this small a part of the largest are rounding errors.
const NEGLIGIBLE: f64 = 1e-5;

/// Weight of word pairs beside words.
const PAIR_WEIGHT: f64 = 0.25;

/// Ranges of features whose document frequencies are counted by one task.
const RANGES: u32 = 64;

impl FitSample {
    /// Fits the embedder to the sample.
    ///
    /// # Errors
    /// [`LexicalError::Cancelled`] when the monitor asks to stop.
    pub fn fit(self, monitor: &Monitor<'_>) -> Result<Lexical, LexicalError> {
        let Self { params, chars, documents } = self;
        let mut documents: Vec<(u64, Counted)> =
            documents.into_iter().map(|((_, row), counted)| (row, counted)).collect();
        documents.sort_unstable_by_key(|&(row, _)| row);
        let documents: Vec<Counted> =
            documents.into_iter().map(|(_, counted)| counted).filter(|counted| !counted.is_empty()).collect();
        monitor.emit(Event::Started { stage: Stage::Fit, total: Some(ITERATIONS as u64 + 2), unit: "steps" });
        let vocabulary = Vocabulary::choose(&documents, monitor)?;
        let matrix = vocabulary.weigh(documents, monitor)?;
        monitor.emit(Event::Progress { stage: Stage::Fit, done: 1 });
        let (projection, n_features) = analyse(&matrix, params.n_features, monitor)?;
        drop(matrix);
        let Vocabulary { features, weights } = vocabulary;
        let cancel = monitor.cancel_flag();
        let lexical = Lexical::assemble(chars, features, &weights, projection, n_features, cancel)?;
        monitor.emit(Event::Finished { stage: Stage::Fit });
        Ok(lexical)
    }
}

/// The features that count, ascending, and the weight of each.
struct Vocabulary {
    features: Vec<u32>,
    weights: Vec<f64>,
}

impl Vocabulary {
    /// Takes the features that occur in the most documents, words before pairs.
    fn choose(documents: &[Counted], monitor: &Monitor<'_>) -> Result<Self, Cancelled> {
        let least = if documents.len() < RARE_ALLOWED_UNDER { 1 } else { 2 };
        let cancel = monitor.cancel_flag();
        let width = u32::MAX / RANGES + 1;
        let counted = par::map(RANGES as usize, |range| {
            cancel.check()?;
            let first = range as u32 * width;
            let last = first + (width - 1);
            let mut occurrences = Vec::new();
            for document in documents {
                let from = document.partition_point(|&(feature, _)| feature < first);
                let entries = document[from..].iter().map(|&(feature, _)| feature);
                occurrences.extend(entries.take_while(|&feature| feature <= last));
            }
            occurrences.sort_unstable();
            let groups = occurrences.chunk_by(|a, b| a == b);
            let frequent = groups.filter(|group| group.len() >= least);
            Ok(frequent.map(|group| (group[0], group.len())).collect::<Vec<_>>())
        });
        let (mut words, mut pairs) = (Vec::new(), Vec::new());
        for found in counted {
            for (feature, frequency) in found? {
                if is_pair(feature) { &mut pairs } else { &mut words }.push((feature, frequency));
            }
        }
        // ANY_WORD has the highest frequency and the lowest number: it is always first.
        keep_most_frequent(&mut words, MAX_WORDS.max(MAX_VOCABULARY.saturating_sub(pairs.len())));
        keep_most_frequent(&mut pairs, MAX_VOCABULARY - words.len());
        words.append(&mut pairs);
        words.sort_unstable();
        let n = documents.len() as f64;
        let weight = |&(feature, frequency): &(u32, usize)| {
            let inverse = libm::log((1.0 + n) / (1.0 + frequency as f64)) + 1.0;
            if is_pair(feature) { PAIR_WEIGHT * inverse } else { inverse }
        };
        Ok(Self {
            weights: words.iter().map(weight).collect(),
            features: words.into_iter().map(|(feature, _)| feature).collect(),
        })
    }

    /// The sample as weighted rows of unit norm, `(n_documents, n_vocabulary)`.
    fn weigh(&self, documents: Vec<Counted>, monitor: &Monitor<'_>) -> Result<Sparse, Cancelled> {
        let cancel = monitor.cancel_flag();
        let rows = par::map(documents.len(), |i| {
            cancel.check()?;
            let mut row = Vec::with_capacity(documents[i].len());
            let mut index = 0;
            let mut squares = 0.0;
            for &(feature, count) in &documents[i] {
                index += self.features[index..].partition_point(|&other| other < feature);
                if self.features.get(index) == Some(&feature) {
                    let value = frequency_weight(count) * self.weights[index];
                    squares += value * value;
                    row.push((index as u32, value));
                }
            }
            // ANY_WORD is in every row, so that the norm is not zero.
            let norm = squares.sqrt();
            Ok(row.into_iter().map(|(index, value)| (index, (value / norm) as f32)).collect())
        });
        drop(documents);
        Ok(Sparse::new(rows.into_iter().collect::<Result<_, Cancelled>>()?, self.features.len()))
    }
}

/// Keeps the `most` entries of highest frequency, the lower feature where frequencies are equal.
fn keep_most_frequent(entries: &mut Vec<(u32, usize)>, most: usize) {
    if entries.len() > most {
        // Millions of entries may be candidates: a selection, not a sort.
        entries.select_nth_unstable_by(most, |a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        entries.truncate(most);
    }
}

/// Sublinear term frequency: 1 + ln count.
pub fn frequency_weight(count: u32) -> f64 {
    1.0 + libm::log(f64::from(count))
}

/// The leading right singular vectors of `matrix`, as the columns of `(n_vocabulary, n_features)`, and how
/// many there are: the rank, if that is less than `most`, but at least 1.
fn analyse(matrix: &Sparse, most: usize, monitor: &Monitor<'_>) -> Result<(Vec<f32>, usize), Cancelled> {
    let (n_documents, n_vocabulary) = (matrix.n_rows(), matrix.n_columns());
    let width = (most + OVERSAMPLING).min(n_documents).min(n_vocabulary);
    if width == 0 {
        return Ok((vec![0.0; n_vocabulary], 1));
    }
    let cancel = monitor.cancel_flag();
    let turned = matrix.transposed(cancel)?;
    let mut basis = start(n_documents, width);
    cancel.check()?;
    let mut image = vec![0.0; n_vocabulary * width];
    for step in 0..ITERATIONS {
        turned.multiply(&basis, width, &mut image, cancel)?;
        matrix.multiply(&image, width, &mut basis, cancel)?;
        dense::orthonormalise(&mut basis, width, cancel)?;
        monitor.emit(Event::Progress { stage: Stage::Fit, done: step as u64 + 2 });
    }
    turned.multiply(&basis, width, &mut image, cancel)?;
    let mut triangle = dense::gram(&image, width, cancel)?;
    dense::cholesky(&mut triangle, width);
    let singular = jacobi::singular(triangle, width, cancel)?;
    let floor = NEGLIGIBLE * singular.values[0];
    let n_features = singular.values.iter().take(most).filter(|&&value| value > floor).count().max(1);
    // image · W / σ: the right singular vectors themselves.
    let mut turn = vec![0.0; width * n_features];
    for (component, (vector, &value)) in
        singular.vectors.chunks_exact(width).zip(&singular.values).take(n_features).enumerate()
    {
        for (i, x) in vector.iter().enumerate() {
            turn[i * n_features + component] = if value > 0.0 { (x / value) as f32 } else { 0.0 };
        }
    }
    Ok((dense::multiply(&image, width, &turn, n_features, cancel)?, n_features))
}

/// The start, `(rows, width)`. Where every document can have a direction of its own: one in the diagonal, for
/// then nothing is left to chance (a small random matrix is often singular). Else ±1, minus where bit c mod 64
/// of H(10, row, ⌊c / 64⌋) is 1.
fn start(rows: usize, width: usize) -> Vec<f32> {
    if rows == width {
        return (0..rows * rows).map(|i| f32::from(u8::from(i % (rows + 1) == 0))).collect();
    }
    let mut signs = Vec::with_capacity(rows * width);
    for row in 0..rows as u64 {
        for word in 0..width.div_ceil(64) {
            let bits = keys::hash(&[10, row, word as u64]);
            let len = (width - word * 64).min(64);
            signs.extend((0..len).map(|bit| if bits >> bit & 1 == 1 { -1.0 } else { 1.0 }));
        }
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::lexical::Params;

    #[test]
    fn the_randomised_svd_finds_the_leading_directions() {
        // Two blocks of documents with their own words and one word in common: the exact singular values of
        // the 2-block matrix are those of two rank-one matrices plus the shared column.
        let rows = (0..40)
            .map(|i| {
                let block = u32::from(i >= 30);
                vec![(0, 0.6f32), (1 + block, 0.8)]
            })
            .collect();
        let matrix = Sparse::new(rows, 3);
        let (projection, n_features) = analyse(&matrix, 8, &Monitor::silent()).unwrap();
        assert_eq!(n_features, 2, "the matrix has rank 2");
        let column = |c: usize| (0..3).map(|i| f64::from(projection[i * 2 + c])).collect::<Vec<_>>();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let (first, second) = (column(0), column(1));
        assert!((dot(&first, &first) - 1.0).abs() < 1e-5 && (dot(&second, &second) - 1.0).abs() < 1e-5);
        assert!(dot(&first, &second).abs() < 1e-5);
        // AᵀA v = λ v, with AᵀA = [[14.4, 14.4, 4.8], [14.4, 19.2, 0], [4.8, 0, 6.4]].
        let gram = [[14.4, 14.4, 4.8], [14.4, 19.2, 0.0], [4.8, 0.0, 6.4]];
        for v in [first, second] {
            let image: Vec<f64> = gram.iter().map(|row| dot(row, &v)).collect();
            let value = dot(&image, &v);
            assert!(value > 1.0 && (0..3).all(|i| (image[i] - value * v[i]).abs() < 1e-4), "{v:?}");
        }
    }

    /// SPEC.md, 2.9.
    #[test]
    fn the_example_gives_the_vocabulary_and_weights_of_the_specification() {
        let mut sample = FitSample::new(Params::default()).unwrap();
        sample.offer_batch(0, &["red fox", "red dog", "red fox"]);
        let documents: Vec<Counted> = sample.documents.values().cloned().collect();
        let vocabulary = Vocabulary::choose(&documents, &Monitor::silent()).unwrap();
        let expected = [
            (0, 1.0),
            (0x0a1b_ff1e, 1.0),
            (0x28d1_adff, 0.3219205181129452),
            (0xbc59_1cb3, 0.42328679513998635),
            (0xfd3f_155a, 1.2876820724517808),
            (0xfe17_0a7a, 1.6931471805599454),
        ];
        let found = vocabulary.features.iter().copied().zip(vocabulary.weights.iter().copied());
        assert_eq!(found.collect::<Vec<(u32, f64)>>(), expected);
        assert_eq!(sample.fit(&Monitor::silent()).unwrap().n_features, 2);
    }

    #[test]
    fn frequent_features_come_first_and_lower_ones_among_equals() {
        let mut entries = vec![(2, 5), (4, 9), (6, 5), (8, 1)];
        keep_most_frequent(&mut entries, 2);
        entries.sort_unstable();
        assert_eq!(entries, [(2, 5), (4, 9)]);
    }
}
