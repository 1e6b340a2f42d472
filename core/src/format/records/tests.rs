use proptest::prelude::*;

use super::*;
use crate::error::{Param, dashed, said};

/// The first record of a source, read by what it settles.
fn first<'a>(line: &'a [u8], fields: &Fields) -> Result<Record<'a>, RecordError> {
    Choice::new(fields.clone(), Vec::new()).parse(line).record
}

fn defaults(line: &str) -> Result<Record<'_>, RecordError> {
    first(line.as_bytes(), &Fields::default())
}

fn text(line: &str) -> Result<String, RecordError> {
    defaults(line).map(|record| record.text.into_owned())
}

fn asked(text: &[&str], id: Option<&str>, tokens: Option<&str>) -> Fields {
    let own = |field: Option<&str>| field.map(str::to_owned);
    let text = text.iter().map(|&name| name.to_owned()).collect();
    Fields { text, id: own(id), tokens: own(tokens), ..Fields::default() }
}

/// What the source that begins with `first` makes of `then`.
fn then(first: &str, then: &str) -> Result<String, RecordError> {
    let choice = Choice::default();
    choice.parse(first.as_bytes()).record.ok();
    choice.parse(then.as_bytes()).record.map(|record| record.text.into_owned())
}

fn described(line: &str) -> String {
    Recipe::of_json(line.as_bytes(), &[], &Fields::default()).unwrap().described()
}

