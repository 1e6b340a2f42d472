//! What was read, and what was left out.

use std::fmt::Write as _;

use crate::summary::facts::{Documents, Files};
use clusterclip_engine::human::{self, count, counted, percent};
use clusterclip_engine::store::{BAD_RECORDS, REPEATED_HEADERS, Splits};

/// The files that were read, by format, and of several splits which.
pub(super) fn from(documents: &Documents) -> String {
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

pub(super) fn read(documents: &Documents) -> String {
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
pub(super) fn taken(documents: &Documents) -> String {
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

pub(super) fn left_out(documents: &Documents) -> String {
    let kept = |kind: &str| SKIPPED.iter().any(|&(skipped, _)| skipped == kind);
    let lines =
        documents.skipped.iter().filter(|&(kind, _)| !kept(kind)).map(|(kind, &number)| (kind, number));
    let files = documents.left_out.iter().map(|(kind, files)| (kind, files.count));
    let some = lines.chain(files).filter(|&(_, number)| number > 0);
    some.map(|(kind, number)| {
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
