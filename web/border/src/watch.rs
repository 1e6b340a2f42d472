//! What a slow call is given: where its events go, and how it asks whether to stop.

use std::cell::RefCell;

use clusterclip_core::monitor::{CancelFlag, Event, Monitor};
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPE: &str = r#"
/** Where the events of a slow call go, as JSON, and how it asks whether to stop: very often, so that must be quick. */
export interface Watch { emit(event: string): void; cancelled(): boolean }
"#;

#[wasm_bindgen]
extern "C" {
    /// The watch of a call.
    #[wasm_bindgen(typescript_type = "Watch")]
    #[derive(Clone)]
    pub type Watch;

    #[wasm_bindgen(method)]
    fn emit(this: &Watch, event: &str);

    #[wasm_bindgen(method)]
    fn cancelled(this: &Watch) -> bool;
}

thread_local! {
    /// The watch of the call in hand: a module does one thing at a time.
    static CURRENT: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// Asks the watch of the call in hand.
fn ask() -> bool {
    CURRENT.with_borrow(|watch| watch.as_ref().is_some_and(Watch::cancelled))
}

/// Makes `watch` the one that is asked, until it is dropped.
pub struct Watching(Watch);

impl Watching {
    /// Begins a call.
    pub fn new(watch: Watch) -> Self {
        CURRENT.set(Some(watch.clone()));
        Self(watch)
    }

    /// Calls `work` with a monitor whose events go to the watch.
    pub fn with<T>(&self, work: impl FnOnce(&Monitor<'_>) -> T) -> T {
        let sink = |event| self.tell(event);
        work(&Monitor::new(&sink, CancelFlag::asking(ask)))
    }

    /// A flag that asks the watch.
    pub fn cancel(&self) -> CancelFlag {
        CancelFlag::asking(ask)
    }

    /// Sends an event.
    pub fn tell(&self, event: Event) {
        if let Some(told) = Told::of(&event) {
            self.0.emit(&serde_json::to_string(&told).unwrap_or_default());
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

/// An event as JavaScript sees it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Told<'a> {
    Started { stage: &'static str, total: Option<u64>, unit: &'static str },
    Progress { stage: &'static str, done: u64 },
    Iteration { iteration: u32, objective: String, moved: u64, refilled: u64 },
    Finished { stage: &'static str },
    Warning { text: &'a str },
}

impl<'a> Told<'a> {
    fn of(event: &'a Event) -> Option<Self> {
        Some(match *event {
            Event::Started { stage, total, unit } => Self::Started { stage: stage.name(), total, unit },
            Event::Progress { stage, done } => Self::Progress { stage: stage.name(), done },
            Event::Iteration { iteration, objective, moved, refilled } => {
                Self::Iteration { iteration, objective: objective.to_string(), moved, refilled }
            }
            Event::Finished { stage } => Self::Finished { stage: stage.name() },
            Event::Warning(ref text) => Self::Warning { text },
            _ => return None,
        })
    }
}
