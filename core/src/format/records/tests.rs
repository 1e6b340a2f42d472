use proptest::prelude::*;

use super::*;
use crate::error::{dashed, said};

fn defaults(line: &str) -> Result<Record<'_>, RecordError> {
    parse(line.as_bytes(), &Fields::default())
}

fn asked(text: Option<&str>, id: Option<&str>, tokens: Option<&str>) -> Fields {
    let own = |field: Option<&str>| field.map(str::to_owned);
    Fields { text: own(text), id: own(id), tokens: own(tokens) }
}

#[test]
fn text_goes_before_content_before_prompt_and_output() {
    let text = |line| defaults(line).map(|record| record.text.into_owned());
    assert_eq!(text(r#"{"content":"c","text":"t","prompt":"p","output":"o"}"#), Ok("t".into()));
    assert_eq!(text(r#"{"prompt":"p","output":"o","content":"c"}"#), Ok("c".into()));
    assert_eq!(text(r#"{"output":"o","prompt":"p"}"#), Ok("p\no".into()));
    assert_eq!(text(r#"{"text":null,"content":"c"}"#), Ok("c".into()));
    assert_eq!(text(r#"{"text":"first","text":"last"}"#), Ok("last".into()));
    assert_eq!(text(r#"  {"text":""}  "#), Ok(String::new()));
}

#[test]
fn the_field_asked_for_is_the_only_one_taken() {
    let fields = asked(Some("body"), None, None);
    assert_eq!(parse(br#"{"text":"t","body":"b"}"#, &fields).unwrap().text, "b");
    let error = parse(br#"{"text":"t","title":"x"}"#, &fields).unwrap_err();
    assert_eq!(
        said(&error, dashed).to_string(),
        "no field `body` (--text-field); the record has `text`, `title`"
    );
    assert_eq!(error.to_string(), "no field `body` (text_field); the record has `text`, `title`");
}

#[test]
fn strings_without_escapes_are_borrowed_and_escapes_are_decoded() {
    assert!(matches!(defaults(r#"{"text":"plain"}"#).unwrap().text, Cow::Borrowed("plain")));
    assert_eq!(defaults(r#"{"te\u0078t":"a\n\u00e9\ud83d\ude00"}"#).unwrap().text, "a\né😀");
}

#[test]
fn ids_keep_their_spelling() {
    let id = |value: &str| {
        let line = format!(r#"{{"text":"t","id":{value}}}"#);
        defaults(&line).unwrap().id.map(Cow::into_owned)
    };
    assert_eq!(id(r#""a\tb""#).as_deref(), Some("a\tb"));
    assert_eq!(id("7").as_deref(), Some("7"));
    assert_eq!(id("123456789012345678901234567890").as_deref(), Some("123456789012345678901234567890"));
    assert_eq!(id(r#"{"$oid":"x"}"#).as_deref(), Some(r#"{"$oid":"x"}"#));
    assert_eq!(id("null"), None);
    let fields = asked(None, Some("url"), None);
    assert!(matches!(parse(br#"{"text":"t","id":1}"#, &fields), Err(RecordError::NoField { .. })));
}

#[test]
fn one_field_may_be_text_and_id() {
    let fields = asked(None, Some("text"), None);
    let record = parse(br#"{"text":"t"}"#, &fields).unwrap();
    assert_eq!((record.text.as_ref(), record.id.as_deref()), ("t", Some("t")));
}

#[test]
fn tokens_are_counts_null_or_an_error() {
    let fields = asked(None, None, Some("n"));
    let tokens = |value: &str| {
        parse(format!(r#"{{"text":"t","n":{value}}}"#).as_bytes(), &fields).map(|record| record.tokens)
    };
    assert_eq!(tokens("4294967295"), Ok(Some(u32::MAX)));
    assert_eq!(tokens("null"), Ok(None));
    for wrong in ["-1", "4294967296", "1.5", "\"3\"", "[1]"] {
        assert!(matches!(tokens(wrong), Err(RecordError::NotACount { .. })), "{wrong}");
    }
    assert!(matches!(parse(br#"{"text":"t"}"#, &fields), Err(RecordError::NoField { .. })));
}

#[test]
fn every_kind_of_bad_line_says_what_to_do() {
    let message = |line: &[u8]| said(&parse(line, &Fields::default()).unwrap_err(), dashed).to_string();
    assert!(message(b"[{\"text\":1}]").contains("jq -c '.[]'"));
    assert!(message(b"plain words").contains("with --lines (one document a line) or --format text (one"));
    assert!(message(b"{").ends_with("mend it, or leave such records out with --on-bad-record skip"));
    assert!(message(b"{\"text\":\"\xE9\"}").contains("invalid UTF-8 in column 10"));
    assert!(message(b"{\"text\":\"a\"").contains("broken JSON in column 11: EOF"));
    assert!(message(b"{\"text\":\"a\"} x").contains("trailing characters"));
    assert!(message(b"{\"text\":\"\\ud800\"}").contains("broken JSON"));
    assert!(message(b"{\"text\":3}").contains("`text` holds a number"));
    assert!(message(b"{\"text\":null}").contains("`text` holds null"));
    assert!(message(b"{\"body\":\"b\",\"url\":\"u\"}").contains("the record has `body`, `url`"));
    assert!(message(b"{}").contains("the record has no fields"));
}

#[test]
fn deep_nesting_is_an_error_or_skipped_never_a_crash() {
    let deep = format!(r#"{{"other":{}1{},"text":"t"}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(defaults(&deep).map(|record| record.text.into_owned()), Ok("t".to_owned()));
    let deep = format!(r#"{{"text":{}"#, "[".repeat(100_000));
    assert!(defaults(&deep).is_err());
}

proptest! {
    #[test]
    fn parsing_never_panics_on_bytes(bytes: Vec<u8>) {
        let _ = parse(&bytes, &Fields::default());
        let _ = parse(&bytes, &asked(Some("a"), Some("b"), Some("c")));
    }

    #[test]
    fn parsing_never_panics_on_nearly_json(line in r#"\{("(text|id|n|x)":("[a-z\\"]{0,4}"|-?[0-9.e]{1,4}|null|\[|\]|\{|\}|true),?){0,4}\}?"#) {
        let _ = parse(line.as_bytes(), &asked(None, None, Some("n")));
    }

    #[test]
    fn any_text_comes_back(text: String, id: String) {
        let line = serde_json::json!({ "other": [1, {"a": null}], "id": id, "text": text }).to_string();
        let record = parse(line.as_bytes(), &Fields::default()).unwrap();
        prop_assert_eq!(record.text.as_ref(), text);
        prop_assert_eq!(record.id.as_deref(), Some(id.as_str()));
    }
}
