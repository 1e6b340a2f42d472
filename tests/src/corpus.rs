//! Small, unbalanced corpora that are the same everywhere.

use std::fs;
use std::io::Write;
use std::path::Path;

use clusterclip_core::keys::{hash, scale};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

/// Topics; each has half as many documents as the one before.
pub const TOPICS: u32 = 6;

/// A document and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: String,
    /// Its words.
    pub text: String,
    /// Its number of words.
    pub tokens: u32,
    /// The topic most of its words are from.
    pub topic: u32,
}

/// Makes `count` documents of `words` words each on average.
pub fn documents(count: u64, words: u64) -> Vec<Document> {
    (0..count)
        .map(|row| {
            let topic = hash(&[1, row]).trailing_zeros().min(TOPICS - 1);
            let tokens = words / 2 + scale(hash(&[2, row]), words + 1);
            let text: Vec<String> = (0..tokens)
                .map(|place| {
                    let draw = hash(&[3, row, place]);
                    // Two words in three belong to the topic, the others to everybody.
                    let (kind, vocabulary) = if draw % 3 < 2 { (u64::from(topic), 60) } else { (99, 200) };
                    word(hash(&[4, kind, scale(hash(&[draw]), vocabulary)]))
                })
                .collect();
            Document { id: format!("d{row}"), text: text.join(" "), tokens: tokens as u32, topic }
        })
        .collect()
}

/// A word of two to four syllables.
fn word(key: u64) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va"];
    (0..2 + key % 3).map(|place| SYLLABLES[(hash(&[key, place]) % 16) as usize]).collect()
}

/// The documents as JSON lines with the fields `id`, `text` and `n_tokens`.
pub fn jsonl(documents: &[Document]) -> Vec<u8> {
    let mut lines = Vec::new();
    for document in documents {
        let record = json!({ "id": document.id, "text": document.text, "n_tokens": document.tokens });
        writeln!(lines, "{record}").expect("writing to memory");
    }
    lines
}

/// Compresses as `gzip` does.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

/// Compresses as `zstd` does.
pub fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("reading from memory")
}

/// Writes one file a document, `NNNN.txt`, into `folder`; `reversed` makes the last one first.
pub fn write_folder(folder: &Path, documents: &[Document], reversed: bool) {
    fs::create_dir_all(folder).expect("a temporary folder can be written");
    let mut numbered: Vec<_> = documents.iter().enumerate().collect();
    if reversed {
        numbered.reverse();
    }
    for (row, document) in numbered {
        fs::write(folder.join(format!("{row:04}.txt")), &document.text)
            .expect("a temporary file can be written");
    }
}
