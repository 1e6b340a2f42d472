//! Room: whether what is to be written fits on the disk.

use crate::error::Result;
use crate::store::{OutDir, StoreError};

/// How many times too much the first documents may promise: others may be shorter.
const DOUBT: u64 = 4;

/// Refuses what clearly does not fit, before anything is written: `bytes` of records if all were as long as the first. They
/// wait on the disk of the results, and then stand there.
pub fn check_first(out: &OutDir, bytes: u64, is_packed: bool) -> Result<()> {
    let wanted = bytes.saturating_add(least(bytes, is_packed));
    refuse(out, wanted, |free| wanted / DOUBT > free)
}

/// Refuses what does not fit, before its first file is begun: `bytes` of records are to be written, all that there are.
pub fn check(out: &OutDir, bytes: u64, is_packed: bool) -> Result<()> {
    let wanted = least(bytes, is_packed);
    refuse(out, wanted, |free| wanted > free)
}

/// What records come to at least: packed ones hardly to less than a hundredth.
fn least(bytes: u64, is_packed: bool) -> u64 {
    if is_packed { bytes / 100 } else { bytes }
}

fn refuse(out: &OutDir, wanted: u64, is_too_much: impl FnOnce(u64) -> bool) -> Result<()> {
    match fs4::available_space(out.path()) {
        Ok(free) if is_too_much(free) => {
            Err(StoreError::NoRoom { path: out.path().to_path_buf(), wanted, free }.into())
        }
        // A system that cannot tell refuses nothing.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clusterclip_core::monitor::Monitor;

    use super::*;

    #[test]
    fn what_cannot_fit_is_refused_and_what_may_fit_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let out = OutDir::open(folder.path(), false, &Monitor::silent()).unwrap();
        let free = fs4::available_space(folder.path()).unwrap();
        // Other programs write at the same time.
        let (little, much) = (free / 10, free.saturating_mul(10));
        for check in [check, check_first] {
            assert!(check(&out, little, false).is_ok());
            let said = check(&out, much, false).unwrap_err().to_string();
            assert!(said.contains("there is not enough space"), "{said}");
        }
        assert!(check_first(&out, free, false).is_ok() && check(&out, much, true).is_ok());
    }
}
