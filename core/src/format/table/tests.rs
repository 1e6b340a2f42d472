use proptest::prelude::*;

use super::*;
use crate::error::{Explain, Kind, dashed, said};
use crate::format::cut::{Cutter, Shape, Span};
use crate::format::items::{Layout, items};

type Row = (Span, Result<Record<'static>, RecordError>);

fn asked(text: Option<&str>, id: Option<&str>, tokens: Option<&str>) -> Fields {
    let own = |field: Option<&str>| field.map(str::to_owned);
    Fields { text: own(text).into_iter().collect(), id: own(id), tokens: own(tokens), ..Fields::default() }
}

/// All rows of a table, header left out.
fn rows_of(table: &[u8], options: TableOptions, fields: &Fields) -> Result<(Vec<Row>, u64), HeaderError> {
    let mut spans = Vec::new();
    let mut cutter = Cutter::new(Shape::Table(options));
    cutter.push(table, &mut spans);
    cutter.finish(&mut spans);
    let first = spans[0].of(table, 0);
    let columns = Columns::of(first, options, &[], fields)?;
    let rows = &spans[usize::from(options.has_header())..];
    let items = items(Layout::Table(&columns), rows, table, 0);
    let rows = items.map(|item| (item.span, item.decoded.record.map(Record::into_owned)));
    Ok((rows.collect(), cutter.blank_lines()))
}

fn rows(table: &[u8], fields: &Fields) -> Result<(Vec<Row>, u64), HeaderError> {
    rows_of(table, TableOptions::CSV, fields)
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
fn the_header_chooses_as_the_first_record_of_json_lines_does() {
    let text = |table: &str| texts(table)[0].1.clone();
    assert_eq!(text("content,text,prompt,output\nc,t,p,o"), "t");
    assert_eq!(text("prompt,output,content\np,o,c"), "c");
    assert_eq!(text("output,prompt\no,p"), "p\no");
    assert_eq!(text("output,input,instruction\no,,i"), "i\no");
    assert_eq!(text("messages,text\n[],t"), "t", "a cell is no conversation");
    assert_eq!(text("text,content\n,c"), "", "the header decides once");
    let fields = asked(Some("body"), Some("url"), Some("n"));
    let (rows, _) = rows(b"n,body,url\n7,b,u\n,b,u\n 12.0 ,b,u", &fields).unwrap();
    let record = rows[0].1.as_ref().unwrap();
    assert_eq!((&*record.text, record.id.as_deref(), record.tokens), ("b", Some("u"), Some(7)));
    assert_eq!(rows[1].1.as_ref().unwrap().tokens, None);
    assert_eq!(rows[2].1.as_ref().unwrap().tokens, Some(12));
}

#[test]
fn a_header_without_the_columns_says_what_there_is() {
    let message = |table: &[u8], fields: &Fields| said(&rows(table, fields).unwrap_err(), dashed).to_string();
    let none = Fields::default();
    for (table, other) in
        [(&b"id;text\n1;a"[..], "';'"), (b"id|text\n1|a", "'|'"), (b"id\ttext\n1\ta", "'\\t'")]
    {
        let message = message(table, &none);
        assert!(
            message.ends_with(&format!("they are separated otherwise: --delimiter {other}")),
            "{message}"
        );
    }
    assert!(message(b"id;text\n", &asked(Some("text"), None, None)).contains("--delimiter ';'"));
    assert!(rows(b"a;b\nt", &asked(Some("a;b"), None, None)).is_ok(), "who asks for such a column has it");
    assert!(
        message(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", &none)
            .contains("git lfs pull")
    );
    assert!(
        message(b"te\"xt,\"id\"x\n", &none).contains("closing quote of name 2 in the header; --quote none")
    );
    assert!(message(b"id,text\n", &asked(Some("body"), None, None)).contains("`body` (--text-field)"));
    assert!(message(b"id,text\n", &asked(None, None, Some("n"))).contains("`n` (--token-field)"));
    assert!(message(b"text,text\n", &none).contains("two columns are called `text`"));
    assert!(message(b"text,\"id\n1,2\n", &none).contains("not closed"));
    assert!(message(b"te\xE9xt\n", &none).contains("not UTF-8"));
    assert!(
        message(&[&b"text"[..], &b",".repeat(MAX_COLUMNS)].concat(), &none)
            .contains("more than 65536 columns")
    );
    assert!(rows(b"\"text, cleaned\"\na\n", &asked(Some("text, cleaned"), None, None)).is_ok());
    assert!(message(b"\"words, cleaned\"\na\n", &none).contains("no column that is known"));
    assert!(
        message(b"a,b\n", &none)
            .contains("with --text-field; --no-header says that the first record names none")
    );
    let plain = rows(b"id,text\n", &asked(Some("body"), None, None)).unwrap_err().to_string();
    assert!(plain.starts_with("no column `body` (text_field); the header"), "{plain}");
    assert!(rows(b"id,x,x,text\n", &none).is_ok(), "columns that are not taken may be called alike");
}

#[test]
fn every_kind_of_bad_record_says_what_is_wrong() {
    let fields = asked(None, Some("id"), Some("n"));
    let table = b"id,text,n\n1,a\n2,b,c,d\n3,\xE9,1\n,e,1\n5,f,+1\n6,g,1.5\n7,\"h\" x,1\n8,\"i,1\n9,j,1\n";
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
            (7, &count("1.5")),
            (8, &RecordError::AfterQuote { cell: 2, merges: false }),
            (9, &RecordError::Unclosed),
        ]
    );
    assert!(RecordError::Unclosed.stops(false), "the rest of the file is never left out in silence");
    let merged =
        self::rows(b"id,text,n\n1,\"a\n2,b,1\n3,\"c\",1\n", &fields).unwrap().0.remove(0).1.unwrap_err();
    assert_eq!(merged, RecordError::AfterQuote { cell: 2, merges: true });
    assert!(merged.stops(false), "rows that quotes merged are never left out in silence");
    for error in [RecordError::AfterQuote { cell: 2, merges: false }, RecordError::Unclosed] {
        assert!(said(&error, dashed).to_string().contains("read quotes as letters with --quote none"));
    }
}

#[test]
fn a_line_of_blanks_is_no_record_as_in_pandas() {
    let table = " \t\ntext,id\na,1\n   \nb,2\n\t\n\u{C},3\n \",4\n\"\",\n";
    assert_eq!(texts(table), own(&[(3, "a"), (5, "b"), (7, "\u{C}"), (8, " \""), (9, "")]));
    assert_eq!(rows(table.as_bytes(), &Fields::default()).unwrap().1, 2);
    let tsv = rows_of(b"text\tid\n \n\t\na\t1", TableOptions::TSV, &Fields::default()).unwrap();
    assert_eq!((tsv.0.len(), tsv.1), (2, 1), "a tab separates two empty cells");
}

#[test]
fn cells_that_are_utf_8_only_together_are_bad() {
    let (rows, _) = rows(b"text,id\n\xC3,\xA9\n", &Fields::default()).unwrap();
    assert_eq!(rows[0].1, Err(RecordError::CellUtf8 { cell: 1, byte: 1 }));
    let (rows, _) = self::rows(b"text,x\na,\xA9\n", &Fields::default()).unwrap();
    assert!(rows[0].1.is_ok(), "a cell that nobody reads stops nothing");
}

#[test]
fn a_byte_order_mark_within_a_table_stays() {
    assert_eq!(texts("text\n\u{FEFF}a\nb"), own(&[(2, "\u{FEFF}a"), (3, "b")]));
}

/// The texts of a table, bad records as what is said of them.
fn read(table: &[u8], options: TableOptions) -> Vec<String> {
    let (rows, _) = rows_of(table, options, &Fields::default()).unwrap();
    let said = |row: Row| row.1.map_or_else(|error| error.to_string(), |record| record.text.into_owned());
    rows.into_iter().map(said).collect()
}

#[test]
fn tabs_separate_and_quotes_are_letters_but_round_whole_cells() {
    let tsv = |row: &str| read(format!("id\ttext\n{row}\n").as_bytes(), TableOptions::TSV);
    assert_eq!(tsv("1\ta, b"), ["a, b"]);
    assert_eq!(tsv("1\t\"a \"\"b\"\"\""), ["a \"b\""]);
    assert_eq!(tsv("\"1\"\t\"a\""), ["a"]);
    assert_eq!(tsv("1\t\"a\tb\""), ["a\tb"]);
    // Letters: a quote that does not end, ends too early, or stands within.
    for text in ["\"a", "\"a\" b", "\"a\" b \"c\"", "5\" pipe", "\"", "a \"b\""] {
        assert_eq!(tsv(&format!("1\t{text}")), [text]);
    }
    assert_eq!(tsv("\"1\t\"a\""), ["\"a\""], "a record has quotes round all such cells or has none");
    assert_eq!(tsv("1\t\"a\n2\tb\""), ["\"a", "b\""], "no row is merged with another");
    let quoted = TableOptions::TSV.with(None, Some(Quote::Byte(b'"')), true).unwrap();
    assert_eq!(read(b"id\ttext\n1\t\"a\tb\nc\"\n", quoted), ["a\tb\nc"]);
}

#[test]
fn any_byte_may_separate_and_quote_or_none() {
    let options = |delimiter, quote| TableOptions::CSV.with(Some(delimiter), quote, true).unwrap();
    assert_eq!(read(b"id;text\n1;\"a;b\"\n", options(b';', None)), ["a;b"]);
    assert_eq!(read(b"id|text\n1|'a|''b'\n", options(b'|', Some(Quote::Byte(b'\'')))), ["a|'b"]);
    assert_eq!(read(b"id,text\n1,\"a\n2,b\"\n", options(b',', Some(Quote::Nothing))), ["\"a", "b\""]);
    assert_eq!(read(b"id\ttext\n1\t\"a\n", options(b'\t', None)), ["\"a"], "tabs make a TSV");
    for wrong in
        [(Some(b'\n'), None), (None, Some(Quote::Byte(b'\r'))), (Some(0x80), None), (Some(b'"'), None)]
    {
        let error = TableOptions::CSV.with(wrong.0, wrong.1, true).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
    }
    let same = TableOptions::CSV.with(None, Some(Quote::Byte(b',')), true).unwrap_err();
    assert_eq!(said(&same, dashed).to_string(), "--delimiter and --quote are the same");
}

#[test]
fn without_a_header_columns_have_numbers() {
    let bare = TableOptions::CSV.with(None, None, false).unwrap();
    let (rows, _) = rows_of(b"text,1\nb,2\n", bare, &asked(Some("0"), Some("1"), None)).unwrap();
    let found: Vec<_> = rows.iter().map(|(span, row)| (span.number, row.as_ref().unwrap())).collect();
    assert_eq!((found[0].0, &*found[0].1.text, found[0].1.id.as_deref()), (0, "text", Some("1")));
    assert_eq!((found[1].0, &*found[1].1.text), (1, "b"));
    let error = rows_of(b"a,b\n", bare, &Fields::default()).unwrap_err();
    assert!(
        said(&error, dashed)
            .to_string()
            .contains("has `0`, `1`; name the column of the text with --text-field")
    );
}

#[test]
fn a_row_that_names_the_columns_again_is_none_and_keeps_its_number() {
    let table = b"id,text\n1,a\nid,text\n\"id\",\"text\"\n\xEF\xBB\xBFid,text\nid,b\ntext,id\n";
    let (rows, _) = rows(table, &Fields::default()).unwrap();
    let found: Vec<_> = rows
        .into_iter()
        .map(|(span, row)| (span.number, row.map(|record| record.text.into_owned())))
        .collect();
    let again = || Err(RecordError::HeaderAgain);
    let text = |text: &str| Ok(text.to_owned());
    assert_eq!(
        found,
        [(0, text("a")), (1, again()), (2, again()), (3, again()), (4, text("b")), (5, text("id"))]
    );
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

#[test]
fn records_without_texts_may_have_no_counts_and_must_have_scores() {
    let fields = |score: &str| Fields {
        textless: true,
        id: Some("cluster".to_owned()),
        tokens: Some("clip".to_owned()),
        score: Some(score.to_owned()),
        ..Fields::default()
    };
    let (found, _) = rows(b"cluster,weight\n3,0.5\n", &fields("weight")).unwrap();
    let record = found[0].1.as_ref().unwrap();
    assert_eq!((record.id.as_deref(), record.tokens, record.score), (Some("3"), None, Some(0.5)));
    assert_eq!(record.text, "");
    let error = rows(b"cluster,weight\n3,0.5\n", &fields("w")).unwrap_err();
    assert!(error.to_string().contains("`w`"), "{error}");
}
