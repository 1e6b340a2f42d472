mod any_bytes;

use super::*;
use crate::format::table::TableOptions;

const CSV: Shape = Shape::Table(TableOptions::CSV);

const SHAPES: [Shape; 6] =
    [Shape::Jsonl, Shape::Json, CSV, Shape::Table(TableOptions::TSV), Shape::Lines, Shape::Whole];

/// What a cutter says of pieces.
#[derive(Debug, PartialEq)]
struct Found {
    spans: Vec<Span>,
    pending: u64,
    line: u64,
    blank_lines: u64,
    is_empty: bool,
    fault: Option<Fault>,
}

fn cut<'a>(shape: Shape, pieces: impl IntoIterator<Item = &'a [u8]>) -> Found {
    let mut spans = Vec::new();
    let mut cutter = Cutter::new(shape);
    for piece in pieces {
        cutter.push(piece, &mut spans);
        assert!(spans.iter().all(|span| span.at().range().end <= cutter.pending()));
    }
    cutter.finish(&mut spans);
    let (pending, line) = (cutter.pending(), cutter.line());
    let (blank_lines, is_empty, fault) = (cutter.blank_lines(), cutter.is_empty(), cutter.fault());
    Found { spans, pending, line, blank_lines, is_empty, fault }
}

/// The bytes of each record, with the line on which it begins.
fn records(shape: Shape, bytes: &[u8]) -> Vec<(u64, &[u8])> {
    cut(shape, [bytes]).spans.into_iter().map(|span| (span.line, span.of(bytes, 0))).collect()
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    let inputs: [&[u8]; 5] = [
        b"\xEF\xBB\xBF[\n{\"a\": \"}\\\"\n\", \"b\": [{}]\r\n},\n 7, \"x\", [1, [2]]\n]\n{}\n\xEF\xBB\xBF{\n} junk\n",
        b"\xEF\xBB\xBF{\"text\":\"a\"}\r\n\r\n \n{\"text\":\"b\"}\n\n{\"text\":\"c\"}",
        b"\xEF\xBB\xBF\r\n\nid,text\r\n1,\"a,\r\n\n\"\"b\"\"\"\r\n\r\n\r2,c\r3,\"\"\n4,d",
        b"id\ttext\n1\t\"a\tb\r\"\r\n\n2\tc\n3\t\"open\n\n",
        b"\xEF\xBBone\r\r\n\n two \n\t\r\nthree\r",
    ];
    for (shape, bytes) in SHAPES.into_iter().flat_map(|shape| inputs.map(|bytes| (shape, bytes))) {
        let whole = cut(shape, [bytes]);
        assert!(!whole.spans.is_empty());
        assert_eq!(cut(shape, bytes.chunks(1)), whole, "{shape:?}, byte by byte");
        for at in 0..=bytes.len() {
            assert_eq!(cut(shape, [&bytes[..at], &bytes[at..]]), whole, "{shape:?}, cut at {at}");
        }
    }
}

#[test]
fn each_line_of_text_is_a_record_and_a_last_line_may_have_no_end() {
    let found = |bytes| records(Shape::Lines, bytes);
    assert_eq!(found(b""), []);
    assert_eq!(found(b"a"), [(1, &b"a"[..])]);
    assert_eq!(found(b"a\n"), [(1, &b"a"[..])]);
    assert_eq!(found(b"\n"), [(1, &b""[..])]);
    assert_eq!(found(b"a\nb\n\n"), [(1, &b"a"[..]), (2, b"b"), (3, b"")]);
    assert_eq!(found(b"\r\n\t \x0C\nb\r"), [(1, &b""[..]), (2, b"\t \x0C"), (3, b"b")]);
    assert_eq!(found(b"a\r\r\nb\rc"), [(1, &b"a"[..]), (2, b""), (3, b"b"), (4, b"c")]);
    assert_eq!(cut(Shape::Lines, [&b"\n \n"[..]]).blank_lines, 0);
}

