//! A fence around libraries that may panic on files that are damaged or unusual.
//!
//! Such a panic is an error of the file that was read, so it is told as one, and nothing is printed by the way. Where
//! panics end the program, as in a browser, nothing can be fenced: there the caller tells what the panic said.

#[cfg(panic = "unwind")]
use std::{
    any::Any,
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    sync::Once,
};

#[cfg(panic = "unwind")]
thread_local! {
    /// Whether this thread is inside a fence.
    static FENCED: Cell<bool> = const { Cell::new(false) };
}

/// Does `work`; a panic in it ends all.
#[cfg(not(panic = "unwind"))]
pub fn fenced<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    Ok(work())
}

/// Does `work`; a panic in it comes back as its message. What `work` had in hand then must not be used again.
#[cfg(panic = "unwind")]
pub fn fenced<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !FENCED.get() {
                usual(panic);
            }
        }));
    });
    let outer = FENCED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    FENCED.set(outer);
    done.map_err(|panic| message(&*panic))
}

#[cfg(panic = "unwind")]
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(all(test, panic = "unwind"))]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_as_its_message() {
        assert_eq!(fenced(|| 7), Ok(7));
        assert_eq!(fenced(|| panic!("at byte {}", 3)), Err::<(), _>("at byte 3".to_owned()));
        let inner = fenced(|| (fenced(|| panic!("inner")), 7));
        assert_eq!(inner, Ok((Err::<(), _>("inner".to_owned()), 7)));
    }
}
