//! The summary as a person reads it.

mod clusters;
mod documents;
mod order;
mod weights;

use std::fmt::Write as _;
use std::time::Duration;

use self::clusters::clusters;
use self::documents::{from, left_out, read, taken};
use self::order::{clip, exposure, order_of};
use self::weights::{raised, topics, weights};
use super::facts::{Clusters, File, Joined, Labels, Summary};
use crate::terminal;
use clusterclip_engine::human::{self, count, counted, percent};

/// Width of the labels at its left.
const LABEL: usize = 11;

/// Writes the summary as text that wraps at `width` characters.
pub fn text(summary: &Summary, width: u16) -> String {
    let mut text = String::new();
    let entry = |text: &mut String, label: &str, value: &str| entry(text, width.into(), label, value);
    if let Some(documents) = &summary.documents {
        entry(&mut text, "From", &from(documents));
        entry(&mut text, "Documents", &read(documents));
        entry(&mut text, "Text", &taken(documents));
        entry(&mut text, "Left out", &left_out(documents));
    }
    if let Some(labels) = &summary.labels {
        entry(&mut text, "Labels", &given(labels));
    }
    if let Some(clusters) = &summary.clusters {
        entry(&mut text, "Clusters", &found(clusters));
    }
    if let Some(joined) = &summary.joined {
        entry(&mut text, "Joined", &joins(joined));
        entry(&mut text, "Distance", &distance(joined));
    }
    if let Some(order) = &summary.order {
        entry(&mut text, "Order", &order_of(order));
        entry(&mut text, "Weights", &order.weights.as_ref().map_or(String::new(), weights));
        entry(&mut text, "Clip", &clip(order));
        entry(&mut text, "Exposure", &exposure(order));
        entry(&mut text, "Topics", &order.topics.map_or(String::new(), topics));
    }
    if !summary.largest.is_empty() {
        text.push('\n');
        text.push_str(&clusters(summary, width));
        text.push('\n');
    }
    entry(&mut text, "Raised", raised(summary));
    entry(&mut text, "Time", &times(summary));
    entry(&mut text, "Reused", &reused(summary));
    entry(&mut text, "Files", &files(summary));
    text
}

/// Adds a label and its value, wrapped between words; nothing where there is no value.
fn entry(text: &mut String, width: usize, label: &str, value: &str) {
    let mut column = width;
    let value = &*terminal::line(value);
    for (i, word) in value.split(' ').filter(|word| !word.is_empty()).enumerate() {
        let length = word.chars().count();
        if column + 1 + length > width {
            let _ = match i {
                0 => write!(text, "{label:<LABEL$}"),
                _ => write!(text, "\n{:LABEL$}", ""),
            };
            column = LABEL;
        }
        let _ = write!(text, " {word}");
        column += 1 + length;
    }
    if !value.is_empty() {
        text.push('\n');
    }
}

fn given(labels: &Labels) -> String {
    let mut text = counted(labels.rows, "row");
    if labels.noise > 0 {
        let becomes = if labels.noise_is_cluster { "a cluster of its own" } else { "never drawn" };
        let _ = write!(text, ", {} of noise: {becomes}", count(labels.noise));
    }
    if labels.absent > 0 {
        let _ = write!(text, ", {} without a label: never drawn", count(labels.absent));
    }
    text
}

fn found(clusters: &Clusters) -> String {
    let empty = match clusters.empty {
        0 => String::new(),
        empty => format!(", {} of them empty", count(empty)),
    };
    format!(
        "{}{empty}, of {}; K-Means ended after {}, mean similarity {:.3}",
        count(clusters.clusters),
        counted(clusters.documents, "document"),
        counted(clusters.iterations.into(), "iteration"),
        1.0 - clusters.inertia,
    )
}

fn joins(joined: &Joined) -> String {
    format!(
        "{} joined {} of {}",
        counted(joined.documents, "document"),
        count(joined.clusters - joined.empty),
        counted(joined.clusters, "cluster")
    )
}

/// How far the documents are from the clusters that they joined.
fn distance(joined: &Joined) -> String {
    let Some(inertia) = joined.inertia else { return String::new() };
    format!(
        "mean similarity {:.3}; {} ({}) under {:.3}, as 5 % of the earlier ones are",
        1.0 - inertia,
        counted(joined.under, "document"),
        percent(joined.under as f64 / joined.documents as f64),
        joined.fifth_percentile
    )
}

fn times(summary: &Summary) -> String {
    let time = |seconds: f64| human::duration(Duration::from_secs_f64(seconds));
    let steps: Vec<String> =
        summary.steps.iter().map(|step| format!("{} {}", step.step, time(step.seconds))).collect();
    let kernel = summary.kernel.as_deref().map_or(String::new(), |kernel| format!(", kernel {kernel}"));
    format!(
        "{} in all: {}; {}{kernel}, {}",
        time(summary.seconds),
        steps.join(", "),
        summary.device,
        counted(summary.threads as u64, "thread")
    )
}

fn reused(summary: &Summary) -> String {
    let reused = summary.stages.iter().filter(|stage| stage.reused).map(|stage| stage.stage);
    reused.collect::<Vec<_>>().join(", ")
}

/// The most files that are named.
const FILES: usize = 24;

fn files(summary: &Summary) -> String {
    let file = |file: &File| format!("{} ({})", file.name, human::bytes(file.bytes as f64));
    let (shown, others) = summary.files.split_at(summary.files.len().min(FILES));
    let mut names: Vec<String> = shown.iter().map(file).collect();
    if !others.is_empty() {
        let sum = others.iter().map(|file| file.bytes as f64).sum();
        names.push(format!("and {} more ({})", counted(others.len() as u64, "file"), human::bytes(sum)));
    }
    format!("in {}: {}", summary.out, names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_wrap_between_words_under_their_label() {
        let mut text = String::new();
        entry(&mut text, 110, "Empty", "");
        entry(&mut text, 110, "Words", &"word ".repeat(30));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("Words       word word") && lines[0].chars().count() <= 110);
        assert!(lines[1].starts_with("            word"));
    }
}