#[test]
fn blank_lines_of_json_lines_are_none_and_are_counted() {
    let found = |bytes| records(Shape::Jsonl, bytes);
    assert_eq!(found(b"a"), [(1, &b"a"[..])]);
    assert_eq!(found(b"a\nb\n\n"), [(1, &b"a"[..]), (2, b"b")]);
    assert_eq!(found(b"\r\n\t \x0C\nb\r"), [(3, &b"b"[..])]);
    assert_eq!(found(b"a\r\r\n"), [(1, &b"a\r"[..])]);
    let blank = |bytes: &[u8]| cut(Shape::Jsonl, [bytes]).blank_lines;
    assert_eq!([blank(b""), blank(b"a\n"), blank(b"\na\n\n"), blank(b" "), blank(b"\r")], [0, 0, 2, 1, 1]);
}

#[test]
fn json_is_cut_wherever_its_records_stand() {
    let found = |text: &'static str| {
        let cut = cut(Shape::Json, [text.as_bytes()]);
        let records = cut.spans.iter().map(|span| (span.number, span.line, span.of(text.as_bytes(), 0)));
        let records: Vec<(u64, u64, &str)> = records
            .map(|(number, line, bytes)| (number, line, std::str::from_utf8(bytes).unwrap()))
            .collect();
        (records, cut.fault.map(|fault| (fault.line, fault.wrong)))
    };
    for (text, records, fault) in [
        ("", &[][..], None),
        (" \n[ ] ", &[], None),
        ("{}", &[(0, 1, "{}")][..], None),
        ("[{}]", &[(0, 1, "{}")], None),
        ("[{\"a\":1},{\"b\":[{}]}]", &[(0, 1, "{\"a\":1}"), (1, 1, "{\"b\":[{}]}")], None),
        ("[\n{\n},\n\n{}\n]", &[(0, 2, "{\n}"), (1, 5, "{}")], None),
        ("{\n}\n{}{}", &[(0, 1, "{\n}"), (1, 3, "{}"), (2, 3, "{}")], None),
        ("[{}]\n[{}]", &[(0, 1, "{}"), (1, 2, "{}")], None),
        ("[{\"]},[\":\"\\\"}\\\\\"}]", &[(0, 1, "{\"]},[\":\"\\\"}\\\\\"}")], None),
        (
            "[1, \"a,]\", null, [2,{}], -1.5e3]",
            &[(0, 1, "1"), (1, 1, "\"a,]\""), (2, 1, "null"), (3, 1, "[2,{}]"), (4, 1, "-1.5e3")],
            None,
        ),
        ("[{}\n,{\"a\":", &[(0, 1, "{}")], Some((2, Wrong::Unclosed))),
        ("[{}\n", &[(0, 1, "{}")], Some((2, Wrong::Unclosed))),
        ("[", &[], Some((1, Wrong::Unclosed))),
        ("[{}\n{}]", &[(0, 1, "{}")], Some((2, Wrong::Wanted("`,` or `]`")))),
        ("[{},]", &[(0, 1, "{}")], Some((1, Wrong::Wanted("a record")))),
        ("[,{}]", &[], Some((1, Wrong::Wanted("a record")))),
        ("{}\n{\"a\":", &[(0, 1, "{}")], Some((2, Wrong::Open))),
        ("{\"a\": \"}\n{}\n", &[], Some((1, Wrong::Open))),
        ("plain words\n{}", &[(0, 1, "plain words"), (1, 2, "{}")], None),
        ("{}\n\u{FEFF}{\n}", &[(0, 1, "{}"), (1, 2, "\u{FEFF}{\n}")], None),
    ] {
        assert_eq!(found(text), (records.to_vec(), fault), "{text}");
    }
    let error = Fault { line: 2, wrong: Wrong::Unclosed }.to_string();
    assert_eq!(error, "the JSON array of records has no end: the file is cut off; fetch or write it again");
}

