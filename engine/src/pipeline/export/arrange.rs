//! Arranging: documents are read in the order in which they lie, and written in the order in which they are drawn.
//!
//! 1. The turns of each document are found: the order, sorted by rows ([`Wanted`]).
//! 2. Documents are read forward ([`blocks`](super::blocks)); on all cores each turn of theirs becomes a record, which is
//!    put into the bucket of its position ([`Parts`]).
//! 3. Bucket by bucket the records are taken in the order of their positions.
//!
//! So sources are read in their own order, once for each form, and memory holds some blocks and one bucket. Columnar
//! sources whose columns are wanted besides the text are mapped, unpacked, and read as the order says.

use std::sync::mpsc;
use std::thread;

use clusterclip_core::error::Kind;
use clusterclip_core::monitor::{CancelFlag, Cancelled, Event, Stage};
use clusterclip_core::par;

use super::blocks::{Block, Reading, Taken};
use super::names::Named;
use super::parts::{Lines, Made, Parts};
use super::wanted::{Item, Wanted};
use super::{Job, room};
use crate::error::Result;
use crate::input::{Corpus, Forward, fetch_later, text_of};

/// Pieces of a block, for all cores.
const PIECES: usize = 32;

/// A document, as it is known and read.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// What is known of it.
    pub named: Named<'a>,
    /// Its text, where texts are read.
    pub text: &'a str,
    /// What its text was taken from.
    pub raw: &'a [u8],
}

/// What is arranged.
pub struct Arranged {
    /// How many positions there are.
    pub positions: u64,
    /// Whether the documents are read, or only what is known of them.
    pub reads: bool,
    /// Whether what is written is packed.
    pub is_packed: bool,
    /// Records are given in multiples of so many: 1 where that is no matter, else [`PIECE`](super::parts::PIECE).
    pub piece: usize,
}

/// Gives `take` records of all positions in their order: `next` gives the items of the order, at most as many as it is
/// asked for, and `make` appends what a document's record says at one of its turns.
///
/// # Errors
/// Those of `make` and `take`; files that cannot be read or changed; no room; the work was stopped.
pub fn arrange(
    job: Job<'_>,
    arranged: &Arranged,
    done: &mut u64,
    next: impl FnMut(usize, &mut Vec<Item>),
    make: impl Fn(&Found<'_>, u64, &mut Vec<u8>) -> Result<()> + Sync,
    take: impl FnMut(Lines) -> Result<()>,
) -> Result<()> {
    let Job { work, out, order, .. } = job;
    let corpus = order.corpus.filter(|_| arranged.reads);
    let n_documents = order.labels.len() as u64;
    let wanted = Wanted::of(out.path(), (n_documents, arranged.positions), next, work.monitor)?;
    let mut parts = Parts::new(out.path(), (arranged.positions, arranged.piece), n_documents, corpus);
    let (blocks, received) = mpsc::sync_channel(1);
    let (made, to_part) = mpsc::sync_channel::<Vec<Made>>(1);
    let cancel = work.monitor.cancel_flag();
    thread::scope(|scope| -> Result<()> {
        let reading =
            Reading { order, corpus, here: out.results(), wanted, sender: blocks, cancel: cancel.clone() };
        let reader = scope.spawn(move || reading.run());
        let parts = &mut parts;
        let parter = scope.spawn(move || to_part.into_iter().flatten().try_for_each(|made| parts.put(&made)));
        let (mut later, mut first) = (corpus.map(Forward::new), true);
        let made_all = received.into_iter().try_for_each(|block: Block| -> Result<()> {
            // Where nobody takes it, writing has failed, and says why.
            let mut send = |all| Ok(made.send(all).map_err(|_| Cancelled)?);
            let bytes = make_all(&block, corpus, later.as_mut(), &make, cancel, &mut send)?;
            if first && let Some(each) = bytes.checked_div(block.turns.len() as u64) {
                room::check_first(out, each.saturating_mul(arranged.positions), arranged.is_packed)?;
            }
            first = false;
            *done += block.turns.len() as u64;
            // Each position counts twice: when it is read and when it is written.
            work.monitor.emit(Event::Progress { stage: Stage::Write, done: *done / 2 });
            Ok(work.monitor.check()?)
        });
        drop(made);
        let joined = [reader, parter]
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        // Who is left by another that failed says that it was stopped; the other says why.
        let errors = joined.into_iter().chain([made_all]).filter_map(Result::err);
        errors.min_by_key(|error| error.kind() == Kind::Cancelled).map_or(Ok(()), Err)
    })?;
    room::check(out, parts.written(), arranged.is_packed)?;
    parts.give(work, done, take)
}

/// Makes the records of a block and hands them on, a few pieces at a time: a record may be far longer than what it is made
/// of. Gives how many bytes they come to.
fn make_all(
    block: &Block,
    corpus: Option<&Corpus>,
    later: Option<&mut Forward<'_>>,
    make: &(impl Fn(&Found<'_>, u64, &mut Vec<u8>) -> Result<()> + Sync),
    cancel: &CancelFlag,
    send: &mut impl FnMut(Vec<Made>) -> Result<()>,
) -> Result<u64> {
    let each = block.documents.len().div_ceil(PIECES).max(1);
    let pieces: Vec<&[Taken]> = block.documents.chunks(each).collect();
    let records = |taken: &Taken, place, text: &str, raw: &[u8], made: &mut Made| -> Result<()> {
        let found = Found { named: block.named(taken, place), text, raw };
        block.turns[taken.turns.clone()]
            .iter()
            .try_for_each(|turn| made.push(turn, |out| make(&found, turn.repetition, out)))
    };
    let one = |piece: &[Taken]| -> Result<(Made, Vec<usize>)> {
        cancel.check()?;
        let (mut made, mut elsewhere) = (Made::default(), Vec::new());
        for (index, taken) in piece.iter().enumerate() {
            let Some(corpus) = corpus else {
                records(taken, taken.place, "", &[], &mut made)?;
                continue;
            };
            let raw = block.raw(taken);
            let text = raw.map(|raw| text_of(corpus, &taken.place, raw)).transpose()?.flatten();
            match text {
                Some(text) => records(taken, taken.place, &text, raw.unwrap_or_default(), &mut made)?,
                None => elsewhere.push(index),
            }
        }
        Ok((made, elsewhere))
    };
    let (mut later, mut raw, mut bytes) = (later, Vec::new(), 0);
    for group in pieces.chunks(par::threads()) {
        let mut all = Vec::with_capacity(group.len());
        for (piece, made) in group.iter().zip(par::map(group.len(), |index| one(group[index]))) {
            let (mut made, elsewhere) = made?;
            for taken in elsewhere.into_iter().map(|index| &piece[index]) {
                if let (Some(corpus), Some(later)) = (corpus, later.as_deref_mut()) {
                    let (place, text) = fetch_later(later, corpus, &taken.place, &mut raw, cancel)?;
                    records(taken, place, &text, &raw, &mut made)?;
                }
            }
            bytes += made.len() as u64;
            all.push(made);
        }
        send(all)?;
    }
    Ok(bytes)
}
