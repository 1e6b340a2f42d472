//! Weights: which they are and why, how many topics the order has, and what to do about clusters that are raised.

use std::fmt::Write as _;

use clusterclip_core::weighing::Topics;
use clusterclip_engine::human::{counted, three_digits};

use crate::summary::facts::{Summary, Weights};
use crate::terminal;

pub(super) fn weights(weights: &Weights) -> String {
    let mut text = match &weights.file {
        Some(file) => format!("from {}", terminal::line(file)),
        None => weights.rule.to_owned(),
    };
    if let Some(groups) = weights.groups {
        let _ = write!(text, ", {}", counted(groups, "group"));
    }
    if let Some(temperature) = weights.temperature.filter(|&temperature| temperature != 1.0) {
        let _ = write!(text, ", temperature {temperature}");
    }
    if weights.even_in == "tokens" {
        text.push_str(", even in tokens");
    }
    text.push_str(why(weights.why));
    if weights.left_out_clusters > 0 {
        let _ = write!(
            text,
            "; {} of {} left out by weight 0",
            counted(weights.left_out_clusters, "cluster"),
            counted(weights.left_out_documents, "document")
        );
    }
    text
}

/// Why nobody's weights are these.
fn why(why: &str) -> &'static str {
    match why {
        "strategy" => ": with this strategy others only where --weights asks for them",
        "labels" => {
            ": labels alone do not say which clusters are alike; --weights size or a file gives others"
        }
        "elsewhere" => {
            ": the centroids are in the folder that these documents joined; name that folder too, and it decides"
        }
        "lexical" => ": lexical rows do not tell topics apart, as those of a model do",
        "unknown" => ": the folder does not say what made its rows",
        "many" => ": there are too many clusters to compare",
        "meaning" => {
            ", since the rows carry meaning: clusters that are alike share their draws (--weights equal is the paper's)"
        }
        _ => "",
    }
}

/// One line that a person understands.
pub(super) fn topics(topics: Topics) -> String {
    let Topics { equal, order, random } = topics;
    let equal = equal.map_or(String::new(), |equal| format!("with equal weights {}, ", three_digits(equal)));
    format!(
        "drawn as evenly as {} topics that have nothing in common ({equal}at random {}); it compares orders over these \
         clusters, no others",
        three_digits(order),
        three_digits(random),
    )
}

/// What to do about clusters that are raised and should not be.
pub(super) fn raised(summary: &Summary) -> &'static str {
    match summary.raised.is_empty() {
        true => "",
        false => {
            "the clusters under `raised` are drawn most beyond equal weights, for they are like no others; what is \
             rubbish among them gets weight 0 in a file for --weights"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_told_with_their_reason() {
        let found = Weights {
            rule: "density",
            file: None,
            temperature: Some(1.0),
            groups: None,
            even_in: "documents",
            why: "meaning",
            left_out_clusters: 0,
            left_out_documents: 0,
        };
        assert!(weights(&found).starts_with("density, since the rows carry meaning: "));
        let found =
            Weights { rule: "size", temperature: Some(2.0), why: "asked", even_in: "tokens", ..found };
        assert_eq!(weights(&found), "size, temperature 2, even in tokens");
        let file = Some("w.csv".to_owned());
        let found = Weights { rule: "file", file, temperature: None, even_in: "documents", ..found };
        let found = Weights { left_out_clusters: 1, left_out_documents: 1_200, ..found };
        assert_eq!(weights(&found), "from w.csv; 1 cluster of 1,200 documents left out by weight 0");
    }

    #[test]
    fn topics_stand_beside_those_of_others() {
        let told = topics(Topics { equal: Some(5.9), order: 7.62, random: 5.6 });
        assert!(told.starts_with(
            "drawn as evenly as 7.62 topics that have nothing in common (with equal weights 5.90, at random 5.60)"
        ));
        assert!(topics(Topics { equal: None, order: 5.6, random: 5.6 }).contains("common (at random 5.60)"));
    }
}
