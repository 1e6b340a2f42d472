//! Finding documents by what their texts hold.

use super::Documents;
use crate::embed::lexical::CharTable;
use crate::monitor::{CancelFlag, Cancelled};

/// Bytes of texts that are searched between two looks at the cancel flag: a few milliseconds.
const STRETCH: usize = 1 << 20;

impl Documents {
    /// Finds the rows whose text holds `needle`, upper and lower case alike, ascending. An empty needle is in none.
    ///
    /// ```
    /// use clusterclip_core::documents::Documents;
    /// use clusterclip_core::monitor::CancelFlag;
    /// let documents = Documents::from_texts(["Über Bäume".to_owned(), "trees".to_owned(), "BÄUME".to_owned()]);
    /// assert_eq!(documents.search("bäume", &CancelFlag::default())?, [0, 2]);
    /// # Ok::<(), clusterclip_core::monitor::Cancelled>(())
    /// ```
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn search(&self, needle: &str, cancel: &CancelFlag) -> Result<Vec<u64>, Cancelled> {
        let chars = CharTable::new();
        let needle: Vec<u32> = needle.chars().map(|c| chars.get(c).lower).collect();
        let mut rows = Vec::new();
        let mut searched = 0;
        if needle.is_empty() {
            return Ok(rows);
        }
        for (row, text) in (0..).zip(self.texts()) {
            if searched >= STRETCH {
                cancel.check()?;
                searched = 0;
            }
            searched += text.len();
            if holds(&chars, text, &needle) {
                rows.push(row);
            }
        }
        Ok(rows)
    }
}

/// Whether the lower case of `text` holds `needle`, which is not empty.
fn holds(chars: &CharTable, text: &str, needle: &[u32]) -> bool {
    let lower = |c: char| chars.get(c).lower;
    text.char_indices().any(|(at, c)| {
        lower(c) == needle[0] && text[at..].chars().map(lower).take(needle.len()).eq(needle.iter().copied())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needles_are_found_at_either_end_and_nowhere_else() {
        let documents = Documents::from_texts(["aab", "ab", "b", "", "İx"].map(str::to_owned));
        let find = |needle| documents.search(needle, &CancelFlag::default()).unwrap();
        assert_eq!(find("AB"), [0, 1]);
        assert_eq!(find("b"), [0, 1, 2]);
        assert_eq!(find("abc"), [0u64; 0]);
        assert_eq!(find(""), [0u64; 0]);
        assert_eq!(find("X"), [4]);
        let cancel = CancelFlag::default();
        cancel.cancel();
        let long = Documents::from_texts(["a".repeat(STRETCH), "b".to_owned()]);
        assert_eq!(long.search("b", &cancel), Err(Cancelled));
    }
}
