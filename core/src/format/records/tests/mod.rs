mod bad_lines;
mod fields;

use super::*;
use crate::error::{dashed, said};

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
        (r#""q""#, None),
    ] {
        let found = then(chat, &format!(r#"{{"messages":{turns}}}"#));
        assert_eq!(found.as_deref().ok(), expected, "{turns}: {found:?}");
    }
}

#[test]
fn values_that_do_not_become_the_text_are_not_judged_in_the_first_record_either() {
    assert_eq!(
        text("{\"text\":\"t\",\"content\":\"a\tb\",\"messages\":[{\"role\":\"\\q\"}]}").as_deref(),
        Ok("t")
    );
    let error = text("{\"content\":\"a\tb\"}").unwrap_err();
    assert!(matches!(error, RecordError::Json { column: 14, .. }), "{error:?}");
}

/// Who settles a recipe first, the reader in order or one that looks ahead, must not matter.
#[test]
fn a_record_that_settles_nothing_is_bad_whatever_a_later_one_settles() {
    let values = [
        "null",
        "7",
        "\"w\"",
        "\"\\ud800\"",
        "[]",
        "[\"w\"]",
        "{\"role\":\"user\",\"content\":\"w\"}",
        "[{\"role\":\"user\",\"content\":\"w\"}]",
        "\"\\q\"",
    ];
    let shapes: [&[&str]; 14] = [
        &["messages"],
        &["dialog"],
        &["instruction"],
        &["instruction", "output"],
        &["text"],
        &["content"],
        &["body"],
        &["question"],
        &["question", "answer"],
        &["system", "response"],
        &["prompt"],
        &["prompt", "chosen"],
        &["id"],
        &["messages", "text"],
    ];
    let mut records = vec!["{".to_owned(), "[]".to_owned(), "null".to_owned()];
    for shape in shapes {
        records.extend(values.iter().map(|value| {
            let fields = shape.iter().map(|name| format!("\"{name}\":{value}")).collect::<Vec<_>>();
            format!("{{{}}}", fields.join(","))
        }));
    }
    let recipe = |record: &String| Recipe::of_json(record.as_bytes(), &[], &Fields::default());
    let recipes: Vec<_> = records.iter().filter_map(|record| recipe(record).ok()).collect();
    let nothing: Vec<_> = records.iter().filter(|record| recipe(record).is_err()).collect();
    assert!(recipes.len() > 40 && nothing.len() > 20, "{} {}", recipes.len(), nothing.len());
    for record in nothing {
        for recipe in &recipes {
            let read = parse(record.as_bytes(), recipe).record;
            assert!(read.is_err(), "{record} by {}: {read:?}", recipe.described());
        }
    }
}
