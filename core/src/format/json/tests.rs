use proptest::prelude::*;
use serde_json::Value as Serde;

use super::*;
use crate::format::value::Value;

/// All fields of an object.
fn object(record: &[u8]) -> Result<Value<'_>, Fault> {
    Scanner::new(record).object().map(Value::Object)
}

/// An object whose fields are all passed over.
fn skipped(record: &[u8]) -> Result<usize, Fault> {
    let mut scanner = Scanner::new(record);
    let mut fields = 0;
    while scanner.key()?.is_some() {
        scanner.skip()?;
        fields += 1;
    }
    Ok(fields)
}

fn fault(column: usize, reason: Reason) -> Fault {
    Fault { column, reason }
}

#[test]
fn what_is_passed_over_is_not_judged() {
    for value in [
        "NaN",
        "-Infinity",
        "1e999999",
        "123456789012345678901234567890.5",
        "\"\\ud800\"",
        "\"\\q\"",
        "tru",
        "01",
        "[1,,2]",
        "[1 2]",
        "{\"a\" 1}",
        "[NaN, {\"a\": -Infinity}]",
        "\"tab\there\"",
        "[[[]]]",
        "{\"]\": \"}\"}",
        "\"\\\\\"",
    ] {
        let record = format!("{{\"x\": {value}, \"text\": \"t\"}}");
        assert_eq!(skipped(record.as_bytes()), Ok(2), "{value}");
    }
    assert_eq!(skipped(b"{\"x\": \"\xFF\", \"\xFE\": 1}"), Ok(2));
}

#[test]
fn broken_objects_say_where_and_why() {
    for (record, expected) in [
        (&b""[..], fault(1, Reason::Ends("blanks"))),
        (b"[]", fault(1, Reason::Wanted("`{`"))),
        (b"{", fault(1, Reason::Ends("the object"))),
        (b"{\"a\":1", fault(6, Reason::Ends("the object"))),
        (b"{\"a\":", fault(5, Reason::Ends("the object"))),
        (b"{\"a\"}", fault(5, Reason::Wanted("`:`"))),
        (b"{\"a\":}", fault(6, Reason::Wanted("a value"))),
        (b"{a:1}", fault(2, Reason::Wanted("the name of a field, in double quotes,"))),
        (b"{,}", fault(2, Reason::Wanted("the name of a field, in double quotes,"))),
        (b"{\"a\":1,}", fault(8, Reason::Wanted("the name of a field, in double quotes,"))),
        (b"{\"a\":1 \"b\":2}", fault(8, Reason::Wanted("`,` or `}`"))),
        (b"{\"a\":'x'}", fault(6, Reason::Wanted("a value"))),
        (b"{\"a\":\"x", fault(7, Reason::Ends("a string"))),
        (b"{\"a\":\"x\\\"}", fault(10, Reason::Ends("a string"))),
        (b"{\"a\":[1}", fault(8, Reason::Bracket)),
        (b"{\"a\":[1", fault(7, Reason::Ends("an array or an object"))),
        (b"{\"a\":1} x", fault(9, Reason::After)),
        (b"{\"a\":1}}", fault(8, Reason::After)),
    ] {
        assert_eq!(skipped(record), Err(expected), "{}", String::from_utf8_lossy(record));
    }
}

#[test]
fn broken_values_that_are_read_say_where_and_why() {
    for (value, column, reason) in [
        ("\"a\tb\"", 3, Reason::Control(b'\t')),
        ("\"a\\qb\"", 3, Reason::Escape),
        ("\"\\u12\"", 2, Reason::Escape),
        ("\"\\u12+4\"", 2, Reason::Escape),
        ("tru", 1, Reason::Wanted("a value")),
        ("01", 1, Reason::Wanted("a value")),
        ("1.", 1, Reason::Wanted("a value")),
        ("-", 1, Reason::Wanted("a value")),
        ("+1", 1, Reason::Wanted("a value")),
        ("[1,]", 4, Reason::Wanted("a value")),
        ("[1 2]", 4, Reason::Wanted("`,` or `]`")),
        ("{\"a\":1,}", 8, Reason::Wanted("the name of a field, in double quotes,")),
        ("{\"a\":1 2}", 8, Reason::Wanted("`,` or `}`")),
    ] {
        let record = format!("{{\"x\":{value}}}");
        assert_eq!(object(record.as_bytes()), Err(fault(5 + column, reason)), "{value}");
    }
    assert_eq!(object(b"{\"x\":\"ab\xFF\"}"), Err(fault(9, Reason::Utf8)));
}

