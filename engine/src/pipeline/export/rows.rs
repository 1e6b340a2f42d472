//! Rows of tables: what is known of a document, and its text where that is asked for, as bytes between reading and
//! writing.

use clusterclip_core::format::cut::At;

use super::arrange::Found;
use super::names::Named;

/// Bytes before the strings: row, repetition, source's number, kind of place, row in the source, lengths of id and source.
const HEAD: usize = 40;

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The document's row.
    pub document: u64,
    /// How often it has been drawn so far, this time included.
    pub repetition: u64,
    /// The number of its source, and the row there; `None` where sources have no rows.
    pub place: Option<(u32, u64)>,
    /// Its id.
    pub id: &'a str,
    /// What it was read from.
    pub source: &'a str,
    /// Its text.
    pub text: &'a str,
}

impl<'a> Row<'a> {
    /// A document at one of its turns.
    pub fn of(found: &Found<'a>, repetition: u64) -> Self {
        let Found { named: Named { document, id, source, place }, text, .. } = *found;
        let place = match place.at {
            At::Row(row) => Some((place.source, row)),
            At::Bytes { .. } => None,
        };
        Self { document, repetition, place, id, source, text }
    }

    /// Appends it to `out`.
    pub fn put(&self, out: &mut Vec<u8>) {
        let (number, row) = self.place.unwrap_or_default();
        out.extend_from_slice(&self.document.to_le_bytes());
        out.extend_from_slice(&self.repetition.to_le_bytes());
        out.extend_from_slice(&number.to_le_bytes());
        out.extend_from_slice(&u32::from(self.place.is_some()).to_le_bytes());
        out.extend_from_slice(&row.to_le_bytes());
        // Both lie in a record, which is at most 1 GiB.
        out.extend_from_slice(&(self.id.len() as u32).to_le_bytes());
        out.extend_from_slice(&(self.source.len() as u32).to_le_bytes());
        [self.id, self.source, self.text].iter().for_each(|text| out.extend_from_slice(text.as_bytes()));
    }

    /// Takes it out of its bytes.
    ///
    /// # Panics
    /// If they were not made by [`Row::put`].
    pub fn taken(bytes: &'a [u8]) -> Self {
        let u64_at = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        let u32_at = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        let (id, source) = (HEAD + u32_at(32) as usize, u32_at(36) as usize);
        let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).expect("strings were put");
        Self {
            document: u64_at(0),
            repetition: u64_at(8),
            place: (u32_at(20) == 1).then(|| (u32_at(16), u64_at(24))),
            id: text(&bytes[HEAD..id]),
            source: text(&bytes[id..id + source]),
            text: text(&bytes[id + source..]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_from_its_bytes() {
        for place in [None, Some((3, 1 << 40))] {
            let row = Row { document: 1 << 33, repetition: 2, place, id: "ä", source: "", text: "a text\n" };
            let mut bytes = Vec::new();
            row.put(&mut bytes);
            assert_eq!(Row::taken(&bytes), row);
        }
    }
}
