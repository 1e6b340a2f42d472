//! Words that mark a cluster, for a person to see what it is about.
//!
//! A class-based TF-IDF on the words of the lexical embedder: a word counts for how often the documents of the
//! cluster use it, times how much more of them have it than documents at large, so that words found everywhere
//! score nothing in any language, without a list of stop words.

use std::ops::Range;

use crate::embed::lexical::{CharTable, Class, Sink, tokenize};
use crate::monitor::{CancelFlag, Cancelled};
use crate::par;
use crate::sampler::{Draw, Members};

/// Longer words are encoded data, not something to read; in characters.
const LONGEST: usize = 30;

/// Documents looked at of each cluster, and of all.
const OF_A_CLUSTER: u64 = 50;
const OF_ALL: u64 = 1000;

/// Bytes looked at of each document: with the above, at most 24 MiB of texts for ten clusters.
const OF_A_TEXT: usize = 16 << 10;

/// The documents whose words tell what clusters are about: some of each cluster, and some of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Rows of each cluster, ascending.
    pub clusters: Vec<Vec<u64>>,
    /// Rows of the background, ascending.
    pub background: Vec<u64>,
}

impl Chosen {
    /// Chooses evenly among the members of each of `clusters`, and among all documents with a cluster.
    ///
    /// # Panics
    /// If there is no such cluster.
    pub fn of(members: &Members, clusters: &[u32]) -> Self {
        let of = |cluster, size: u64, most: u64| -> Vec<u64> {
            let draw = |member| Draw { cluster, member, repetition: 1 };
            spread(size, most).map(|member| members.row(&draw(member))).collect()
        };
        let sizes = members.sizes();
        let clusters =
            clusters.iter().map(|&cluster| of(Some(cluster), sizes[cluster as usize], OF_A_CLUSTER));
        Self { clusters: clusters.collect(), background: of(None, members.n_documents(), OF_ALL) }
    }

    /// Finds up to `top` words for each of the clusters; `text` gives the text of a row, [`beginning`] of it is enough.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn keywords<'a>(
        &self,
        text: impl Fn(u64) -> &'a str,
        top: usize,
        cancel: &CancelFlag,
    ) -> Result<Vec<Vec<String>>, Cancelled> {
        let texts =
            |rows: &Vec<u64>| -> Vec<&'a str> { rows.iter().map(|&row| beginning(text(row))).collect() };
        let clusters: Vec<Vec<&str>> = self.clusters.iter().map(texts).collect();
        keywords(&clusters, &texts(&self.background), top, cancel)
    }
}

