//! The summary as a person reads it.

use std::fmt::Write as _;
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::facts::{Cluster, Clusters, Documents, File, Files, InTokens, Labels, Order, Share, Summary};
use crate::terminal;
use clusterclip_engine::human::{self, count, counted, percent, three_digits};
use clusterclip_engine::store::{BAD_RECORDS, REPEATED_HEADERS, Splits};

/// The most characters shown of a document's id.
const EXAMPLE: usize = 56;

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
    if let Some(order) = &summary.order {
        entry(&mut text, "Order", &order_of(order));
        entry(&mut text, "Clip", &clip(order));
        entry(&mut text, "Exposure", &exposure(order));
    }
    if !summary.largest.is_empty() {
        text.push('\n');
        text.push_str(&clusters(summary, width));
        text.push('\n');
    }
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

/// The files that were read, by format, and of several splits which.
fn from(documents: &Documents) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (format, Files { count, bytes, first }) in &documents.chosen {
        let more = match count - first.len() as u64 {
            0 => String::new(),
            more => format!(" and {} more", human::count(more)),
        };
        let kind = counted(*count, &format!("{format} file"));
        parts.push(format!("{kind} of {} ({}{more})", human::bytes(*bytes as f64), first.join(", ")));
    }
    for Splits { read, there } in &documents.splits {
        parts.push(format!("split {read} of {}", there.join(", ")));
    }
    parts.join("; ")
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
    for (kind, noun) in SKIPPED {
        if let Some(skipped @ 1..) = documents.skipped.get(kind).copied() {
            let _ = write!(text, ", {} skipped", counted(skipped, noun));
        }
    }
    if documents.featureless > 0 {
        let _ = write!(text, ", {} without features", count(documents.featureless));
    }
    if let Some(tokens) = documents.tokens {
        let _ = write!(text, ", {} tokens", count(tokens));
    }
    if let Some(truncated @ 1..) = documents.truncated {
        let _ = write!(text, ", {} cut to what the model takes", count(truncated));
    }
    text
}

/// What the text was made of; in how many sources, where they differ.
fn taken(documents: &Documents) -> String {
    let several = documents.taken.len() > 1;
    let taken = documents.taken.iter().map(|(what, &sources)| match several {
        true => format!("{what} in {}", counted(sources, "source")),
        false => what.clone(),
    });
    taken.collect::<Vec<_>>().join("; ")
}

/// What keeps its number and is never drawn, and what one of it is called.
const SKIPPED: [(&str, &str); 2] = [(BAD_RECORDS, "bad record"), (REPEATED_HEADERS, "repeated header")];

/// What one of what is left out is called.
const ONE: [(&str, &str); 4] =
    [("files", "file"), ("folders", "folder"), ("lines", "line"), ("links that lead", "link that leads")];

