use proptest::prelude::*;

use super::*;
use crate::error::{dashed, said};
use crate::format::cut::{Cutter, Shape, Span};
use crate::format::items::{Layout, items};

type Row = (Span, Result<Record<'static>, RecordError>);

fn asked(text: Option<&str>, id: Option<&str>, tokens: Option<&str>) -> Fields {
    let own = |field: Option<&str>| field.map(str::to_owned);
    Fields { text: own(text), id: own(id), tokens: own(tokens) }
}

/// All rows of a table, header left out.
fn rows_of(table: &[u8], delimiter: Delimiter, fields: &Fields) -> Result<(Vec<Row>, u64), HeaderError> {
    let mut spans = Vec::new();
    let mut cutter = Cutter::new(Shape::Table(delimiter));
    cutter.push(table, &mut spans);
    cutter.finish(&mut spans);
    let header = spans.first().map_or(&b""[..], |header| header.of(table, 0));
    let columns = Columns::of(header, delimiter, fields)?;
    let items = items(Layout::Table(&columns), &spans[1..], table, 0);
    let rows = items.map(|item| (item.span, item.decoded.record.map(Record::into_owned)));
    Ok((rows.collect(), cutter.blank_lines()))
}

fn rows(table: &[u8], fields: &Fields) -> Result<(Vec<Row>, u64), HeaderError> {
    rows_of(table, Delimiter::Comma, fields)
}

fn records(table: &str) -> Vec<(u64, Result<Record<'static>, RecordError>)> {
    let (rows, _) = rows(table.as_bytes(), &Fields::default()).unwrap();
    rows.into_iter().map(|(span, record)| (span.line, record)).collect()
}

fn texts(table: &str) -> Vec<(u64, String)> {
    records(table).into_iter().map(|(line, record)| (line, record.unwrap().text.into_owned())).collect()
}

fn own(texts: &[(u64, &str)]) -> Vec<(u64, String)> {
    texts.iter().map(|&(line, text)| (line, text.to_owned())).collect()
}

#[test]
fn quotes_hold_delimiters_quotes_and_line_ends() {
    let table = "id,text\n1,\"a, \"\"b\"\"\"\n2,\"c\r\nd\ne\"\n3,5\" pipe\n4,f";
    assert_eq!(texts(table), own(&[(2, "a, \"b\""), (3, "c\r\nd\ne"), (6, "5\" pipe"), (7, "f")]));
}

#[test]
fn records_end_with_either_line_end_and_empty_lines_are_counted() {
    for end in ["\n", "\r\n", "\r"] {
        let table = ["text,id", "a,1", "", "", "b,2", "\"c\",3", ""].join(end);
        assert_eq!(texts(&table), own(&[(2, "a"), (5, "b"), (6, "c")]), "{end:?}");
        let (rows, blank) = rows(table.as_bytes(), &Fields::default()).unwrap();
        assert_eq!(blank, 2, "{end:?}");
        let at = |(span, _): &Row| &table[span.offset as usize..][..span.length as usize];
        assert_eq!(rows.iter().map(at).collect::<Vec<_>>(), ["a,1", "b,2", "\"c\",3"], "{end:?}");
    }
}

#[test]
fn the_header_chooses_as_the_fields_of_json_lines_are_chosen() {
    let text = |table: &str| texts(table)[0].1.clone();
    assert_eq!(text("content,text,prompt,output\nc,t,p,o"), "t");
    assert_eq!(text("prompt,output,content\np,o,c"), "c");
    assert_eq!(text("output,prompt\no,p"), "p\no");
    assert_eq!(text("text,content\n,c"), "", "the header decides once");
    let fields = asked(Some("body"), Some("url"), Some("n"));
    let (rows, _) = rows(b"n,body,url\n7,b,u\n,b,u", &fields).unwrap();
    let record = rows[0].1.as_ref().unwrap();
    assert_eq!((&*record.text, record.id.as_deref(), record.tokens), ("b", Some("u"), Some(7)));
    assert_eq!(rows[1].1.as_ref().unwrap().tokens, None);
}

#[test]
fn a_header_without_the_columns_says_what_there_is() {
    let message = |table: &[u8], fields: &Fields| said(&rows(table, fields).unwrap_err(), dashed).to_string();
    let none = Fields::default();
    assert!(message(b"id;text\n1;a", &none).contains("has `id;text`"));
    assert!(message(b"id,text\n", &asked(Some("body"), None, None)).contains("`body` (--text-field)"));
    assert!(message(b"id,text\n", &asked(None, None, Some("n"))).contains("`n` (--token-field)"));
    assert!(message(b"text,text\n", &none).contains("two columns are called `text`"));
    assert!(message(b"text,\"id\n1,2\n", &none).contains("not closed"));
    assert!(message(b"te\xE9xt\n", &none).contains("not UTF-8"));
    assert!(message(b"\n\r\n", &none).contains("no header"));
    assert!(
        message(b"a,b\n", &none).contains("with --text-field; cells are separated by commas (--format csv)")
    );
    let plain = rows(b"id,text\n", &asked(Some("body"), None, None)).unwrap_err().to_string();
    assert!(plain.starts_with("no column `body` (text_field); the header"), "{plain}");
    assert!(rows(b"id,x,x,text\n", &none).is_ok(), "columns that are not taken may be called alike");
}

#[test]
fn every_kind_of_bad_record_says_what_is_wrong() {
    let fields = asked(None, Some("id"), Some("n"));
    let table = b"id,text,n\n1,a\n2,b,c,d\n3,\xE9,1\n,e,1\n5,f,+1\n6,g,1.0\n7,\"h,1\n8,i,1\n";
    let (rows, _) = rows(table, &fields).unwrap();
    let found: Vec<_> = rows.iter().map(|(span, row)| (span.line, row.as_ref().unwrap_err())).collect();
    let count = |found: &str| RecordError::NotACount { field: "n".into(), found: found.into() };
    assert_eq!(
        found,
        [
            (2, &RecordError::Cells { found: 2, columns: 3 }),
            (3, &RecordError::Cells { found: 4, columns: 3 }),
            (4, &RecordError::CellUtf8 { cell: 2, byte: 1 }),
            (5, &RecordError::NoId { field: "id".into() }),
            (6, &count("+1")),
            (7, &count("1.0")),
            (8, &RecordError::Unclosed),
        ]
    );
    assert!(RecordError::Unclosed.stops(false), "the rest of the file is never left out in silence");
}

#[test]
fn cells_that_are_utf_8_only_together_are_bad() {
    let (rows, _) = rows(b"text,id\n\xC3,\xA9\n", &Fields::default()).unwrap();
    assert_eq!(rows[0].1, Err(RecordError::CellUtf8 { cell: 1, byte: 1 }));
}

#[test]
fn a_byte_order_mark_within_a_table_stays() {
    assert_eq!(texts("text\n\u{FEFF}a\nb"), own(&[(2, "\u{FEFF}a"), (3, "b")]));
}

#[test]
fn tabs_separate_and_commas_do_not() {
    let table = b"id\ttext\n1\ta, b\n2\t\"c\td\"";
    let columns = Columns::of(&table[..7], Delimiter::Tab, &Fields::default()).unwrap();
    assert_eq!(columns.names(), ["id", "text"]);
    let (rows, _) = rows_of(table, Delimiter::Tab, &Fields::default()).unwrap();
    let texts: Vec<_> = rows.into_iter().map(|(_, record)| record.unwrap().text).collect();
    assert_eq!(texts, ["a, b", "c\td"]);
}

/// A table of one column from cells that are all quoted.
fn quoted(cells: &[String], end: &str) -> String {
    let cell = |cell: &String| format!("\"{}\"{end}", cell.replace('"', "\"\""));
    format!("text{end}{}", cells.iter().map(cell).collect::<String>())
}

proptest! {
    #[test]
    fn any_text_comes_back(cells: Vec<String>, end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")]) {
        let found: Vec<_> = texts(&quoted(&cells, end)).into_iter().map(|(_, text)| text).collect();
        prop_assert_eq!(found, cells);
    }
}