/// As much of a text as is looked at.
pub fn beginning(text: &str) -> &str {
    let end = (0..=OF_A_TEXT.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

/// The middles of at most `most` equal parts of `0..size`.
fn spread(size: u64, most: u64) -> impl Iterator<Item = u64> {
    let parts = size.min(most);
    // Under 2^40 documents and 2^10 parts: the product stays under 2^51.
    (0..parts).map(move |part| (2 * part + 1) * size / (2 * parts))
}

/// Returns, for each cluster, up to `top` words that mark its sample documents against a background sample.
///
/// `clusters[c]` are sample texts of cluster `c`, `background` texts of the whole input; about 50 documents of
/// each cluster and 1000 of the background tell enough. Words come in lower case, the strongest first; the
/// result depends on nothing but the texts. A cluster whose words are no more frequent than elsewhere, or
/// without texts, gets none.
///
/// ```
/// let cooking = vec!["Boil the pasta in the pot", "Pasta with the sauce"];
/// let sailing = vec!["The sail and the mast", "The boat under sail"];
/// let all: Vec<&str> = cooking.iter().chain(&sailing).copied().collect();
/// let cancel = clusterclip_core::monitor::CancelFlag::default();
/// let words = clusterclip_core::keywords::keywords(&[cooking, sailing], &all, 1, &cancel)?;
/// assert_eq!(words, [["pasta"], ["sail"]]);
/// # Ok::<(), clusterclip_core::monitor::Cancelled>(())
/// ```
///
/// # Errors
/// [`Cancelled`].
pub fn keywords(
    clusters: &[Vec<&str>],
    background: &[&str],
    top: usize,
    cancel: &CancelFlag,
) -> Result<Vec<Vec<String>>, Cancelled> {
    let chars = CharTable::new();
    let documents = par::map(background.len(), |i| {
        cancel.check()?;
        Ok(count(&chars, background[i]))
    });
    let documents = documents.into_iter().collect::<Result<Vec<_>, Cancelled>>()?;
    let mut everywhere: Vec<u32> = documents.iter().flatten().map(|&(feature, ..)| feature).collect();
    everywhere.sort_unstable();
    let marked = par::map(clusters.len(), |c| {
        // Some fifty documents of a cluster, of each its beginning: some ten milliseconds.
        cancel.check()?;
        Ok(mark(&chars, &clusters[c], &everywhere, background.len(), top))
    });
    marked.into_iter().collect()
}

/// Scores the words of one cluster; `everywhere` has each word once for each background document with it.
fn mark(
    chars: &CharTable,
    texts: &[&str],
    everywhere: &[u32],
    n_background: usize,
    top: usize,
) -> Vec<String> {
    let mut found: Vec<(u32, &str, u32)> = texts.iter().flat_map(|text| count(chars, text)).collect();
    found.sort_unstable();
    let n_texts = texts.len() as f64;
    let mut scored: Vec<(f64, String)> = found
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(|uses| {
            let feature = uses[0].0;
            let start = everywhere.partition_point(|&other| other < feature);
            let elsewhere = everywhere[start..].partition_point(|&other| other == feature);
            let here = uses.len() as f64 / n_texts;
            // As if one more background document had the word: rare words get no infinite score.
            let there = (elsewhere + 1) as f64 / (n_background + 1) as f64;
            let use_of = |&(_, _, times): &(u32, &str, u32)| 1.0 + libm::log(f64::from(times));
            let frequency = uses.iter().map(use_of).sum::<f64>() / n_texts;
            let score = frequency * libm::log(here / there);
            (score > 0.0).then(|| (score, lower(chars, uses[0].1)))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut chosen: Vec<String> = Vec::new();
    for (_, word) in scored {
        if chosen.len() == top {
            break;
        }
        // N-grams of scripts without spaces overlap: one of them is enough.
        let overlaps =
            |other: &String| !word.is_ascii() && (other.contains(&word) || word.contains(other.as_str()));
        if !chosen.iter().any(overlaps) {
            chosen.push(word);
        }
    }
    chosen
}

/// The words of one document worth showing: feature, text, how often; ascending by feature.
fn count<'a>(chars: &CharTable, text: &'a str) -> Vec<(u32, &'a str, u32)> {
    let mut words = Words { text, chars, found: Vec::new() };
    tokenize(chars, text, &mut words);
    let mut found = words.found;
    found.sort_unstable();
    // Spellings in another case have the same feature; the first in byte order stands for all.
    found.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same[0].1, same.len() as u32)).collect()
}

/// The lower case of a word, as its feature sees it.
fn lower(chars: &CharTable, word: &str) -> String {
    word.chars().filter_map(|c| char::from_u32(chars.get(c).lower)).collect()
}

/// Takes the words that a person can read.
struct Words<'a, 'c> {
    text: &'a str,
    chars: &'c CharTable,
    found: Vec<(u32, &'a str)>,
}

impl Sink for Words<'_, '_> {
    fn word(&mut self, feature: u32, at: Range<usize>) {
        let word = &self.text[at];
        let len = word.chars().take(LONGEST + 1).count();
        let lettered = word.bytes().any(|b| !b.is_ascii_digit());
        let is_symbol = || word.chars().all(|c| self.chars.get(c).class == Class::Symbol);
        // What could not be read when the text was decoded marks nothing.
        let broken = word.contains(char::REPLACEMENT_CHARACTER);
        if lettered && !broken && len <= LONGEST && (len > 1 || is_symbol()) {
            self.found.push((feature, word));
        }
    }

    fn pair(&mut self, _: u32) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_taken_evenly_and_once() {
        assert_eq!(spread(3, 30).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(spread(100, 4).collect::<Vec<_>>(), [12, 37, 62, 87]);
        assert_eq!(spread(0, 4).count(), 0);
        let many: Vec<u64> = spread(1 << 40, 500).collect();
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]) && many[499] < 1 << 40);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(beginning("short"), "short");
        let long = format!("a{}", "é".repeat(OF_A_TEXT));
        assert_eq!(beginning(&long).len(), OF_A_TEXT - 1);
    }

    #[test]
    fn words_found_everywhere_mark_nothing() {
        let one = vec!["the cat sat on the mat", "the cat and the dog", "a cat in the house"];
        let other = vec!["the ship on the sea", "the ship and the storm", "a ship in the harbour"];
        let all: Vec<&str> = one.iter().chain(&other).copied().collect();
        let found = keywords(&[one, other, all.clone(), vec![]], &all, 3, &CancelFlag::default()).unwrap();
        assert_eq!((found[0][0].as_str(), found[1][0].as_str()), ("cat", "ship"));
        assert!(found[..2].iter().flatten().all(|word| word != "the" && word != "on"), "{found:?}");
        assert!(
            found[2].is_empty() && found[3].is_empty(),
            "the whole is not marked against itself: {found:?}"
        );
    }

    #[test]
    fn code_han_thai_and_emoji_have_keywords() {
        let code = vec!["let HTTPServer = newSocket(42);", "socket.bind(http_server)"];
        let chinese = vec!["机器学习模型的训练", "训练机器学习模型"];
        let thai = vec!["แมวกินปลา", "แมวนอน"];
        let emoji = vec!["😀😀 ok", "😀"];
        let all: Vec<&str> = [&code, &chinese, &thai, &emoji].into_iter().flatten().copied().collect();
        let found = keywords(&[code, chinese, thai, emoji], &all, 4, &CancelFlag::default()).unwrap();
        assert!(
            ["http", "server", "socket"].iter().all(|word| found[0].iter().any(|w| w == word)),
            "{found:?}"
        );
        assert!(found[1].iter().any(|word| word == "机器"), "{found:?}");
        assert!(found[2].iter().any(|word| "แมว".contains(word.as_str())), "{found:?}");
        assert_eq!(found[3][0], "😀");
    }
}