fn left_out(documents: &Documents) -> String {
    let kept = |kind: &str| SKIPPED.iter().any(|&(skipped, _)| skipped == kind);
    let some = documents.skipped.iter().filter(|&(kind, &number)| number > 0 && !kept(kind));
    some.map(|(kind, &number)| {
        let many = kind.replace('_', " ");
        let what = match number {
            1 => ONE.iter().fold(many, |text, (plural, one)| text.replace(plural, one)),
            _ => many,
        };
        format!("{} {what}", count(number))
    })
    .collect::<Vec<_>>()
    .join(", ")
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

fn order_of(order: &Order) -> String {
    let share = match order.share {
        None => String::new(),
        Some(Share { rank, world_size, dropped }) => {
            let cut = match dropped {
                0 => String::new(),
                dropped => format!(", --drop-last cuts off the last {}", counted(dropped, "position")),
            };
            let positions = counted(order.positions, "position");
            format!("; order.npy holds the {positions} of rank {rank} of {world_size}{cut}")
        }
    };
    let choice = if order.strategy == "random" { String::new() } else { format!(", {}", order.choice) };
    format!(
        "{} ({} epochs of {} in {}), {}{choice}, seed {}{share}",
        counted(order.draws, "position"),
        three_digits(order.draws as f64 / order.documents.max(1) as f64),
        counted(order.documents, "document"),
        counted(order.clusters, "cluster"),
        order.strategy,
        order.seed.0,
    )
}

fn clip(order: &Order) -> String {
    let Some(clip) = order.clip else { return format!("none: {} has no clip", order.strategy) };
    let times = if clip == 1 { "once".to_owned() } else { format!("{clip} times") };
    let Some(first) = order.first_clip.filter(|_| order.clip_acts) else {
        return match order.expected {
            false => format!("never acts at this budget: no document would be drawn more than {times}"),
            true => format!(
                "not expected to act at this budget: no document is expected to be drawn more than {times}"
            ),
        };
    };
    let raised = match order.draws.saturating_sub(clip * order.documents) {
        0 => String::new(),
        more => format!("; raised for the last {}", counted(more, "position")),
    };
    let are = match order.clipped_clusters {
        1 => "is out once each of its",
        _ => "are out once each of their",
    };
    // Where chance decides, so do the clusters and the position.
    let (acts, from) = if order.expected { ("expected to act: about ", "about ") } else { ("acts: ", "") };
    format!(
        "{acts}{} of {} {are} {} has been drawn {times}, the first from {from}position {} on{raised}",
        count(order.clipped_clusters),
        counted(order.clusters, "cluster"),
        counted(order.clipped_documents, "document"),
        count(first),
    )
}

fn exposure(order: &Order) -> String {
    let (drawn, expected) =
        if order.expected { ("expected to be drawn", "expected ") } else { ("drawn", "") };
    format!(
        "{} of the documents {drawn} (at random {}), {expected}effective number of clusters {} (at random {} expected)",
        percent(order.coverage),
        percent(order.random.coverage),
        three_digits(order.effective_clusters),
        three_digits(order.random.effective_clusters),
    ) + &in_tokens(order)
}

fn in_tokens(order: &Order) -> String {
    let Some(InTokens { tokens, effective_clusters, random_effective_clusters }) = order.in_tokens else {
        return String::new();
    };
    format!(
        "; in tokens: about {}, effective number of clusters about {} (at random about {})",
        count(tokens.round() as u64),
        three_digits(effective_clusters),
        three_digits(random_effective_clusters),
    )
}

fn clusters(summary: &Summary, width: u16) -> String {
    let all = || summary.largest.iter().chain(&summary.smallest);
    // Integers that are ranks already would be shown twice.
    let told =
        |cluster: &Cluster| cluster.name.as_ref().is_some_and(|name| *name != cluster.cluster.to_string());
    let named = all().any(told);
    let drawn = all().any(|cluster| cluster.draws.is_some());
    let words = all().any(|cluster| cluster.example.is_some());
    let total = summary.order.as_ref().map(|order| order.documents);
    let total = total.or(summary.clusters.as_ref().map(|clusters| clusters.documents)).unwrap_or(0).max(1);

    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    let mut header = vec!["", "cluster"];
    header.extend(named.then_some("name"));
    header.extend(["documents", "share"]);
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

fn files(summary: &Summary) -> String {
    let file = |file: &File| format!("{} ({})", file.name, human::bytes(file.bytes as f64));
    let names: Vec<String> = summary.files.iter().map(file).collect();
    format!("in {}: {}", summary.out, names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::facts::Random;
    use super::*;
    use clusterclip_engine::store::Exact;

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

    #[test]
    fn the_clip_is_told_as_it_acts() {
        let mut order = Order {
            strategy: "cluster-clip",
            choice: "stratified",
            clip: Some(5),
            seed: Exact(0),
            draws: 100,
            documents: 100,
            clusters: 10,
            positions: 100,
            share: None,
            clip_acts: false,
            clipped_clusters: 0,
            clipped_documents: 0,
            first_clip: None,
            expected: false,
            coverage: 0.5,
            effective_clusters: 9.5,
            random: Random { coverage: 1.0, effective_clusters: 5.0 },
            in_tokens: None,
        };
        assert!(clip(&order).starts_with("never acts at this budget"));
        order = Order {
            clip_acts: true,
            clipped_clusters: 2,
            clipped_documents: 3,
            first_clip: Some(50),
            ..order
        };
        let acts = "acts: 2 of 10 clusters are out once each of their 3 documents has been drawn 5 times, the first \
                    from position 50 on";
        assert_eq!(clip(&order), acts);
        order.clipped_clusters = 1;
        assert!(clip(&order).starts_with("acts: 1 of 10 clusters is out once each of its 3 documents has"));
        let chance = Order { expected: true, ..order };
        assert!(clip(&chance).starts_with("expected to act: about 1 of 10 clusters is out once"));
        assert!(clip(&chance).ends_with("the first from about position 50 on"));
        assert!(
            exposure(&chance)
                .starts_with("50.0 % of the documents expected to be drawn (at random 100.0 %), expected")
        );
        let never = Order { clip_acts: false, ..chance };
        assert!(clip(&never).starts_with("not expected to act at this budget"));
        order = Order { expected: false, ..never };
        assert_eq!(clip(&Order { clip: None, strategy: "uniform", ..order }), "none: uniform has no clip");
    }
}
