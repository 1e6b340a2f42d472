//! Labels from a .npy file: one number of any size a document.

use clusterclip_core::error::Param;
use clusterclip_core::format::labels::Cell;
use clusterclip_core::format::npy::{Dtype, Kind};
use clusterclip_core::monitor::Monitor;
use half::f16;

use super::columns::{Columns as _, LabelColumns};
use super::error::At;
use super::{LabelOptions, Wrong};
use crate::error::{FileError, Result};
use crate::input::embeddings::npy_header;
use crate::input::given::Given;
use crate::input::positioned::read_exact_at;

/// Labels read at a time.
const CHUNK: u64 = 1 << 16;

pub(super) fn read(
    given: &Given,
    options: &LabelOptions,
    columns: &mut LabelColumns<'_>,
    monitor: &Monitor<'_>,
) -> Result<()> {
    let path = given.path();
    let header = npy_header(given)?;
    if header.dtype.kind == Kind::Bool {
        return Err(Wrong::Type(header.dtype).of(path).into());
    }
    let &[count] = &header.shape[..] else {
        return Err(Wrong::Shape(header.shape_text()).of(path).into());
    };
    for (field, param) in [
        (&options.cluster_field, Param::ClusterField),
        (&options.token_field, Param::TokenField),
        (&options.score_field, Param::ScoreField),
    ] {
        if let Some(field) = field.clone() {
            return Err(Wrong::NoColumns { param, field }.of(path).into());
        }
    }
    if let Some(param) = options.tokens_needed {
        return Err(Wrong::NoCounts(param).of(path).into());
    }
    if options.scored {
        return Err(Wrong::NoScores.of(path).into());
    }
    let size = header.dtype.size;
    columns.begin(&[true, false, false], &[], At::Row).map_err(|wrong| wrong.of(path))?;
    let mut chunk = Vec::new();
    for start in (0..count).step_by(CHUNK as usize) {
        monitor.check()?;
        chunk.resize(CHUNK.min(count - start) as usize * size, 0);
        let offset = header.data_offset + start * size as u64;
        read_exact_at(given.file(), &mut chunk, offset).map_err(FileError::read(path))?;
        for (row, bytes) in (start..).zip(chunk.chunks_exact(size)) {
            let cell = cell(bytes, header.dtype);
            columns.cell(0, cell, row).map_err(|wrong| wrong.at(path, At::Row(row)))?;
        }
    }
    Ok(())
}

/// Reads a number of 1, 2, 4 or 8 bytes.
fn cell(bytes: &[u8], dtype: Dtype) -> Cell<'static> {
    let mut little = [0; 8];
    little[..bytes.len()].copy_from_slice(bytes);
    if dtype.big_endian {
        little[..bytes.len()].reverse();
    }
    let unsigned = u64::from_le_bytes(little);
    // The sign bit goes to the top and is spread from there.
    let empty_bits = 64 - 8 * bytes.len() as u32;
    match (dtype.kind, bytes.len()) {
        (Kind::Float, 2) => Cell::Float(f16::from_bits(unsigned as u16).to_f64()),
        (Kind::Float, 4) => Cell::Float(f32::from_bits(unsigned as u32).into()),
        (Kind::Float, _) => Cell::Float(f64::from_bits(unsigned)),
        (Kind::Signed, _) => Cell::Integer(i128::from((unsigned << empty_bits).cast_signed() >> empty_bits)),
        (Kind::Unsigned | Kind::Bool, _) => Cell::Integer(unsigned.into()),
    }
}
