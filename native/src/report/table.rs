//! The report as a person reads it.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::facts::{Cluster, Clusters, Documents, Order, Report};
use crate::human::{count, counted, percent, three_digits};

/// Columns of the table; texts wrap.
const WIDTH: u16 = 110;

/// Writes the report as text.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "{label:<11} {value}");
        }
    };
    if let Some(documents) = &report.documents {
        line("Documents", read(documents));
        line("Left out", left_out(documents));
    }
    if let Some(clusters) = &report.clusters {
        line("Clusters", found(clusters));
    }
    if let Some(order) = &report.order {
        line("Order", order_of(order));
        line("Clip", clip(order));
        line("Exposure", exposure(order));
    }
    if !report.largest.is_empty() {
        text.push('\n');
        text.push_str(&clusters(report));
        text.push('\n');
    }
    let mut line = |label: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "{label:<11} {value}");
        }
    };
    line("Time", times(report));
    line("Reused", reused(report));
    line("Files", files(report));
    text
}

fn read(documents: &Documents) -> String {
    let mut text = format!("{} read", count(documents.read));
    let share = |number: u64| percent(number as f64 / documents.read.max(1) as f64);
    if documents.duplicates > 0 {
        let _ = write!(
            text,
            ", {} of them ({}) with the text of an earlier one",
            count(documents.duplicates),
            share(documents.duplicates)
        );
    } else {
        text.push_str(", no duplicates");
    }
    if documents.featureless > 0 {
        let _ = write!(text, ", {} without features", count(documents.featureless));
    }
    text
}

fn left_out(documents: &Documents) -> String {
    let some = documents.skipped.iter().filter(|&(_, &number)| number > 0);
    some.map(|(kind, &number)| format!("{} {kind}", count(number))).collect::<Vec<_>>().join(", ")
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

fn order_of(order: &Order) -> String {
    let share = match order.rank {
        None => String::new(),
        Some((rank, world)) => {
            format!(
                "; order.npy holds the {} of rank {rank} of {world}",
                counted(order.positions, "position")
            )
        }
    };
    format!(
        "{} ({} epochs of {} in {}), {}, {}, seed {}{share}",
        counted(order.draws, "position"),
        three_digits(order.draws as f64 / order.documents.max(1) as f64),
        counted(order.documents, "document"),
        counted(order.clusters, "cluster"),
        order.strategy,
        order.choice,
        order.seed,
    )
}

fn clip(order: &Order) -> String {
    let Some(clip) = order.clip else { return format!("none: {} has no clip", order.strategy) };
    let times = if clip == 1 { "once".to_owned() } else { format!("{clip} times") };
    match order.first_clip {
        Some(first) if order.clip_acts => format!(
            "acts: {} of {} are left out once their {} have been drawn {times} each, the first at position {}",
            count(order.clipped_clusters),
            counted(order.clusters, "cluster"),
            counted(order.clipped_documents, "document"),
            count(first),
        ),
        _ => format!("never acts at this budget: no document would be drawn more than {times}"),
    }
}

fn exposure(order: &Order) -> String {
    format!(
        "{} of the documents drawn (at random {}), effective number of clusters {} (at random {}){}",
        percent(order.coverage),
        percent(order.random.coverage),
        three_digits(order.effective_clusters),
        three_digits(order.random.effective_clusters),
        if order.expected { "; expected figures" } else { "" },
    )
}

fn clusters(report: &Report) -> String {
    let all = || report.largest.iter().chain(&report.smallest);
    let named = all().any(|cluster| cluster.name.is_some());
    let drawn = all().any(|cluster| cluster.draws.is_some());
    let words = all().any(|cluster| !cluster.keywords.is_empty());
    let total = report.order.as_ref().map(|order| order.documents);
    let total = total.or(report.clusters.as_ref().map(|clusters| clusters.documents)).unwrap_or(0).max(1);

    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    let mut header = vec!["", "cluster"];
    header.extend(named.then_some("name"));
    header.extend(["documents", "share"]);
    header.extend(drawn.then_some(["drawn", "epochs"]).into_iter().flatten());
    header.extend(words.then_some("keywords"));
    let columns = header.len();
    table.set_header(header);
    let mut add = |label: &str, clusters: &[Cluster]| {
        for (i, cluster) in clusters.iter().enumerate() {
            let mut row = vec![if i == 0 { label.to_owned() } else { String::new() }];
            row.push(cluster.cluster.to_string());
            if named {
                row.push(cluster.name.clone().unwrap_or_default());
            }
            row.push(count(cluster.documents));
            row.push(percent(cluster.documents as f64 / total as f64));
            if drawn {
                row.push(count(cluster.draws.unwrap_or(0.0).round() as u64));
                row.push(format!("{:.2}", cluster.epochs.unwrap_or(0.0)));
            }
            if words {
                row.push(cluster.keywords.join(", "));
            }
            table.add_row(row);
        }
    };
    add("largest", &report.largest);
    add("smallest", &report.smallest);
    let numbers = 1..columns - usize::from(words);
    for index in numbers.filter(|&index| !(named && index == 2)) {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt() + "\n"
}

fn times(report: &Report) -> String {
    let total: f64 = report.steps.iter().map(|step| step.seconds).sum();
    let steps: Vec<String> =
        report.steps.iter().map(|step| format!("{} {:.2} s", step.step, step.seconds)).collect();
    match steps.is_empty() {
        true => String::new(),
        false => {
            let kernel = report.kernel.as_deref().map_or(String::new(), |kernel| format!(", {kernel}"));
            format!(
                "{total:.2} s: {} (on {}{kernel}, {})",
                steps.join(", "),
                report.device,
                counted(report.threads as u64, "thread")
            )
        }
    }
}

fn reused(report: &Report) -> String {
    let reused = report.stages.iter().filter(|stage| stage.reused).map(|stage| stage.stage);
    reused.collect::<Vec<_>>().join(", ")
}

fn files(report: &Report) -> String {
    let names: Vec<&str> = report.files.iter().map(|file| file.name.as_str()).collect();
    format!("{}/ {}", report.out.trim_end_matches('/'), names.join(", "))
}
