//! Room: whether what is to be written fits on the disk, before its first file is begun.

use crate::error::Result;
use crate::store::{OutDir, StoreError};

/// Refuses what does not fit: `bytes` of records wait on the same disk. What is packed may need less room than they do,
/// but hardly less than a hundredth of it.
pub fn check(out: &OutDir, bytes: u64, is_packed: bool) -> Result<()> {
    // A system that cannot tell refuses nothing.
    let Ok(free) = fs4::available_space(out.path()) else { return Ok(()) };
    let wanted = if is_packed { bytes / 100 } else { bytes };
    if wanted <= free {
        return Ok(());
    }
    Err(StoreError::NoRoom { path: out.path().to_path_buf(), wanted, free }.into())
}