#[test]
fn half_a_surrogate_is_replaced_and_told() {
    let read = |value: &str| {
        let record = format!("{{\"x\":\"{value}\"}}");
        let mut scanner = Scanner::new(record.as_bytes());
        let fields = scanner.object().unwrap();
        (fields[0].1.spelled().into_owned(), scanner.has_replaced())
    };
    assert_eq!(read("a\\ud83d\\ude00b"), ("a😀b".to_owned(), false));
    assert_eq!(read("a\\ud83db"), ("a\u{FFFD}b".to_owned(), true));
    assert_eq!(read("\\ude00\\ud83d"), ("\u{FFFD}\u{FFFD}".to_owned(), true));
    assert_eq!(read("\\ud83d\\ud83d\\ude00"), ("\u{FFFD}😀".to_owned(), true));
    assert_eq!(read("\\ud83d\\n\\u00E9"), ("\u{FFFD}\né".to_owned(), true));
    assert_eq!(read("\\\"\\\\\\/\\b\\f\\n\\r\\t"), ("\"\\/\x08\x0C\n\r\t".to_owned(), false));
}

#[test]
fn nesting_is_bounded_where_it_is_built_and_free_where_it_is_passed_over() {
    let nested = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth)).into_bytes();
    assert_eq!(skipped(&nested(1_000_000)), Ok(1));
    let mixed = format!("{{\"x\":{}1{}}}", "[{\"a\":".repeat(100), "}]".repeat(100));
    assert_eq!(skipped(mixed.as_bytes()), Ok(1));
    assert_eq!(skipped(mixed.replacen("}]", "]}", 1).as_bytes()), Err(fault(5 + 601 + 1, Reason::Bracket)));
    assert!(object(&nested(DEPTH)).is_ok());
    assert_eq!(object(&nested(DEPTH + 1)).map_err(|fault| fault.reason), Err(Reason::Deep));
}

#[test]
fn a_record_of_commas_takes_no_memory_to_speak_of() {
    let commas = format!("{{\"x\":[{}0]}}", "0,".repeat(VALUES));
    assert_eq!(skipped(commas.as_bytes()), Ok(1));
    assert_eq!(object(commas.as_bytes()).map_err(|fault| fault.reason), Err(Reason::Many));
}

/// Whether a value is what serde_json makes of the same bytes.
fn same(value: &Value<'_>, serde: &Serde) -> bool {
    match (value, serde) {
        (Value::Null, Serde::Null) => true,
        (Value::Bool(a), Serde::Bool(b)) => a == b,
        (Value::Number(a), Serde::Number(b)) => {
            // serde_json is a little off in the last place.
            let (a, b) = (a.parse::<f64>().unwrap(), b.as_f64().unwrap());
            a == b || (a - b).abs() <= 1e-14 * b.abs()
        }
        (Value::Text(a), Serde::String(b)) => a == b,
        (Value::List(a), Serde::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Serde::Object(b)) => {
            b.iter().all(|(name, b)| value.field(name).is_some_and(|a| same(a, b)))
                && a.iter().all(|(name, _)| b.contains_key(&**name))
        }
        _ => false,
    }
}

/// Any JSON.
fn json() -> impl Strategy<Value = Serde> {
    let leaf = prop_oneof![
        Just(Serde::Null),
        any::<bool>().prop_map(Serde::Bool),
        any::<i64>().prop_map(Serde::from),
        any::<f64>().prop_map(Serde::from),
        any::<String>().prop_map(Serde::String),
        "[\"\\\\/\n\t\u{0}-\u{1f}a]{0,8}".prop_map(Serde::String),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Serde::Array),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|fields| Serde::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_reads_is_read_the_same(fields in prop::collection::vec(("[a-c\u{e9}\"]{0,3}", json()), 0..5), pretty: bool, ascii: bool) {
        let serde = Serde::Object(fields.into_iter().collect());
        let mut text = if pretty { serde_json::to_string_pretty(&serde) } else { serde_json::to_string(&serde) }.unwrap();
        if ascii {
            text = text.chars().map(|c| if c.is_ascii() { c.to_string() } else {
                c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
            }).collect();
        }
        let value = object(text.as_bytes()).unwrap();
        prop_assert!(same(&value, &serde), "{} {:?}", text, value);
        prop_assert_eq!(skipped(text.as_bytes()), Ok(serde.as_object().unwrap().len()));
        // Written again it is the same again.
        let again = value.to_string();
        prop_assert_eq!(object(again.as_bytes()).unwrap(), value);
    }

    #[test]
    fn what_is_read_serde_reads_too(record in r#"\{("(a|\\u0061|b)":("[a-z\\"]{0,4}"|-?[0-9.e+]{1,4}|null|true|\[|\]|\{|\}|,){1,3},?){0,3}\}?"#) {
        if let Ok(value) = object(record.as_bytes()) {
            match serde_json::from_str::<Serde>(&record) {
                Ok(serde) => prop_assert!(same(&value, &serde), "{}", record),
                Err(error) => prop_assert!(error.to_string().contains("number out of range"), "{} {}", record, error),
            }
        }
    }

    #[test]
    fn nothing_panics_on_bytes(bytes: Vec<u8>) {
        let _ = object(&bytes);
        let _ = skipped(&bytes);
    }
}
