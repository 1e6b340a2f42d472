//! What holds of any bytes.

use proptest::prelude::*;

use super::*;
use crate::format::items::{Layout, decode, items};
use crate::format::records::{Choice, Fields, Record, RecordError};
use crate::format::table::Columns;

/// Bytes in which everything that matters is common.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let one = prop_oneof![
        3 => Just(b'\n'),
        3 => Just(b'\r'),
        3 => Just(b'"'),
        1 => Just(b','),
        1 => Just(b'\t'),
        1 => Just(b' '),
        1 => prop_oneof![Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'\\')],
        1 => Just(b'a'),
        1 => Just(0xC3),
        1 => any::<u8>(),
    ];
    let mark = prop_oneof![Just(0), Just(1), Just(2), Just(3), Just(3)];
    (mark, prop::collection::vec(one, 0..60)).prop_map(|(mark, bytes)| [&BOM[..mark], &bytes].concat())
}

/// What a whole input holds when it is read in order.
type Items = Vec<(Span, Result<Record<'static>, RecordError>)>;

proptest! {
    #[test]
    fn any_pieces_give_the_records_of_the_whole(bytes in bytes(), cuts in prop::collection::vec(0usize..70, 0..8)) {
        let mut ends: Vec<usize> = cuts.iter().map(|&cut| cut.min(bytes.len())).collect();
        ends.sort_unstable();
        ends.push(bytes.len());
        for shape in SHAPES {
            let whole = cut(shape, [&bytes[..]]);
            let starts = std::iter::once(0).chain(ends.iter().copied());
            prop_assert_eq!(&cut(shape, starts.zip(&ends).map(|(start, &end)| &bytes[start..end])), &whole);
            prop_assert_eq!(&cut(shape, bytes.chunks(1)), &whole);
        }
    }

    #[test]
    fn records_lie_one_after_another_with_nothing_but_line_ends_between(bytes in bytes()) {
        for shape in SHAPES {
            let found = cut(shape, [&bytes[..]]);
            let is_between = |byte: &u8| {
                byte.is_ascii_whitespace() || shape == Shape::Json && matches!(byte, b'[' | b']' | b',')
            };
            let mut end = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
            for span in &found.spans {
                let range = span.at().range();
                prop_assert!(range.start >= end as u64 && (range.end > range.start || shape == Shape::Lines));
                prop_assert!(bytes[end..range.start as usize].iter().all(is_between));
                end = range.end as usize;
            }
            prop_assert!(found.fault.is_some() || bytes[end..].iter().all(is_between));
            prop_assert_eq!(found.pending, bytes.len() as u64);
        }
    }

    #[test]
    fn lines_and_line_numbers_are_those_of_a_naive_count(bytes in bytes()) {
        let text = bytes.strip_prefix(BOM).unwrap_or(&bytes);
        let lines = (1..).zip(text.split(|&byte| byte == b'\n'));
        let lines = lines.map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)));
        let expected: Vec<(u64, &[u8])> =
            lines.filter(|(_, line)| !line.iter().all(u8::is_ascii_whitespace)).collect();
        prop_assert_eq!(records(Shape::Jsonl, &bytes), expected);
        // Text, as Python reads it: all line ends are one.
        let letters = String::from_utf8_lossy(text).replace("\r\n", "\n").replace('\r', "\n");
        let mut expected: Vec<String> = letters.split('\n').map(str::to_owned).collect();
        if expected.last().is_some_and(String::is_empty) {
            expected.pop();
        }
        let found = records(Shape::Lines, &bytes).into_iter();
        let found: Vec<(u64, String)> =
            found.map(|(line, bytes)| (line, String::from_utf8_lossy(bytes).into_owned())).collect();
        prop_assert_eq!(found, (1..).zip(expected).collect::<Vec<_>>());
    }

    #[test]
    fn a_record_is_found_again_by_its_place(bytes in bytes()) {
        let fields = Fields::default();
        for shape in SHAPES {
            let bytes = if shape.has_header() { [&b"text\n"[..], &bytes].concat() } else { bytes.clone() };
            let mut spans = cut(shape, [&bytes[..]]).spans;
            let columns = match shape {
                Shape::Table(options) => {
                    Some(Columns::of(spans.remove(0).of(&bytes, 0), options, &[], &fields).unwrap())
                }
                _ => None,
            };
            let choice = Choice::default();
            let layout = match (shape, &columns) {
                (Shape::Jsonl, _) => Layout::Jsonl(&choice),
                (Shape::Json, _) => Layout::Json(&choice),
                (_, Some(columns)) => Layout::Table(columns),
                _ => Layout::Plain,
            };
            let in_order: Items = items(layout, &spans, &bytes, 0)
                .map(|item| (item.span, item.decoded.record.map(Record::into_owned)))
                .collect();
            prop_assert_eq!(in_order.len(), spans.len());
            for (span, record) in in_order {
                let range = span.at().range();
                let raw = &bytes[range.start as usize..range.end as usize];
                prop_assert_eq!(&decode(layout, raw).record, &record);
                // By itself, the record is a record, unless its own ends look like those of an input.
                let closed = !matches!(record, Err(RecordError::Unclosed)) && shape != Shape::Json;
                if closed && !raw.starts_with(BOM) && !raw.ends_with(b"\r") && !raw.is_empty() {
                    let alone = cut(shape, [raw]).spans;
                    prop_assert_eq!(alone, [Span { number: 0, line: 1, offset: 0, length: raw.len() as u64 }]);
                }
            }
        }
    }
}