#[test]
fn each_shape_goes_before_the_next() {
    // Each line has the fields of its shape and of all that come later.
    let shapes = [
        (r#""messages":[{"role":"user","content":"q"}]"#, "q", "the turns of `messages`"),
        (r#""conversations":[{"from":"human","value":"q"}]"#, "q", "the turns of `conversations`"),
        (r#""conversation":[{"role":"user","content":"q"}]"#, "q", "the turns of `conversation`"),
        (r#""dialog":[{"role":"user","content":"q"}]"#, "q", "the turns of `dialog`"),
        (
            r#""instruction":"i","output":"o""#,
            "i\no",
            "`instruction` + (`input` or `context` if there) + `output`",
        ),
        (r#""text":"t""#, "t", "`text`"),
        (r#""content":"c""#, "c", "`content`"),
        (r#""raw_content":"r""#, "r", "`raw_content`"),
        (r#""document":"d""#, "d", "`document`"),
        (r#""body":"b""#, "b", "`body`"),
        (r#""code":"fn""#, "fn", "`code`"),
        (
            r#""question":"q","response":"a","answer":"x""#,
            "q\na",
            "(`system_prompt` or `system` if there) + `question` + `response`",
        ),
        (r#""prompt":"p","completion":"c""#, "p\nc", "`prompt` + `completion`"),
    ];
    for (place, (_, expected, how)) in shapes.iter().enumerate() {
        let fields: Vec<&str> = shapes[place..].iter().rev().map(|(fields, ..)| *fields).collect();
        let line = format!("{{{}}}", fields.join(","));
        assert_eq!(text(&line).as_deref(), Ok(*expected), "{line}");
        assert_eq!(described(&line), *how, "{line}");
    }
}

#[test]
fn the_parts_of_a_shape_have_their_other_names() {
    for (line, expected) in [
        (r#"{"response":"r","instruction":"i","input":"n"}"#, "i\nn\nr"),
        (r#"{"instruction":"i","context":"c","input":"n","output":"o","response":"r"}"#, "i\nn\no"),
        (r#"{"instruction":"i","context":"c","response":"r"}"#, "i\nc\nr"),
        (r#"{"question":"q","answer":"a","system":"s"}"#, "s\nq\na"),
        (r#"{"question":"q","answer":"a","system":"s","system_prompt":"p"}"#, "p\nq\na"),
        (r#"{"prompt":"p","response":"r"}"#, "p\nr"),
        (r#"{"prompt":"p","output":"o"}"#, "p\no"),
        (r#"{"prompt":"p","chosen":"c","rejected":"r"}"#, "p\nc"),
        (
            r#"{"prompt":"p","chosen":[{"role":"user","content":"p2"},{"role":"assistant","content":"c"}]}"#,
            "p\np2\nc",
        ),
        (r#"{"prompt":[{"content":"p"}],"completion":[{"content":"c"}]}"#, "p\nc"),
        (r#"{"te\u0078t":"a\n\u00e9\ud83d\ude00"}"#, "a\né😀"),
        (r#"{"text":"first","text":"last"}"#, "last"),
        (r#"  {"text":""}  "#, ""),
    ] {
        assert_eq!(text(line).as_deref(), Ok(expected), "{line}");
    }
}

#[test]
fn the_first_record_decides_by_its_keys_null_or_not() {
    let first = r#"{"text":null,"content":"c"}"#;
    assert_eq!(text(first), Err(RecordError::NoWords { taken: "`text`".into() }));
    assert_eq!(then(first, r#"{"content":"c","text":"t"}"#).as_deref(), Ok("t"));
    let missing = then(first, r#"{"content":"c","x":1}"#);
    let fields = "`content`, `x`".to_owned();
    assert_eq!(missing, Err(RecordError::NoPart { field: "text".into(), taken: "`text`".into(), fields }));
    // A content that is no string is no text, a `dialog` of strings no conversation.
    assert_eq!(text(r#"{"content":{"a":1},"body":"b"}"#).as_deref(), Ok("b"));
    assert_eq!(text(r#"{"dialog":["a","b"],"text":"t"}"#).as_deref(), Ok("t"));
    assert_eq!(text(r#"{"messages":"x","text":"t"}"#).as_deref(), Ok("t"));
    assert_eq!(
        then(r#"{"messages":null,"text":"t"}"#, r#"{"messages":[{"content":"m"}],"text":"t"}"#).as_deref(),
        Ok("m")
    );
    // Records that cannot settle it are bad; the next one may.
    assert_eq!(then(r#"{"comment":"x"}"#, r#"{"body":"b"}"#).as_deref(), Ok("b"));
    assert_eq!(then("broken", r#"{"body":"b"}"#).as_deref(), Ok("b"));
    // A part that the first record leaves out is taken where a later one has it.
    let alpaca = r#"{"instruction":"i","output":"o"}"#;
    assert_eq!(then(alpaca, r#"{"instruction":"i","input":"n","output":"o"}"#).as_deref(), Ok("i\nn\no"));
}

#[test]
fn parts_that_are_null_or_empty_are_left_out() {
    let alpaca = r#"{"instruction":"i","input":"n","output":"o"}"#;
    for (line, expected) in [
        (r#"{"instruction":"i","input":"","output":"o"}"#, Ok("i\no")),
        (r#"{"instruction":"i","input":null,"output":"o"}"#, Ok("i\no")),
        (r#"{"instruction":"i","output":"o"}"#, Ok("i\no")),
        (r#"{"instruction":"","input":"n","output":null}"#, Ok("n")),
        (r#"{"instruction":"","input":null,"output":null}"#, Ok("")),
        (r#"{"instruction":null,"input":null,"output":null}"#, Err("holds null, a string is wanted; leave")),
        (
            r#"{"instruction":"i","input":"n"}"#,
            Err("no field `output`, and the text is `instruction` + `input` + `output`"),
        ),
        (r#"{"instruction":"i","input":7,"output":"o"}"#, Err("the field `input` holds a number")),
        (r#"{"instruction":"i","input":NaN,"output":"o"}"#, Err("the field `input` holds a number")),
        (
            r#"{"instruction":"i","input":[{"content":"x"}],"output":"o"}"#,
            Err("the field `input` holds an array"),
        ),
    ] {
        let found = then(alpaca, line);
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{line}"),
            (Err(error), Err(expected)) => {
                let message = said(&error, dashed).to_string();
                assert!(message.contains(expected) && message.contains("--on-bad-record skip"), "{message}");
            }
            (found, expected) => panic!("{line}: {found:?}, {expected:?}"),
        }
    }
}

#[test]
fn turns_are_joined_without_roles_and_only_their_words_count() {
    let chat = r#"{"messages":[{"role":"user","content":"first"}]}"#;
    for (turns, expected) in [
        (
            r#"[{"role":"system","content":""},{"role":"user","content":"q"},{"role":"assistant","content":"a"}]"#,
            Some("q\na"),
        ),
        (r#"[{"from":"human","value":"q"},{"from":"gpt","value":"a"}]"#, Some("q\na")),
        (
            r#"[{"role":"user","content":[{"type":"text","text":"q"},{"type":"image","text":"no"},{"type":"text","text":"r"}]}]"#,
            Some("q\nr"),
        ),
        (r#"[{"role":"user","content":["q",{"type":"text","text":null},{"text":"no"},7]}]"#, Some("q")),
        (
            r#"[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[1]},{"role":"tool","content":null},null]"#,
            Some("q"),
        ),
        (r#"[{"role":"user","content":null,"value":"v"}]"#, Some("v")),
        ("[]", Some("")),
        (r#"[{"role":"user","content":null}]"#, None),
        ("null", None),
        (r#"[{"role":"user","content":7}]"#, None),
        (r#"[{"role":"user","content":"q"},"a"]"#, None),
        (r#"[{"role":"user","content":"q"},{"x":1}]"#, None),
        (r#"["q"]"#, None),
        (r#""q""#, Some("q")),
    ] {
        let found = then(chat, &format!(r#"{{"messages":{turns}}}"#));
        assert_eq!(found.as_deref().ok(), expected, "{turns}: {found:?}");
    }
}

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
