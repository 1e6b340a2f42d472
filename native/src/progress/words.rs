//! What progress says: amounts, rates, time left.

use std::time::Duration;

use clusterclip_core::monitor::Stage;

use clusterclip_engine::human;

/// The least time that a rate is told of.
const RATE_FROM: Duration = Duration::from_millis(100);

/// The unit of the stage that ends before its total.
pub const ITERATIONS: &str = "iterations";

/// The unit of stages that are few and unlike each other.
const STEPS: &str = "steps";

/// Puts a line under the name of its stage.
pub fn labelled(stage: Stage, text: &str) -> String {
    format!("{:9} {text}", stage.name())
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

/// How far a stage is.
pub fn progress_text(done: u64, total: Option<u64>, unit: &str, time: Duration) -> String {
    // A step says nothing of the next one's pace.
    let rate = if unit == STEPS { String::new() } else { format!("{}, ", rate(done, unit, time)) };
    match total {
        Some(total) if done > 0 => {
            let left = time.mul_f64(total.saturating_sub(done) as f64 / done as f64);
            let share = human::percent(done as f64 / total.max(1) as f64);
            let (done, total) = (bare(done, unit), amount(total, unit));
            format!("{done} of {total} ({share}), {rate}{} left", remaining(left))
        }
        Some(total) => format!("{} of {}", bare(done, unit), amount(total, unit)),
        None => format!("{rate}{} so far", amount(done, unit)),
    }
}

/// How far a stage is, in at most 50 characters: for a bar beside which the whole does not fit.
pub fn short_progress_text(done: u64, total: Option<u64>, unit: &str, time: Duration) -> String {
    match total {
        Some(total) if done > 0 => {
            let left = time.mul_f64(total.saturating_sub(done) as f64 / done as f64);
            let share = human::percent(done as f64 / total.max(1) as f64);
            let rate = if unit == STEPS { String::new() } else { format!(", {}", rate(done, unit, time)) };
            format!("{share}{rate}, {} left", remaining(left))
        }
        Some(_) => String::new(),
        None => format!("{} so far", amount(done, unit)),
    }
}

/// A time that is an estimate: whole seconds.
fn remaining(left: Duration) -> String {
    match left.as_secs_f64().round() {
        0.0 => "under 1 s".to_owned(),
        seconds if seconds < 100.0 => format!("{seconds} s"),
        _ => human::duration(left),
    }
}

/// An amount before "of …", which names the unit.
fn bare(number: u64, unit: &str) -> String {
    if unit == "bytes" { human::bytes(number as f64) } else { human::count(number) }
}

/// How a stage begins.
pub fn begin_text(total: Option<u64>, unit: &str) -> String {
    match total {
        // K-Means ends by itself, mostly long before.
        Some(total) if unit == ITERATIONS => format!("begins: at most {}", amount(total, unit)),
        Some(total) => format!("begins: {}", amount(total, unit)),
        None => "begins".to_owned(),
    }
}

/// How a stage has ended.
pub fn done_text(done: u64, unit: &str, time: Duration) -> String {
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

/// What an iteration did.
pub fn iteration_text(iteration: u32, objective: i64, moved: u64, refilled: u64) -> String {
    let refilled = match refilled {
        0 => String::new(),
        n => format!(", {} refilled", human::counted(n, "cluster")),
    };
    format!("iteration {iteration}: objective {objective}, {} moved{refilled}", human::counted(moved, "row"))
}

/// What an iteration did, in at most 50 characters: for a bar beside which the whole does not fit.
pub fn short_iteration_text(iteration: u32, moved: u64, refilled: u64) -> String {
    let refilled =
        if refilled == 0 { String::new() } else { format!(", {} refilled", human::count(refilled)) };
    format!("iteration {iteration}: {} moved{refilled}", human::count(moved))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_amount_rate_and_time_left() {
        let text = progress_text(50_000_000, Some(150_000_000), "bytes", Duration::from_secs(2));
        assert_eq!(text, "50.0 MB of 150 MB (33.3 %), 25.0 MB/s, 4 s left");
        let text = progress_text(0, Some(1_000), "rows", Duration::ZERO);
        assert_eq!(text, "0 of 1,000 rows");
        let text = progress_text(3_000, None, "documents", Duration::from_secs(3));
        assert_eq!(text, "1,000 documents/s, 3,000 documents so far");
        let text = progress_text(1, Some(5), STEPS, Duration::from_secs(2));
        assert_eq!(text, "1 of 5 steps (20.0 %), 8 s left");
    }

    #[test]
    fn what_is_told_beside_a_bar_fits_a_terminal_of_80_columns() {
        let long = Duration::from_secs(20 * 3600);
        let most = [
            short_progress_text(987_654_321_000, Some(1_975_308_642_000), "positions", long / 200),
            short_progress_text(98_765_432_100, Some(197_530_864_200), "documents", long),
            short_progress_text(98_765_432_100, None, "documents", long),
            short_progress_text(999_999_999_999, Some(10_000_000_000_000), "bytes", long),
            short_iteration_text(300, 4_200_000_000, 2_000),
        ];
        for text in most {
            assert!(text.chars().count() <= 50, "{text}");
        }
        let text = short_progress_text(50_000_000, Some(150_000_000), "bytes", Duration::from_secs(2));
        assert_eq!(text, "33.3 %, 25.0 MB/s, 4 s left");
        assert_eq!(short_iteration_text(3, 1, 2), "iteration 3: 1 moved, 2 refilled");
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
}
