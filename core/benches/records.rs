//! Speed of reading records, in bytes a second on one core: `cargo bench -p clusterclip-core --bench records`.
//!
//! `serde` is what this crate did before it had a reader of its own: a visitor of serde_json that borrows the text and the
//! id and passes over the rest. The bound for `ours`: never slower.

use std::borrow::Cow;
use std::fmt;

use clusterclip_core::format::cut::{Cutter, Shape};
use clusterclip_core::format::items::{Layout, items};
use clusterclip_core::format::records::{Choice, Fields};
use clusterclip_core::format::table::{Columns, TableOptions};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

fn main() {
    divan::main();
}

/// Bytes of each input.
const SIZE: usize = 8 << 20;

/// What records look like.
const KINDS: [&str; 5] = ["plain", "escaped", "ascii", "nested", "short"];

/// JSON lines of one kind.
fn lines(kind: &str) -> Vec<u8> {
    let words = "The quick brown fox jumps over the lazy dog, again and again; nobody knows why it does. ";
    let text = match kind {
        "plain" => words.repeat(20),
        "escaped" => (words.to_owned() + "\n\"Why?\" ").repeat(20),
        "ascii" => "Съешь ещё этих мягких французских булок. ".repeat(20),
        _ => words.to_owned(),
    };
    let mut out = Vec::new();
    for number in 0.. {
        if out.len() >= SIZE {
            break;
        }
        let quoted = serde_json::to_string(&text).expect("a string");
        let quoted = match kind {
            "ascii" => quoted
                .chars()
                .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) })
                .collect(),
            _ => quoted,
        };
        let line = match kind {
            "nested" => format!(
                r#"{{"meta": {{"scores": [{}], "source": {{"url": "https://example.org/{number}", "n": [1, [2, {{}}]]}}}}, "id": {number}, "text": {quoted}}}"#,
                vec!["0.123456789"; 200].join(", ")
            ),
            _ => format!(
                r#"{{"id": {number}, "text": {quoted}, "url": "https://example.org/{number}", "lang": "en"}}"#
            ),
        };
        out.extend_from_slice(line.as_bytes());
        out.push(b'\n');
    }
    out
}

#[divan::bench(args = KINDS)]
fn ours(bencher: Bencher<'_, '_>, kind: &str) {
    let (bytes, choice) = (lines(kind), Choice::default());
    let mut spans = Vec::new();
    Cutter::new(Shape::Jsonl).push(&bytes, &mut spans);
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        for item in items(Layout::Jsonl(&choice), &spans, &bytes, 0) {
            black_box(item.decoded.record.expect("a record"));
        }
    });
}

#[divan::bench(args = KINDS)]
fn serde(bencher: Bencher<'_, '_>, kind: &str) {
    let bytes = lines(kind);
    let mut spans = Vec::new();
    Cutter::new(Shape::Jsonl).push(&bytes, &mut spans);
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        for span in &spans {
            let line = std::str::from_utf8(span.of(&bytes, 0)).expect("UTF-8");
            let mut json = serde_json::Deserializer::from_str(line);
            black_box(
                json.deserialize_map(Fast).and_then(|found| json.end().map(|()| found)).expect("a record"),
            );
        }
    });
}

#[divan::bench(args = [Shape::Jsonl, Shape::Json, Shape::Lines])]
fn cut(bencher: Bencher<'_, '_>, shape: Shape) {
    let bytes = lines("escaped");
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        let mut spans = Vec::new();
        Cutter::new(shape).push(black_box(&bytes), &mut spans);
        spans
    });
}

/// A CSV of texts of which every second one has quotes.
fn table() -> Vec<u8> {
    let mut out = b"id,text,url\n".to_vec();
    for number in 0.. {
        if out.len() >= SIZE {
            break;
        }
        let text = "the quick brown fox jumps over the lazy dog ".repeat(10);
        let cell = if number % 2 == 0 { text } else { format!("\"{text}, \"\"he\"\" said\n{text}\"") };
        out.extend_from_slice(format!("{number},{cell},https://example.org/{number}\n").as_bytes());
    }
    out
}

#[divan::bench]
fn csv_cut(bencher: Bencher<'_, '_>) {
    let bytes = table();
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        let mut spans = Vec::new();
        Cutter::new(Shape::Table(TableOptions::CSV)).push(black_box(&bytes), &mut spans);
        spans
    });
}

#[divan::bench]
fn csv_decode(bencher: Bencher<'_, '_>) {
    let bytes = table();
    let mut spans = Vec::new();
    Cutter::new(Shape::Table(TableOptions::CSV)).push(&bytes, &mut spans);
    let columns = Columns::of(spans[0].of(&bytes, 0), TableOptions::CSV, &[], &Fields::default());
    let columns = columns.expect("a header");
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        for item in items(Layout::Table(&columns), &spans[1..], &bytes, 0) {
            black_box(item.decoded.record.expect("a record"));
        }
    });
}

/// Borrows `text` and `id` and passes over the rest.
struct Fast;

impl<'de> Visitor<'de> for Fast {
    type Value = (Option<Text<'de>>, Option<&'de serde_json::value::RawValue>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = (None, None);
        while let Some(Text(key)) = map.next_key()? {
            match key.as_ref() {
                "text" => found.0 = Some(map.next_value()?),
                "id" => found.1 = Some(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

struct Text<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Strings;
        impl<'de> Visitor<'de> for Strings {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Strings)
    }
}
