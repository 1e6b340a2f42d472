//! Which panics count: those that no fence holds, on any thread, and those of this project's own code wherever they are.
//!
//! A fence makes an error of a panic, and so does whoever joins a thread that panicked. The hook sees both before that.

use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use clusterclip_models::fenced;

/// What is known of the case that is tried now; without one, panics are nobody's.
static CASE: Mutex<Option<Found>> = Mutex::new(None);

/// The first panic that counts, if there was one.
type Found = Option<String>;

fn case() -> MutexGuard<'static, Option<Found>> {
    CASE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins a case. The first call puts the hook in place.
pub fn begin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = take_hook();
        // Below the hook of the fence, which passes on what no fence holds.
        set_hook(Box::new(move |panic| {
            if !noted(panic) {
                usual(panic);
            }
        }));
        // The fence puts its own in place when it is first used.
        let _ = fenced(|| ());
        let fence = take_hook();
        set_hook(Box::new(move |panic| {
            if is_ours(panic) {
                noted(panic);
            }
            fence(panic);
        }));
    });
    *case() = Some(None);
}

/// Ends the case, and gives its first panic that counts, if there was one.
pub fn ended() -> Option<String> {
    case().take().flatten()
}

/// Notes a panic; false where there is no case.
fn noted(panic: &PanicHookInfo<'_>) -> bool {
    case().as_mut().map(|found| found.get_or_insert_with(|| panic.to_string())).is_some()
}

/// Whether a line of this workspace panicked: cargo compiles its own crates by paths from the workspace on, all others
/// by whole ones.
fn is_ours(panic: &PanicHookInfo<'_>) -> bool {
    panic.location().is_some_and(|place| Path::new(place.file()).is_relative())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There is one case at a time, so this is one test.
    #[test]
    fn panics_count_that_are_ours_or_that_no_fence_holds() {
        begin();
        assert!(fenced(|| panic!("ours")).is_err());
        assert!(ended().is_some_and(|panic| panic.contains("ours")));
        let of_library = || "two".repeat(usize::MAX);
        begin();
        assert!(fenced(of_library).is_err());
        assert!(ended().is_none());
        begin();
        assert!(std::thread::spawn(of_library).join().is_err());
        assert!(ended().is_some_and(|panic| panic.contains("capacity overflow")));
    }
}