#[test]
fn records_are_numbered_and_a_header_is_none() {
    let numbers = |shape, bytes: &[u8]| {
        cut(shape, bytes.chunks(1)).spans.iter().map(|span| span.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(CSV, b"a,b\n1,2\n\n3,4\n"), [0, 0, 1]);
    let bare = Shape::Table(TableOptions::CSV.with(None, None, false).unwrap());
    assert_eq!(numbers(bare, b"a,b\n1,2\n\n3,4\n"), [0, 1, 2]);
    assert_eq!(numbers(Shape::Jsonl, b"{}\n\nbad\n{}"), [0, 1, 2]);
    assert_eq!(numbers(Shape::Lines, b"a\n\nb"), [0, 1, 2]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_record_and_only_a_whole_one_is_one() {
    for shape in SHAPES {
        let found = |bytes: &[u8]| cut(shape, [bytes]).spans.first().map(|span| (span.offset, span.length));
        assert_eq!(found(b"\xEF\xBB\xBFab"), Some((3, 2)), "{shape:?}");
        assert_eq!(found(b"\xEF\xBBab"), Some((0, 4)), "{shape:?}");
        assert_eq!(found(b"\xEF\xBB"), Some((0, 2)), "{shape:?}");
        assert_eq!(found(b"\xEF\xBB\xBF\xEF\xBB\xBF"), Some((3, 3)), "{shape:?}");
        assert_eq!(found(b"\xEF\xBB\xBF"), None, "{shape:?}");
    }
}

#[test]
fn quotes_hold_line_ends_together_and_lines_are_counted_within() {
    let table = b"id,text\r\n\"a\r\n\nb\",1\r\rc,\"\"\"\n\"\nd,e";
    let found = records(CSV, table);
    let expected: [(u64, &[u8]); 4] =
        [(1, b"id,text"), (2, b"\"a\r\n\nb\",1"), (6, b"c,\"\"\"\n\""), (8, b"d,e")];
    assert_eq!(found, expected);
    assert_eq!(cut(CSV, [&table[..]]).blank_lines, 1);
}

#[test]
fn an_open_quote_reaches_to_the_end() {
    let table = b"text\na\n\"b\nc\n";
    assert_eq!(records(CSV, table)[2], (3, &b"\"b\nc\n"[..]));
}

#[test]
fn empty_lines_before_a_header_are_not_counted_and_make_no_content() {
    let of = |bytes: &[u8]| {
        let found = cut(CSV, [bytes]);
        (found.spans.first().map(|span| span.line), found.blank_lines, found.is_empty)
    };
    assert_eq!(of(b"\xEF\xBB\xBF\n\r\n\na,b\n\n1,2"), (Some(4), 1, false));
    assert_eq!(of(b"\n\r\r\n"), (None, 0, true));
    assert_eq!(of(b"a"), (Some(1), 0, false));
    let empty = |shape, bytes: &[u8]| cut(shape, [bytes]).is_empty;
    assert!(empty(Shape::Json, b" \n") && !empty(Shape::Json, b"[]"));
    for shape in [Shape::Jsonl, Shape::Lines, Shape::Whole] {
        assert!(empty(shape, b"") && empty(shape, b"\xEF\xBB\xBF"), "{shape:?}");
        assert!(!empty(shape, b"\n") && !empty(shape, b"\xEF") && !empty(shape, b"a"), "{shape:?}");
    }
}

#[test]
fn a_whole_file_is_one_record_whatever_it_holds() {
    assert_eq!(records(Shape::Whole, b"\n a\r\n\"\n"), [(1, &b"\n a\r\n\"\n"[..])]);
    assert_eq!(
        (Shape::Whole.default_id("a", 1), Shape::Lines.default_id("a", 7), Shape::Json.default_id("a", 0)),
        ("a".into(), "a:7".into(), "a#0".into())
    );
}

#[test]
fn places_ascend_and_say_what_they_count() {
    let bytes = At::Bytes { offset: 7, length: 3 };
    assert_eq!((bytes.range(), At::Row(7).range()), (7..10, 7..8));
    assert_eq!((bytes.to_string(), At::Row(7).to_string()), ("byte 7".to_owned(), "row 7".to_owned()));
    assert_eq!(At::Row(u64::MAX).range(), u64::MAX..u64::MAX);
}
