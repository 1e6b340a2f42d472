//! Lines that are no records, or that only look hostile.

use proptest::prelude::*;

use super::*;

#[test]
fn every_kind_of_bad_line_says_what_to_do() {
    let message = |line: &[u8]| said(&first(line, &Fields::default()).unwrap_err(), dashed).to_string();
    for (line, told) in [
        (&b"[{\"text\":1}]"[..], "--format json reads an array of objects"),
        (b"plain words", "with --lines (one document a line) or --format text (one"),
        (b"{", "broken JSON in column 1: the record ends within the object; each line"),
        (b"{", "mend it, or leave such records out with --on-bad-record skip"),
        (b"{\"text\":\"\xE9\"}", "invalid UTF-8 in column 10"),
        (b"{\"text\":\"a\"", "broken JSON in column 11: the record ends within the object"),
        (b"{\"text\":\"a\"} x", "broken JSON in column 14: something follows the object"),
        (b"{\"text\":3}", "`text` holds a number"),
        (b"{\"text\":[\"a\"]}", "`text` holds an array"),
        (
            b"{\"text\":null}",
            "`text` holds null, a string is wanted; leave such records out with --on-bad-record skip",
        ),
        (
            b"{\"title\":\"b\",\"url\":\"u\"}",
            "the record has `title`, `url`; name the field of the text with --text-field",
        ),
        (b"{}", "the record has no fields"),
        (b"\xEF\xBB\xBF{\"text\":\"a\"}", "a byte order mark before this record, in the middle of the file"),
        (
            b"version https://git-lfs.github.com/spec/v1",
            "a pointer of Git LFS, not the file itself; fetch it with `git lfs pull`",
        ),
    ] {
        let said = message(line);
        assert!(said.contains(told), "{told}: {said}");
    }
    assert!(RecordError::Pointer.stops(true), "nothing is left out in silence that stands for a whole file");
}

#[test]
fn values_that_nobody_reads_stop_nothing() {
    for value in ["NaN", "-Infinity", "1e99999", "\"\\udc00\"", "[1,,2]", "\"\\x\""] {
        assert_eq!(
            text(&format!(r#"{{"x":{value},"text":"t","y":{value}}}"#)).as_deref(),
            Ok("t"),
            "{value}"
        );
    }
    assert_eq!(first(b"{\"text\":\"t\",\"x\":\"\xFF\"}", &Fields::default()).unwrap().text, "t");
    let choice = Choice::default();
    assert!(
        choice.parse(br#"{"text":"\udc00"}"#).replaced
            && !choice.parse(br#"{"text":"a","x":"\udc00"}"#).replaced
    );
}

#[test]
fn deep_nesting_and_many_commas_are_errors_or_passed_over() {
    let deep = format!(r#"{{"other":{}1{},"text":"t"}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(text(&deep).as_deref(), Ok("t"));
    let deep = format!(r#"{{"text":{}"#, "[".repeat(100_000));
    assert!(defaults(&deep).is_err());
    let commas = format!(r#"{{"x":[{}],"text":"t"}}"#, ",".repeat(1 << 22));
    assert_eq!(text(&commas).as_deref(), Ok("t"));
    for commas in
        [format!("{{{}}}", ",".repeat(1 << 22)), format!(r#"{{"messages":[{}0]}}"#, "0,".repeat(1 << 22))]
    {
        assert!(matches!(defaults(&commas), Err(RecordError::Json { .. })));
    }
}

proptest! {
    #[test]
    fn parsing_never_panics_on_bytes(bytes: Vec<u8>) {
        let _ = first(&bytes, &Fields::default());
        let _ = first(&bytes, &asked(&["a"], Some("b"), Some("c")));
    }

    #[test]
    fn parsing_never_panics_on_nearly_json(line in r#"\{("(text|id|n|x|messages)":("[a-z\\"]{0,4}"|-?[0-9.e]{1,4}|null|\[|\]|\{|\}|true),?){0,4}\}?"#) {
        let _ = first(line.as_bytes(), &asked(&[], None, Some("n")));
        let _ = first(line.as_bytes(), &Fields::default());
    }

    #[test]
    fn any_text_comes_back(text: String, id: String) {
        let line = serde_json::json!({ "other": [1, {"a": null}], "id": id, "text": text }).to_string();
        let record = defaults(&line).unwrap();
        prop_assert_eq!(record.text.as_ref(), text);
        prop_assert_eq!(record.id.as_deref(), Some(id.as_str()));
    }
}
