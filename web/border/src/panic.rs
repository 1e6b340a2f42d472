//! Panics: a fault of ours that traps. What it said is kept, so that the caller can tell it.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

thread_local! {
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps what panics say; called once, when the module is loaded.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|info| {
        let said = info.to_string();
        SAID.with(|kept| {
            // A panic while one is kept would panic again: the first is the one to tell.
            if let Ok(mut kept) = kept.try_borrow_mut() {
                kept.get_or_insert(said);
            }
        });
    }));
}

/// Gives what a panic of this module said, once; after one the module must not be used any more.
#[wasm_bindgen(js_name = takePanic)]
pub fn take_panic() -> Option<String> {
    SAID.with(|said| said.take())
}
