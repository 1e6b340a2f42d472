use super::*;
use crate::error::{Explain, Kind, dashed, said};
use crate::format::table::TableOptions;

fn gather(shape: Shape, policy: Policy, bytes: &[u8]) -> Result<Documents, DocumentsError> {
    let mut gather = Gather::new(shape, "in", policy);
    gather.push(bytes)?;
    gather.finish()
}

#[test]
fn the_first_bad_record_is_an_error_or_is_counted() {
    let lines = b"{\"text\": \"a\"}\n\n{\"text\": 1}\n{}\n{\"text\": \"a\"}\n";
    let error = gather(Shape::Jsonl, Policy::default(), lines).unwrap_err();
    assert_eq!(error.kind(), Kind::Input);
    let error = error.to_string();
    assert!(error.starts_with("in:3: the field `text` holds a number"), "{error}");
    let policy = Policy { skips_bad_records: true, ..Policy::default() };
    let documents = gather(Shape::Jsonl, policy, lines).unwrap();
    let counts = documents.counts();
    assert_eq!((counts.documents, counts.blank_lines, counts.bad_records), (4, 1, 2));
    assert_eq!((counts.duplicate_texts, counts.duplicate_ids, counts.text_bytes), (1, 0, 2));
    assert_eq!(counts.first_bad_record.as_ref().unwrap().to_string(), error);
    let warnings = counts.warnings(dashed);
    assert_eq!(
        warnings[1],
        "2 bad records were skipped (--on-bad-record skip): they keep their numbers and are never drawn"
    );
    assert!(warnings[3].starts_with("the first bad record: in:3: the field `text` holds a number"));
    assert!(warnings[3].ends_with("or leave such records out with --on-bad-record skip"), "{}", warnings[3]);
    assert_eq!(documents.fields(), ["text"]);
    // What was skipped keeps its number and its line.
    let rows = |row| (documents.text(row), documents.id(row).into_owned(), documents.is_skipped(row));
    assert_eq!([rows(0), rows(1)], [("a", "in:1".to_owned(), false), ("", "in:3".to_owned(), true)]);
    assert_eq!([rows(2), rows(3)], [("", "in:4".to_owned(), true), ("a", "in:5".to_owned(), false)]);
    assert!([false, true, true, false].into_iter().eq((0..4).map(|row| documents.says_nothing(row))));
}

#[test]
fn blank_texts_are_no_duplicates_of_each_other() {
    let lines = b"{\"text\": \"\"}\n{\"text\": \" \"}\n{\"text\": \"\"}\n{\"text\": \"a\"}\n";
    let documents = gather(Shape::Jsonl, Policy::default(), lines).unwrap();
    assert_eq!((documents.counts().documents, documents.counts().duplicate_texts), (4, 0));
    assert!((0..4).map(|row| documents.says_nothing(row)).eq([true, true, true, false]));
}

#[test]
fn a_whole_file_is_a_document_that_is_called_as_the_file_is() {
    let documents = gather(Shape::Whole, Policy::default(), b"\xEF\xBB\xBFone\n\ntwo\n").unwrap();
    assert_eq!((documents.len(), documents.text(0), &*documents.id(0)), (1, "one\n\ntwo\n", "in"));
}

#[test]
fn what_is_repaired_or_left_out_is_counted() {
    let halves =
        b"{\"text\": \"a\\ud800b\", \"other\": \"\\udfff\"}\n{\"text\": \"a\", \"other\": \"\\udfff\"}\n";
    let documents = gather(Shape::Jsonl, Policy::default(), halves).unwrap();
    assert_eq!((documents.text(0), documents.counts().half_surrogates), ("a\u{FFFD}b", 1));
    let table = b"id,text\n1,a\nid,text\n2,b\n\xEF\xBB\xBFid,text\n3,c\n";
    let documents = gather(Shape::Table(TableOptions::CSV), Policy::default(), table).unwrap();
    // Elsewhere such a row is a record: the numbers of those behind it are the same.
    let rows = |row| (documents.text(row), documents.is_skipped(row));
    assert_eq!([0, 1, 2, 3, 4].map(rows), [("a", false), ("", true), ("b", false), ("", true), ("c", false)]);
    assert_eq!((documents.counts().documents, documents.counts().repeated_headers), (5, 2));
    let warnings = documents.counts().warnings(dashed);
    assert_eq!(warnings, ["2 rows name the columns again: they keep their numbers and are never drawn"]);
}

