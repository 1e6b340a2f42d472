//! The largest and the smallest clusters, and those that weights raise, a line each.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::summary::facts::{Cluster, Summary};
use crate::terminal;
use clusterclip_engine::human::{count, percent, three_digits};

/// The most characters shown of a document's id.
const EXAMPLE: usize = 56;

pub(super) fn clusters(summary: &Summary, width: u16) -> String {
    let all = || summary.largest.iter().chain(&summary.smallest).chain(&summary.raised);
    // Integers that are ranks already would be shown twice.
    let told =
        |cluster: &Cluster| cluster.name.as_ref().is_some_and(|name| *name != cluster.cluster.to_string());
    let named = all().any(told);
    let weighted = all().any(|cluster| cluster.weight.is_some());
    let drawn = all().any(|cluster| cluster.draws.is_some());
    let words = all().any(|cluster| cluster.example.is_some());
    let total = summary.order.as_ref().map(|order| order.documents);
    let total = total.or(summary.clusters.as_ref().map(|clusters| clusters.documents));
    let total = total.or(summary.joined.as_ref().map(|joined| joined.documents)).unwrap_or(0).max(1);

    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    let mut header = vec!["", "cluster"];
    header.extend(named.then_some("name"));
    header.extend(["documents", "share"]);
    header.extend(weighted.then_some("weight"));
    let expected = summary.order.as_ref().is_some_and(|order| order.expected);
    let headings = if expected { ["expected draws", "epochs"] } else { ["drawn", "epochs"] };
    header.extend(drawn.then_some(headings).into_iter().flatten());
    header.extend(words.then_some("keywords, and a document"));
    let columns = header.len();
    table.set_header(header);
    let mut add = |label: &str, clusters: &[Cluster]| {
        for (i, cluster) in clusters.iter().enumerate() {
            let mut row = vec![if i == 0 { label.to_owned() } else { String::new() }];
            row.push(cluster.cluster.to_string());
            if named {
                row.push(terminal::line(cluster.name.as_deref().unwrap_or_default()).into_owned());
            }
            row.push(count(cluster.documents));
            row.push(percent(cluster.documents as f64 / total as f64));
            if weighted {
                row.push(cluster.weight.map_or(String::new(), three_digits));
            }
            if drawn {
                row.push(count(cluster.draws.unwrap_or(0.0).round() as u64));
                row.push(format!("{:.2}", cluster.epochs.unwrap_or(0.0)));
            }
            if words {
                row.push(about(cluster));
            }
            table.add_row(row);
        }
    };
    add("largest", &summary.largest);
    add("smallest", &summary.smallest);
    add("raised", &summary.raised);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let numbers = 1..columns - usize::from(words);
    for index in numbers.filter(|&index| !(named && index == 2)) {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt() + "\n"
}

/// What a cluster is about, in two lines.
fn about(cluster: &Cluster) -> String {
    let example = cluster.example.as_deref().unwrap_or_default();
    let cut = example.chars().count().saturating_sub(EXAMPLE);
    // The end of a path tells more than its beginning.
    let end: String = example.chars().skip(cut + usize::from(cut > 0)).collect();
    let end = terminal::line(&end);
    let keywords = cluster.keywords.join(", ");
    format!("{}\n{}{end}", terminal::line(&keywords), if cut > 0 { "…" } else { "" })
}
