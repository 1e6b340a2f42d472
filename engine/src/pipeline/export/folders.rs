//! A folder a cluster, with its documents.

use clusterclip_core::sampler::Draw;

use super::Job;
use super::arrange::{Arranged, Found, arrange};
use super::lines::{Form, Records};
use super::parts::Lines;
use super::shards::{Cut, Files, Naming};
use super::wanted::Item;
use crate::error::Result;
use crate::store::{FinishedFile, Packing};

/// Each cluster's documents, once, in ascending rows, or by score where the order takes them so.
pub(super) fn write(job: Job<'_>, done: &mut u64) -> Result<Vec<FinishedFile>> {
    let members = job.order.members;
    let clusters = || members.sizes().iter().enumerate().filter(|(_, size)| **size > 0);
    let mut all = clusters().flat_map(|(cluster, &size)| {
        (0..size).map(move |member| Draw { cluster: Some(cluster as u32), member, repetition: 1 })
    });
    let next = |most: usize, items: &mut Vec<Item>| {
        let draws = all.by_ref().take(most);
        items.extend(draws.map(|draw| Item { document: members.row(&draw), repetition: 1 }));
    };
    let begin = |(cluster, &size): (usize, &u64)| {
        let cut = Cut::new(job.settings.shards, size);
        (size, Files::new(job.out, Naming::Cluster(cluster), Packing::Plain, cut))
    };
    let mut others = clusters().map(begin);
    // Of the cluster that is being written, how many documents are missing.
    let (mut open, mut finished) = (others.next(), Vec::new());
    let put = |lines: Lines| -> Result<()> {
        let mut rest = lines.all();
        while let Some((missing, files)) = &mut open {
            let (those, after) = rest.split(*missing);
            files.put(those)?;
            rest = after;
            *missing -= those.len() as u64;
            if *missing > 0 {
                break;
            }
            if let Some((_, files)) = std::mem::replace(&mut open, others.next()) {
                finished.extend(files.finish()?);
            }
        }
        Ok(())
    };
    let records = Records { order: job.order, kept: job.kept, form: Form::Cluster };
    let arranged = Arranged { positions: members.n_documents(), reads: true, is_packed: false, piece: 1 };
    let make = |found: &Found<'_>, repetition, out: &mut Vec<u8>| records.write(found, repetition, out);
    arrange(job, &arranged, done, next, make, put)?;
    Ok(finished)
}
