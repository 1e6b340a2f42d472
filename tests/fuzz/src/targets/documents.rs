//! Documents: every format and packing, through the corpus that all commands read, and the reader of browsers.

use clusterclip_core::format::cut::Shape;
use clusterclip_core::format::items::Item;
use clusterclip_core::format::reader::Reader;
use clusterclip_core::format::records::Fields;
use clusterclip_core::format::table::{Quote, TableOptions};
use clusterclip_core::monitor::{Monitor, Stage};
use clusterclip_engine::input::{Corpus, OnBadRecord, Options};

use crate::scratch;
use crate::seeds::written;

/// Reads a file with these options, skipping bad records, and then its documents by their places.
fn read(name: &str, bytes: &[u8], options: Options) -> bool {
    let path = scratch::file(name, bytes);
    let options = Options { on_bad_record: OnBadRecord::Skip, ..options };
    let Ok(mut corpus) = Corpus::open(&[path], options, &Monitor::silent()) else { return false };
    let mut places = Vec::new();
    let scanned = corpus.scan(Stage::Read, &Monitor::silent(), &mut |batch| {
        places.extend(batch.iter().filter(|document| !document.skipped).map(|document| document.place));
        Ok(())
    });
    let Ok(summary) = scanned else { return false };
    let again = corpus.fetch(&places, &Monitor::silent(), &mut |_, _| Ok(()));
    assert!(again.is_ok(), "what was read is not there again: {again:?}");
    summary.counts.bad_records == 0
}

fn plain(name: &str, bytes: &[u8]) -> bool {
    read(name, bytes, Options::default())
}

/// With the fields that a person may name.
fn fields(name: &str, bytes: &[u8]) {
    let fields = Fields {
        text: vec!["text".to_owned(), "meta.title".to_owned()],
        id: Some("id".to_owned()),
        tokens: Some("tokens".to_owned()),
        ..Fields::default()
    };
    read(name, bytes, Options { fields, ..Options::default() });
}

pub fn jsonl(bytes: &[u8]) -> bool {
    fields("case.jsonl", bytes);
    plain("case.jsonl", bytes)
}

pub fn json(bytes: &[u8]) -> bool {
    plain("case.json", bytes)
}

pub fn csv(bytes: &[u8]) -> bool {
    let bare = Options { no_header: true, quote: Some(Quote::Nothing), ..Options::default() };
    read("case.csv", bytes, bare);
    plain("case.csv", bytes)
}

pub fn tsv(bytes: &[u8]) -> bool {
    plain("case.tsv", bytes)
}

pub fn text(bytes: &[u8]) -> bool {
    let lines = Options { lines: true, ..Options::default() };
    read("case.txt", bytes, lines);
    // Its name tells nothing: its bytes do.
    plain("case", bytes);
    plain("case.txt", bytes)
}

pub fn parquet(bytes: &[u8]) -> bool {
    fields("case.parquet", bytes);
    plain("case.parquet", bytes)
}

pub fn arrow(bytes: &[u8]) -> bool {
    fields("case.arrow", bytes);
    plain("case.arrow", bytes)
}

pub fn gzip(bytes: &[u8]) -> bool {
    plain("case.jsonl.gz", bytes)
}

pub fn zstd(bytes: &[u8]) -> bool {
    plain("case.jsonl.zst", bytes)
}

pub fn bzip2(bytes: &[u8]) -> bool {
    plain("case.jsonl.bz2", bytes)
}

pub fn xz(bytes: &[u8]) -> bool {
    plain("case.jsonl.xz", bytes)
}

/// The first byte of a case says which shape it has.
const SHAPES: [Shape; 5] = [
    Shape::Jsonl,
    Shape::Json,
    Shape::Table(TableOptions::CSV),
    Shape::Table(TableOptions::TSV),
    Shape::Lines,
];

/// Files of those shapes, each after the byte of its shape and one that says how long the pieces are.
pub fn in_pieces() -> Vec<Vec<u8>> {
    let all = ["jsonl", "json", "csv", "tsv", "text"].iter().zip(0u8..).flat_map(|(name, shape)| {
        let begun = move |bytes: Vec<u8>| [&[shape, 7], &bytes[..]].concat();
        written(name).into_iter().map(begun)
    });
    all.collect()
}

/// Pieces of any length give what the whole gives.
pub fn pieces(bytes: &[u8]) -> bool {
    let [shape, length, bytes @ ..] = bytes else { return false };
    let shape = SHAPES[usize::from(*shape) % SHAPES.len()];
    let read = |length: usize| {
        let mut reader = Reader::new(shape, Fields::default());
        let mut found = Vec::new();
        let mut take = |item: Item<'_>| {
            found.push((item.span, item.decoded.record.map(|record| record.text.into_owned())));
        };
        let pushed = bytes.chunks(length).try_for_each(|piece| reader.push(piece, &mut take));
        pushed.and_then(|()| reader.finish(&mut take)).map(|()| found)
    };
    let whole = read(bytes.len().max(1));
    let cut = read(usize::from(*length).max(1));
    // Of several faults another may come first.
    assert!(
        cut == whole || cut.is_err() && whole.is_err(),
        "pieces of {length} bytes: {cut:?} and {whole:?}"
    );
    whole.is_ok()
}

#[cfg(test)]
mod tests {
    use clusterclip_engine::input::Format;

    use super::*;

    #[test]
    fn a_target_reads_as_what_it_says() {
        let lines = b"{\"text\": \"one\"}\n{\"text\": \"two\"}\n";
        assert!(jsonl(lines) && json(lines) && text(lines));
        assert!(!parquet(lines) && !arrow(lines) && !gzip(lines));
        let named = Options { format: Some(Format::Jsonl), ..Options::default() };
        assert!(read("case.csv", lines, named));
    }
}
