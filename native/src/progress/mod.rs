//! Renders the event stream on standard error, and remembers how long each stage took.
//!
//! On a terminal: one bar a stage, with rate and time left. Otherwise plain lines, at most one every
//! [`LINE_EVERY`] within a stage. With `--quiet`: nothing.

mod words;

use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use clusterclip_core::monitor::{Event, Stage};
use indicatif::{ProgressBar, ProgressStyle};
use terminal_size::{Width, terminal_size_of};

use crate::names::spoken;
use crate::terminal;
use words::{
    ITERATIONS, begin_text, done_text, iteration_text, labelled, progress_text, short_iteration_text,
    short_progress_text,
};

/// The least time between two plain lines of one stage: a log of an hour stays readable.
const LINE_EVERY: Duration = Duration::from_secs(2);

/// Characters of a bar's line that are not its message: the name of the stage, brackets, 16 for the bar, blanks.
const BESIDE: usize = 29;

/// The one renderer of events.
pub struct Progress {
    show: Show,
    since: Instant,
    state: RefCell<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    Nothing,
    Lines,
    Bars,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    times: Vec<(Stage, Duration)>,
    warnings: Vec<String>,
}

struct Running {
    stage: Stage,
    total: Option<u64>,
    unit: &'static str,
    since: Instant,
    told: Instant,
    done: u64,
    /// The last iteration, where it has not been told yet.
    untold: Option<String>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Renders to standard error in the way that suits it.
    pub fn new(quiet: bool) -> Self {
        let show = match quiet {
            true => Show::Nothing,
            false if std::io::stderr().is_terminal() => Show::Bars,
            false => Show::Lines,
        };
        Self { show, since: Instant::now(), state: RefCell::default() }
    }

    /// Takes one event.
    pub fn handle(&self, event: Event) {
        match event {
            Event::Started { stage, total, unit } => self.start(stage, total, unit),
            Event::Progress { stage, done } => self.progress(stage, done),
            Event::Iteration { iteration, objective, moved, refilled } => {
                let text = iteration_text(iteration, objective, moved, refilled);
                self.iteration(iteration, text, || short_iteration_text(iteration, moved, refilled));
            }
            Event::Finished { stage } => self.finish(stage),
            Event::Note { about, text } => self.note(&format!("{about:9} {}", spoken(&text))),
            Event::Warning(text) => self.warn(spoken(&text)),
            _ => {}
        }
    }

    /// Says something once, above the bars.
    fn note(&self, text: &str) {
        let state = self.state.borrow();
        match (self.show, state.running.as_ref().and_then(|running| running.bar.as_ref())) {
            (Show::Nothing, _) => {}
            (_, Some(bar)) => bar.suspend(|| line(text)),
            (_, None) => line(text),
        }
    }

    /// Says a warning once, however often it comes.
    fn warn(&self, text: String) {
        if self.state.borrow().warnings.contains(&text) {
            return;
        }
        self.note(&format!("warning: {text}"));
        self.state.borrow_mut().warnings.push(text);
    }

    /// How long each stage took, in the order in which they began.
    pub fn times(&self) -> Vec<(Stage, Duration)> {
        self.state.borrow().times.clone()
    }

    /// Time since the beginning.
    pub fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    /// Every warning so far.
    pub fn warnings(&self) -> Vec<String> {
        self.state.borrow().warnings.clone()
    }

    fn start(&self, stage: Stage, total: Option<u64>, unit: &'static str) {
        let mut state = self.state.borrow_mut();
        if let Some(bar) = state.running.take().and_then(|running| running.bar) {
            bar.finish_and_clear();
        }
        let now = Instant::now();
        let bar = (self.show == Show::Bars).then(|| bar(stage, total, unit));
        if self.show == Show::Lines {
            line(&labelled(stage, &begin_text(total, unit)));
        }
        state.running =
            Some(Running { stage, total, unit, since: now, told: now, done: 0, untold: None, bar });
    }

    fn progress(&self, stage: Stage, done: u64) {
        let mut state = self.state.borrow_mut();
        let Some(running) = state.running.as_mut().filter(|running| running.stage == stage) else { return };
        running.done = done;
        let text = || progress_text(done, running.total, running.unit, running.since.elapsed());
        if let Some(bar) = &running.bar {
            bar.set_position(done);
            let time = running.since.elapsed();
            let short = || short_progress_text(done, running.total, running.unit, time);
            bar.set_message(fitting(text(), short));
        } else if self.show == Show::Lines && running.told.elapsed() >= LINE_EVERY {
            line(&labelled(stage, &text()));
            running.told = Instant::now();
        }
    }

    fn iteration(&self, iteration: u32, text: String, short: impl FnOnce() -> String) {
        let mut state = self.state.borrow_mut();
        let Some(running) = state.running.as_mut() else { return };
        running.done = iteration.into();
        if let Some(bar) = &running.bar {
            bar.set_message(fitting(text, short));
        } else if self.show == Show::Lines {
            if running.told.elapsed() >= LINE_EVERY {
                line(&labelled(running.stage, &text));
                running.told = Instant::now();
                running.untold = None;
            } else {
                running.untold = Some(text);
            }
        }
    }

    fn finish(&self, stage: Stage) {
        let mut state = self.state.borrow_mut();
        let Some(running) = state.running.take_if(|running| running.stage == stage) else { return };
        let time = running.since.elapsed();
        let done = match running.total {
            Some(total) if running.unit != ITERATIONS => total,
            _ => running.done,
        };
        match state.times.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, sum)) => *sum += time,
            None => state.times.push((stage, time)),
        }
        if let Some(bar) = &running.bar {
            bar.finish_and_clear();
        }
        if self.show == Show::Nothing {
            return;
        }
        if let Some(text) = running.untold {
            line(&labelled(stage, &text));
        }
        line(&labelled(stage, &done_text(done, running.unit, time)));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // A bar that was interrupted must not leave half a line before the message that says why.
        if let Some(bar) = self.state.get_mut().running.take().and_then(|running| running.bar) {
            bar.finish_and_clear();
        }
    }
}

fn bar(stage: Stage, total: Option<u64>, unit: &str) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) if unit != ITERATIONS => (ProgressBar::new(total), "{prefix:9} [{bar:16}] {wide_msg}"),
        _ => (ProgressBar::new_spinner(), "{prefix:9} {spinner} {elapsed} {wide_msg}"),
    };
    let style = ProgressStyle::with_template(template).expect("the template is fixed and valid");
    bar.set_style(style.progress_chars("=> "));
    bar.set_prefix(stage.name());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The text, or a shorter one where the terminal has no room for it beside the bar.
fn fitting(text: String, short: impl FnOnce() -> String) -> String {
    let width = terminal_size_of(std::io::stderr()).map_or(80, |(Width(width), _)| usize::from(width));
    if text.chars().count() + BESIDE <= width { text } else { short() }
}

/// Writes one line; a closed standard error must not stop the work.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", terminal::line(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_stage_that_runs_twice_is_added_up() {
        let progress = Progress { show: Show::Nothing, since: Instant::now(), state: RefCell::default() };
        for _ in 0..2 {
            progress.handle(Event::Started { stage: Stage::Write, total: None, unit: "rows" });
            progress.handle(Event::Progress { stage: Stage::Write, done: 3 });
            progress.handle(Event::Finished { stage: Stage::Write });
        }
        progress.handle(Event::Warning("w".into()));
        progress.handle(Event::Warning("w".into()));
        assert_eq!(progress.times().len(), 1);
        assert_eq!(progress.warnings(), ["w"]);
    }
}