#[test]
fn json_is_numbered_by_its_records() {
    let array = b"[{\"text\": \"a\"}, {\"text\": \"b\", \"id\": \"x\"},\n{\"text\": \"c\"}]";
    let documents = gather(Shape::Json, Policy::default(), array).unwrap();
    assert_eq!([0, 1, 2].map(|row| documents.id(row).into_owned()), ["in#0", "x", "in#2"]);
    let cut_off = gather(Shape::Json, Policy::default(), &array[..20]).unwrap_err().to_string();
    assert!(cut_off.starts_with("in: line 1: the JSON array of records has no end"), "{cut_off}");
}

#[test]
fn rows_of_columns_are_numbered_and_judged_by_their_kinds() {
    let example = br#"{"tags": [""], "content": {"a": 0}, "body": "", "n": 0}"#;
    let rows = |policy: Policy| Gather::rows(example, "a.parquet", policy);
    let gather = rows(Policy::default()).unwrap();
    assert_eq!(gather.wanted(), ["body", "id"]);
    let asked = |text: &str| Policy {
        fields: Fields { text: vec![text.to_owned()], tokens: Some("n".to_owned()), ..Fields::default() },
        ..Policy::default()
    };
    let error = rows(asked("texts")).unwrap_err().to_string();
    assert!(
        error.starts_with("a.parquet: ")
            && error.contains("`tags` (an array), `content` (an object), `body`")
    );
    let mut gather = rows(asked("tags")).unwrap();
    let error = gather.push(b"{\"tags\":[\"x\"],\"n\":1}\n").unwrap_err().to_string();
    assert!(error.contains("`tags`"), "{error}");
    let mut gather = rows(Policy { skips_bad_records: true, ..asked("body") }).unwrap();
    gather
        .push(b"{\"body\":\"a\\u0000\",\"n\":12.0}\n{\"body\":null,\"n\":1}\n{\"body\":\"b\",\"n\":null}\n")
        .unwrap();
    let documents = gather.finish().unwrap();
    assert_eq!((documents.text(0), documents.tokens(0), documents.tokens(2)), ("a\0", Some(12), None));
    assert_eq!((documents.len(), &*documents.id(0), &*documents.id(2)), (3, "a.parquet:0", "a.parquet:2"));
    let first_bad = documents.counts().first_bad_record.as_ref().unwrap().to_string();
    assert!(first_bad.starts_with("a.parquet: row 1: "), "{first_bad}");
    assert_eq!((documents.fields().len(), documents.taken()), (4, Some("`body`")));
    let wrong = rows(asked("body"))
        .unwrap()
        .push(b"{\"n\":1,\"body\":\"\\u0000\\\"a\xFF\"}\n")
        .unwrap_err()
        .to_string();
    assert!(wrong.contains("invalid UTF-8 in byte 4 of the field `body`"), "{wrong}");
    let empty = rows(Policy::default()).unwrap().finish().unwrap_err().to_string();
    assert_eq!(empty, "no document to read in a.parquet: the input is empty");
}

#[test]
fn limits_and_empty_inputs_are_named() {
    let limited = |max_documents, max_bytes| {
        let policy = Policy { max_documents, max_bytes, ..Policy::default() };
        gather(Shape::Lines, policy, b"one\ntwo\nthree").map(|documents| documents.len())
    };
    assert_eq!(limited(3, 11), Ok(3));
    assert!(limited(2, 99).unwrap_err().to_string().contains("more than the 2 documents"));
    assert!(limited(9, 10).unwrap_err().to_string().contains("more than the 10 bytes of text"));
    let limit = Policy { max_documents: 0, ..Policy::default() };
    assert_eq!(gather(Shape::Lines, limit, b"one").unwrap_err().kind(), Kind::Memory);
    let nothing = |bytes| gather(Shape::Jsonl, Policy::default(), bytes).unwrap_err().to_string();
    assert_eq!(nothing(b""), "no document to read in in: the input is empty");
    assert_eq!(nothing(b"\n \n"), "no document to read in in: 2 blank lines were left out");
    let skips = Policy { skips_bad_records: true, ..Policy::default() };
    let error = gather(Shape::Jsonl, skips, b"{}").unwrap_err();
    let nothing = said(&error, dashed).to_string();
    assert!(
        nothing.contains("in in: 1 bad record was skipped (--on-bad-record skip): it keeps its number and"),
        "{nothing}"
    );
}
