//! Lines: where records begin and end.
//!
//! A line ends with a line feed or with the end of the input; a carriage return before the line feed belongs
//! to the end. A byte order mark at the start of the input is no part of the first line.

/// The UTF-8 byte order mark.
pub const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Gives the length of the byte order mark at the start of an input: 3 or 0.
pub fn bom_length(start: &[u8]) -> usize {
    if start.starts_with(BOM) { BOM.len() } else { 0 }
}

/// Counts the line ends of a piece of a table, where a carriage return ends a line by itself too. Pieces are not cut
/// between the two bytes of a line end.
pub fn count_ends(bytes: &[u8]) -> u64 {
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    let alone = memchr::memchr_iter(b'\r', bytes).filter(|&at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + alone) as u64
}

/// A line of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number, counted on from the first line given to [`Lines::new`].
    pub number: u64,
    /// Where it starts, counted on from the offset given to [`Lines::new`].
    pub offset: u64,
    /// Its bytes, without the line end.
    pub bytes: &'a [u8],
}

impl Line<'_> {
    /// Whether the line holds nothing but ASCII white space.
    pub fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

/// Walks the lines of a piece of an input.
///
/// ```
/// use clusterclip_core::format::lines::Lines;
/// let lines: Vec<_> = Lines::new(b"one\r\n\ntwo", 1, 0).map(|l| (l.number, l.offset, l.bytes)).collect();
/// assert_eq!(lines, [(1, 0, &b"one"[..]), (2, 5, b""), (3, 6, b"two")]);
/// ```
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rest: &'a [u8],
    number: u64,
    offset: u64,
}

impl<'a> Lines<'a> {
    /// Starts at a piece whose first byte is byte `offset` of the input and begins line `number`.
    pub fn new(bytes: &'a [u8], number: u64, offset: u64) -> Self {
        Self { rest: bytes, number, offset }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (bytes, taken) = match memchr::memchr(b'\n', self.rest) {
            Some(end) => (&self.rest[..end], end + 1),
            None => (self.rest, self.rest.len()),
        };
        let line = Line {
            number: self.number,
            offset: self.offset,
            bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes),
        };
        self.rest = &self.rest[taken..];
        self.number += 1;
        self.offset += taken as u64;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_last_line_without_a_line_end_counts_and_an_empty_one_does_not() {
        let count = |bytes: &[u8]| Lines::new(bytes, 1, 0).count();
        assert_eq!(count(b""), 0);
        assert_eq!(count(b"a"), 1);
        assert_eq!(count(b"a\n"), 1);
        assert_eq!(count(b"a\n\n"), 2);
        assert_eq!(count(b"\r\nb"), 2);
    }

    /// Bytes in which line ends are common.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b' '), any::<u8>()], 0..60)
    }

    proptest! {
        #[test]
        fn lines_can_be_found_again_by_offset_and_length(bytes in bytes()) {
            for (number, line) in (1..).zip(Lines::new(&bytes, 1, 0)) {
                prop_assert_eq!(line.number, number);
                let start = line.offset as usize;
                prop_assert_eq!(&bytes[start..start + line.bytes.len()], line.bytes);
                prop_assert!(!line.bytes.contains(&b'\n'));
            }
        }

        #[test]
        fn pieces_cut_at_line_ends_give_the_same_lines(bytes in bytes(), at: prop::sample::Index) {
            let whole: Vec<_> = Lines::new(&bytes, 1, 0).collect();
            let ends = memchr::memchr_iter(b'\n', &bytes).map(|i| i + 1);
            let cuts: Vec<usize> = std::iter::once(0).chain(ends).collect();
            let cut = *at.get(&cuts);
            let first: Vec<_> = Lines::new(&bytes[..cut], 1, 0).collect();
            let next = Lines::new(&bytes[cut..], first.len() as u64 + 1, cut as u64);
            let joined: Vec<_> = first.iter().copied().chain(next).collect();
            prop_assert_eq!(joined, whole);
        }
    }
}
