//! Rows that are given, and the saved lexical embedder.

use clusterclip_core::embed::lexical::Lexical;
use clusterclip_core::format::npy::{Limits, embeddings};
use clusterclip_engine::input::embeddings::NpyRows;

use crate::scratch;

/// From a file and from memory, which must agree.
pub fn npy(bytes: &[u8]) -> bool {
    let file = NpyRows::open(&scratch::file("rows.npy", bytes)).and_then(|rows| rows.all());
    let memory = embeddings(bytes, Limits::default());
    let bits = |rows: &[f32]| rows.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    match (&file, &memory) {
        (Ok(file), Ok((memory, _))) => assert_eq!(bits(file), bits(memory)),
        (file, memory) => assert_eq!(file.is_ok(), memory.is_ok(), "{file:?} and {memory:?}"),
    }
    file.is_ok()
}

pub fn embedder(bytes: &[u8]) -> bool {
    let Ok(embedder) = Lexical::from_bytes(bytes) else { return false };
    let saved = embedder.to_bytes();
    assert!(Lexical::from_bytes(&saved).is_ok_and(|again| again.to_bytes() == saved));
    true
}
