//! The order: what it is made of, how its clip acts, and whom it exposes.

use crate::summary::facts::{InTokens, Order, Share};
use clusterclip_engine::human::{count, counted, percent, three_digits};

pub(super) fn order_of(order: &Order) -> String {
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
    let within = if order.within == "score" { ", within clusters by score" } else { "" };
    let choice = if order.strategy == "random" { String::new() } else { format!(", {}", order.choice) };
    format!(
        "{} ({} epochs of {} in {}), {}{choice}{within}, seed {}{share}",
        counted(order.draws, "position"),
        three_digits(order.draws as f64 / order.documents.max(1) as f64),
        counted(order.documents, "document"),
        counted(order.clusters, "cluster"),
        order.strategy,
        order.seed.0,
    )
}

pub(super) fn clip(order: &Order) -> String {
    let Some(clip) = order.clip else { return format!("none: {} has no clip", order.strategy) };
    let times = if clip == 1 { "once".to_owned() } else { format!("{clip} times") };
    let (times, most) = match order.own_clips {
        true => (
            "as often as its cluster's clip says".to_owned(),
            "more often than its cluster's clip says".to_owned(),
        ),
        false => (times.clone(), format!("more than {times}")),
    };
    if order.strategy == "unimax" && order.clip_acts {
        return format!(
            "acts: {} of {} {} all they may, each of their {} {times}, spread over the whole order",
            count(order.clipped_clusters),
            counted(order.clusters, "cluster"),
            if order.clipped_clusters == 1 { "gives" } else { "give" },
            counted(order.clipped_documents, "document"),
        );
    }
    let Some(first) = order.first_clip.filter(|_| order.clip_acts) else {
        return match order.expected {
            false => format!("never acts at this budget: no document would be drawn {most}"),
            true => format!("not expected to act at this budget: no document is expected to be drawn {most}"),
        };
    };
    let raised = match order.raised_positions {
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

pub(super) fn exposure(order: &Order) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::facts::Random;
    use clusterclip_engine::store::Exact;

    #[test]
    fn the_clip_is_told_as_it_acts() {
        let mut order = Order {
            strategy: "cluster-clip",
            choice: "stratified",
            within: "shuffled",
            clip: Some(5),
            seed: Exact(0),
            draws: 100,
            documents: 100,
            clusters: 10,
            positions: 100,
            share: None,
            weights: None,
            clip_acts: false,
            clipped_clusters: 0,
            clipped_documents: 0,
            first_clip: None,
            raised_positions: 0,
            own_clips: false,
            expected: false,
            coverage: 0.5,
            effective_clusters: 9.5,
            random: Random { coverage: 1.0, effective_clusters: 5.0 },
            topics: None,
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
