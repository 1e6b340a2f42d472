//! Renders the event stream on standard error, and remembers how long each stage took.
//!
//! On a terminal: one bar a stage, with rate and time left. Otherwise plain lines, at most one every
//! [`LINE_EVERY`] within a stage. With `--quiet`: nothing.

use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use clusterclip_core::monitor::{Event, Stage};
use indicatif::{ProgressBar, ProgressStyle};

use crate::human;

/// The least time between two plain lines of one stage: a log of an hour stays readable.
const LINE_EVERY: Duration = Duration::from_secs(2);

/// The least time that a rate is told of.
const RATE_FROM: Duration = Duration::from_millis(100);

/// The unit of the stage that ends before its total.
const ITERATIONS: &str = "iterations";

/// The unit of stages that are few and unlike each other.
const STEPS: &str = "steps";

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
                self.iteration(iteration, iteration_text(iteration, objective, moved, refilled));
            }
            Event::Finished { stage } => self.finish(stage),
            Event::Warning(text) => self.warn(text),
            _ => {}
        }
    }

    /// Says something once, above the bars.
    pub fn note(&self, text: &str) {
        let state = self.state.borrow();
        match (self.show, state.running.as_ref().and_then(|running| running.bar.as_ref())) {
            (Show::Nothing, _) => {}
            (_, Some(bar)) => bar.suspend(|| line(text)),
            (_, None) => line(text),
        }
    }

    /// Says a warning once, however often it comes.
    pub fn warn(&self, text: String) {
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
            bar.set_message(text());
        } else if self.show == Show::Lines && running.told.elapsed() >= LINE_EVERY {
            line(&labelled(stage, &text()));
            running.told = Instant::now();
        }
    }

    fn iteration(&self, iteration: u32, text: String) {
        let mut state = self.state.borrow_mut();
        let Some(running) = state.running.as_mut() else { return };
        running.done = iteration.into();
        if let Some(bar) = &running.bar {
            bar.set_message(text);
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

/// What a stage is called.
pub fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Read => "read",
        Stage::Fit => "fit",
        Stage::Embed => "embed",
        Stage::Quantize => "quantize",
        Stage::Cluster => "cluster",
        Stage::Finish => "finish",
        Stage::Sample => "sample",
        Stage::Write => "write",
        _ => "work",
    }
}

fn bar(stage: Stage, total: Option<u64>, unit: &str) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) if unit != ITERATIONS => (ProgressBar::new(total), "{prefix:9} [{bar:24}] {wide_msg}"),
        _ => (ProgressBar::new_spinner(), "{prefix:9} {spinner} {elapsed} {wide_msg}"),
    };
    let style = ProgressStyle::with_template(template).expect("the template is fixed and valid");
    bar.set_style(style.progress_chars("=> "));
    bar.set_prefix(name(stage));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn labelled(stage: Stage, text: &str) -> String {
    format!("{:9} {text}", name(stage))
}

fn amount(number: u64, unit: &str) -> String {
    if unit == "bytes" { human::bytes(number as f64) } else { format!("{} {unit}", human::count(number)) }
}

fn rate(done: u64, unit: &str, time: Duration) -> String {
    let rate = done as f64 / time.as_secs_f64().max(1e-9);
    if unit == "bytes" {
        human::bytes(rate) + "/s"
    } else {
        format!("{} {unit}/s", human::count(rate as u64))
    }
}

fn progress_text(done: u64, total: Option<u64>, unit: &str, time: Duration) -> String {
    // A step says nothing of the next one's pace.
    let rate = if unit == STEPS { String::new() } else { format!("{}, ", rate(done, unit, time)) };
    match total {
        Some(total) if done > 0 => {
            let left = time.mul_f64(total.saturating_sub(done) as f64 / done as f64);
            let share = human::percent(done as f64 / total.max(1) as f64);
            let (done, total) = (bare(done, unit), amount(total, unit));
            format!("{done} of {total} ({share}), {rate}{} left", human::duration(left))
        }
        Some(total) => format!("{} of {}", bare(done, unit), amount(total, unit)),
        None => format!("{rate}{} so far", amount(done, unit)),
    }
}

/// An amount before "of …", which names the unit.
fn bare(number: u64, unit: &str) -> String {
    if unit == "bytes" { human::bytes(number as f64) } else { human::count(number) }
}

fn begin_text(total: Option<u64>, unit: &str) -> String {
    match total {
        // K-Means ends by itself, mostly long before.
        Some(total) if unit == ITERATIONS => format!("begins: at most {}", amount(total, unit)),
        Some(total) => format!("begins: {}", amount(total, unit)),
        None => "begins".to_owned(),
    }
}

fn done_text(done: u64, unit: &str, time: Duration) -> String {
    let amount = if done == 0 { String::new() } else { format!(": {}", amount(done, unit)) };
    // A rate says something of amounts that took a while.
    let rate = match unit {
        "bytes" | "rows" | "documents" | "positions" if done > 0 && time >= RATE_FROM => {
            format!(", {}", rate(done, unit, time))
        }
        _ => String::new(),
    };
    format!("done{amount} in {}{rate}", human::duration(time))
}

fn iteration_text(iteration: u32, objective: i64, moved: u64, refilled: u64) -> String {
    let refilled = match refilled {
        0 => String::new(),
        n => format!(", {} refilled", human::counted(n, "cluster")),
    };
    format!("iteration {iteration}: objective {objective}, {} moved{refilled}", human::counted(moved, "row"))
}

/// Writes one line; a closed standard error must not stop the work.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_amount_rate_and_time_left() {
        let text = progress_text(50_000_000, Some(150_000_000), "bytes", Duration::from_secs(2));
        assert_eq!(text, "50.0 MB of 150 MB (33.3 %), 25.0 MB/s, 4.00 s left");
        let text = progress_text(0, Some(1_000), "rows", Duration::ZERO);
        assert_eq!(text, "0 of 1,000 rows");
        let text = progress_text(3_000, None, "documents", Duration::from_secs(3));
        assert_eq!(text, "1,000 documents/s, 3,000 documents so far");
        let text = progress_text(1, Some(5), STEPS, Duration::from_secs(2));
        assert_eq!(text, "1 of 5 steps (20.0 %), 8.00 s left");
    }

    #[test]
    fn a_stage_says_how_it_began_and_ended() {
        assert_eq!(begin_text(Some(152_000_000), "bytes"), "begins: 152 MB");
        assert_eq!(begin_text(Some(300), ITERATIONS), "begins: at most 300 iterations");
        assert_eq!(done_text(0, "steps", Duration::from_millis(3)), "done in 3 ms");
        assert_eq!(done_text(34, ITERATIONS, Duration::from_secs(2)), "done: 34 iterations in 2.00 s");
        assert_eq!(
            done_text(2_000, "rows", Duration::from_secs(2)),
            "done: 2,000 rows in 2.00 s, 1,000 rows/s"
        );
    }

    #[test]
    fn an_iteration_says_objective_moved_and_refilled() {
        assert_eq!(iteration_text(3, -12, 1, 0), "iteration 3: objective -12, 1 row moved");
        assert_eq!(
            iteration_text(1, 99, 5_000, 2),
            "iteration 1: objective 99, 5,000 rows moved, 2 clusters refilled"
        );
    }

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
