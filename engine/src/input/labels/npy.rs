//! Labels from a .npy file: one integer of any size a document.

use anyhow::{Context, Result, bail};
use clusterclip_core::format::labels::Ranker;
use clusterclip_core::format::npy::{Dtype, Kind};
use clusterclip_core::monitor::Monitor;

use super::{Columns, LabelOptions, ranked_integers};
use crate::input::embeddings::npy_header;
use crate::input::given::Given;
use crate::input::positioned::read_exact_at;

/// Labels read at a time.
const CHUNK: u64 = 1 << 16;

pub(super) fn read(given: &Given, options: &LabelOptions, monitor: &Monitor<'_>) -> Result<Columns> {
    let name = given.path().display();
    let header = npy_header(given)?;
    if !matches!(header.dtype.kind, Kind::Signed | Kind::Unsigned) {
        bail!("{name}: labels of type {}; integers are wanted: labels.astype('int32')", header.dtype);
    }
    let &[count] = &header.shape[..] else {
        bail!("{name}: an array of shape {}; labels have one axis, (n_samples,)", header.shape_text());
    };
    for (field, option) in
        [(&options.cluster_field, "--cluster-field"), (&options.token_field, "--token-field")]
    {
        if let Some(field) = field {
            bail!(
                "{name}: a .npy file has no column `{field}` ({option}); use Parquet or CSV, or leave out {option}"
            );
        }
    }
    if options.tokens_needed {
        bail!(
            "{name}: a .npy file of labels has no token counts, which --tokens needs; use Parquet or CSV with a token \
             column and --token-field, or --epochs or --documents"
        );
    }
    let size = header.dtype.size;
    let mut ranker = Ranker::new();
    let mut chunk = Vec::new();
    for start in (0..count).step_by(CHUNK as usize) {
        monitor.check()?;
        chunk.resize(CHUNK.min(count - start) as usize * size, 0);
        let offset = header.data_offset + start * size as u64;
        read_exact_at(given.file(), &mut chunk, offset).with_context(|| format!("{name} cannot be read"))?;
        for (row, bytes) in (start..).zip(chunk.chunks_exact(size)) {
            let Ok(label) = i64::try_from(integer(bytes, header.dtype)) else {
                bail!(
                    "{name}: row {row} has the label {}; the limit is {}",
                    integer(bytes, header.dtype),
                    i64::MAX
                );
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
