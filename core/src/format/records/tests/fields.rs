//! Fields that are asked for, ids, token counts and scores.

use super::*;
use crate::error::Param;

#[test]
fn fields_that_are_asked_for_are_names_or_paths_and_several_are_joined() {
    let line = br#"{"title":"T","meta":{"text":"M","id":7,"n":12.0},"turns":[{"content":"A"},{"content":"B"}],"meta.id":"exact","chat":[{"content":"C"},{"content":"D"}]}"#;
    let read = |text: &[&str], id, tokens| first(line, &asked(text, id, tokens));
    let record =
        read(&["title", "meta.text", "turns.1.content", "chat"], Some("meta.id"), Some("meta.n")).unwrap();
    assert_eq!(
        (&*record.text, record.id.as_deref(), record.tokens),
        ("T\nM\nB\nC\nD", Some("exact"), Some(12))
    );
    assert_eq!(read(&["meta.text"], None, None).unwrap().text, "M");
    let missing = |text: &[&str]| said(&read(text, None, None).unwrap_err(), dashed).to_string();
    let message = missing(&["meta.none"]);
    assert!(
        message.starts_with("no field `meta.none` (--text-field); the record has `title`, `meta`, `turns`,"),
        "{message}"
    );
    assert!(missing(&["none"]).starts_with("no field `none` (--text-field)"));
    assert!(missing(&["meta"]).starts_with("the field `meta` holds an object, a string is wanted"));
    let error = first(br#"{"text":"t","title":"x"}"#, &asked(&["body"], None, None)).unwrap_err();
    assert!(
        error.to_string().starts_with("no field `body` (text_field); the record has `text`, `title`; leave")
    );
}

#[test]
fn fields_of_the_path_are_fields_of_each_record_unless_it_has_them() {
    let given = vec![("lang".to_owned(), "de".to_owned())];
    let choice = Choice::new(asked(&["text"], Some("lang"), None), given.clone());
    let id = |line: &'static str| choice.parse(line.as_bytes()).record.unwrap().id.unwrap();
    assert_eq!((id(r#"{"text":"t"}"#), id(r#"{"text":"t","lang":"fr"}"#)), ("de".into(), "fr".into()));
    let choice = Choice::new(asked(&["lang"], None, None), given);
    assert_eq!(choice.parse(b"{}").record.unwrap().text, "de");
}

#[test]
fn strings_without_escapes_are_borrowed() {
    assert!(matches!(defaults(r#"{"text":"plain"}"#).unwrap().text, Cow::Borrowed("plain")));
    assert!(matches!(
        defaults(r#"{"messages":[{"content":"plain"}]}"#).unwrap().text,
        Cow::Borrowed("plain")
    ));
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
    assert_eq!(id(r#"{"$oid": "x"}"#).as_deref(), Some(r#"{"$oid":"x"}"#));
    assert_eq!(id("null"), None);
    let fields = asked(&[], Some("url"), None);
    assert!(matches!(
        first(br#"{"text":"t","id":1}"#, &fields),
        Err(RecordError::NoField { param: Param::IdField, .. })
    ));
}

#[test]
fn one_field_may_be_text_and_id() {
    let record = first(br#"{"text":"t"}"#, &asked(&[], Some("text"), None));
    let record = record.unwrap();
    assert_eq!((record.text.as_ref(), record.id.as_deref()), ("t", Some("t")));
}

#[test]
fn tokens_are_whole_numbers_null_or_an_error() {
    let fields = asked(&[], None, Some("n"));
    let tokens = |value: &str| {
        first(format!(r#"{{"text":"t","n":{value}}}"#).as_bytes(), &fields).map(|record| record.tokens)
    };
    for (value, count) in
        [("4294967295", u32::MAX), ("12.0", 12), ("1e3", 1000), ("4294967295.0", u32::MAX), ("0", 0)]
    {
        assert_eq!(tokens(value), Ok(Some(count)), "{value}");
    }
    assert_eq!(tokens("null"), Ok(None));
    for wrong in ["-1", "4294967296", "1.5", "\"3\"", "[1]", "-0.0", "NaN", "1e999", "true"] {
        let error = tokens(wrong).unwrap_err();
        assert_eq!(error, RecordError::NotACount { field: "n".into(), found: wrong.into() });
    }
    assert!(matches!(first(br#"{"text":"t"}"#, &fields), Err(RecordError::NoField { .. })));
}

#[test]
fn scores_are_numbers_null_or_an_error() {
    let fields = Fields { score: Some("meta.s".into()), ..asked(&[], None, None) };
    let score = |value: &str| {
        first(format!(r#"{{"text":"t","meta":{{"s":{value}}}}}"#).as_bytes(), &fields)
            .map(|record| record.score)
    };
    for (value, expected) in
        [("-0.5", -0.5), ("3", 3.0), ("1e999", f64::INFINITY), ("-Infinity", f64::NEG_INFINITY)]
    {
        assert_eq!(score(value), Ok(Some(expected)), "{value}");
    }
    assert_eq!(score("null"), Ok(None));
    for wrong in ["NaN", "\"3\"", "[1]", "true"] {
        let error = score(wrong).unwrap_err();
        assert_eq!(error, RecordError::NotAScore { field: "meta.s".into(), found: wrong.into() });
    }
    let said = score("NaN").unwrap_err().to_string();
    assert!(said.starts_with("the field `meta.s` (score_field) holds NaN, a number is wanted"), "{said}");
    let missing = first(br#"{"text":"t","meta":{}}"#, &fields).unwrap_err();
    assert!(matches!(missing, RecordError::NoField { param: Param::ScoreField, .. }), "{missing}");
}
