//! Labels from a .npy file: one integer of any size a document.

use clusterclip_core::error::Param;
use clusterclip_core::format::labels::Ranker;
use clusterclip_core::format::npy::{Dtype, Kind};
use clusterclip_core::monitor::Monitor;

use super::{Columns, LabelOptions, Wrong, ranked_integers};
use crate::error::{FileError, Result};
use crate::input::embeddings::npy_header;
use crate::input::given::Given;
use crate::input::positioned::read_exact_at;

/// Labels read at a time.
const CHUNK: u64 = 1 << 16;

pub(super) fn read(given: &Given, options: &LabelOptions, monitor: &Monitor<'_>) -> Result<Columns> {
    let path = given.path();
    let header = npy_header(given)?;
    if !matches!(header.dtype.kind, Kind::Signed | Kind::Unsigned) {
        return Err(Wrong::Type(header.dtype).of(path).into());
    }
    let &[count] = &header.shape[..] else {
        return Err(Wrong::Shape(header.shape_text()).of(path).into());
    };
    for (field, param) in
        [(&options.cluster_field, Param::ClusterField), (&options.token_field, Param::TokenField)]
    {
        if let Some(field) = field.clone() {
            return Err(Wrong::NoColumns { param, field }.of(path).into());
        }
    }
    if options.tokens_needed {
        return Err(Wrong::NoCounts.of(path).into());
    }
    let size = header.dtype.size;
    let mut ranker = Ranker::new();
    let mut chunk = Vec::new();
    for start in (0..count).step_by(CHUNK as usize) {
        monitor.check()?;
        chunk.resize(CHUNK.min(count - start) as usize * size, 0);
        let offset = header.data_offset + start * size as u64;
        read_exact_at(given.file(), &mut chunk, offset).map_err(FileError::read(path))?;
        for (row, bytes) in (start..).zip(chunk.chunks_exact(size)) {
            let Ok(label) = i64::try_from(integer(bytes, header.dtype)) else {
                let label = integer(bytes, header.dtype);
                return Err(Wrong::TooLarge { row, label, field: None }.of(path).into());
            };
            ranker.push(Some(&label).filter(|&&label| label != -1))?;
        }
    }
    Ok(Columns { clusters: ranked_integers(ranker), documents: None, tokens: None, warnings: Vec::new() })
}

/// Reads an integer of 1, 2, 4 or 8 bytes.
fn integer(bytes: &[u8], dtype: Dtype) -> i128 {
    let mut little = [0; 8];
    little[..bytes.len()].copy_from_slice(bytes);
    if dtype.big_endian {
        little[..bytes.len()].reverse();
    }
    let unsigned = u64::from_le_bytes(little);
    if dtype.kind == Kind::Unsigned {
        return i128::from(unsigned);
    }
    // The sign bit goes to the top and is spread from there.
    let empty_bits = 64 - 8 * bytes.len() as u32;
    i128::from((unsigned << empty_bits).cast_signed() >> empty_bits)
}
