//! Room: whether what is asked for fits on the disk, before anything is written.

use std::fs::File;

use clusterclip_core::monitor::CancelFlag;

use super::blocks::Item;
use super::documents::{Documents, Form};
use super::{Order, documents_of, lines_of};
use crate::error::Result;
use crate::input::read_exact_at;
use crate::pipeline::Work;
use crate::settings::{Export, ExportSettings};
use crate::store::{ORDER, OutDir, Packing, StoreError};

/// Positions that are looked at.
const LOOKED_AT: u64 = 256;

/// Bytes of a row in tables, besides its texts: too few rather than too many.
const ROW: u64 = 16;

/// Refuses what does not fit by what documents of the order, spread evenly over it, come to.
pub fn check(
    work: Work<'_>,
    out: &OutDir,
    order: Order<'_>,
    documents: &Documents<'_>,
    settings: &ExportSettings,
) -> Result<()> {
    // A system that cannot tell refuses nothing.
    let Ok(free) = fs4::available_space(out.path()) else { return Ok(()) };
    let items = items(out, order.sampled.positions)?;
    let mut wanted = 0u64;
    for &kind in &settings.kinds {
        let bytes = bytes(kind, &items, documents, work.monitor.cancel_flag())?;
        let all = u128::from(bytes) * u128::from(documents_of(kind, order)) / items.len().max(1) as u128;
        wanted = wanted.saturating_add(u64::try_from(all).unwrap_or(u64::MAX));
    }
    match wanted > free {
        true => Err(StoreError::NoRoom { path: out.path().to_path_buf(), wanted, free }.into()),
        false => Ok(()),
    }
}

/// Documents at positions of the order that was written, spread evenly.
fn items(out: &OutDir, positions: u64) -> Result<Vec<Item>> {
    let path = out.results().file(ORDER);
    let failed = |cause| StoreError::io("read", &path, cause);
    let file = File::open(&path).map_err(failed)?;
    let start = file.metadata().map_err(failed)?.len().saturating_sub(positions * 8);
    let count = positions.min(LOOKED_AT);
    let item = |number: u64| {
        let position = u128::from(positions) * u128::from(number) / u128::from(count);
        let mut row = [0; 8];
        read_exact_at(&file, &mut row, start + position as u64 * 8).map_err(failed)?;
        Ok(Item { document: u64::from_le_bytes(row), repetition: 1 })
    };
    (0..count).map(item).collect()
}

/// How many bytes these documents come to in a form.
fn bytes(kind: Export, items: &[Item], documents: &Documents<'_>, cancel: &CancelFlag) -> Result<u64> {
    let (form, packing) = match kind {
        Export::Parquet => (Form::Order, Packing::Zstd),
        Export::Table => return Ok(items.len() as u64 * ROW),
        Export::Ranks => return Ok(items.len() as u64 * 8),
        _ => lines_of(kind).unwrap_or((Form::Order, Packing::Plain)),
    };
    let lines = documents.lines(items, form, cancel)?;
    Ok(match packing {
        Packing::Plain => lines.bytes.len() as u64,
        // The rest of the order may be packed better than its sample.
        Packing::Gzip | Packing::Zstd => {
            zstd::bulk::compress(&lines.bytes, 3).map_or(0, |packed| packed.len() as u64 / 2)
        }
    })
}
