//! Blocks: documents in an order, made into pieces of files on all cores, while the pieces before are written.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc;
use std::thread;

use clusterclip_core::monitor::{CancelFlag, Event, Stage};
use clusterclip_core::par;

use crate::error::Result;
use crate::pipeline::Work;

/// Documents of a piece. It is the same on any number of threads: some formats write other bytes for other pieces.
const PIECE: usize = 64;

/// Bytes of a block: enough for all cores, and few enough that three of them may be held.
const BLOCK: u64 = 8 << 20;

/// Bytes of pieces beyond which no more are begun before these are handed on: documents may be longer than those before
/// let expect.
const LIMIT: u64 = 4 * BLOCK;

/// The most pieces of a block.
const MOST: u64 = 256;

/// Blocks that wait to be written.
const WAITING: usize = 2;

/// A document at its place.
#[derive(Debug, Clone, Copy, Default)]
pub struct Item {
    /// Its row.
    pub document: u64,
    /// How often it has been drawn so far, this time included.
    pub repetition: u64,
}

/// A piece, and how many bytes it has.
pub trait Piece: Send {
    /// How many bytes it has, in round numbers.
    fn bytes(&self) -> u64;
}

/// Makes the first of these pieces, at least one: no more are begun once they come to [`LIMIT`].
fn within<P: Piece>(
    parts: &[&[Item]],
    make: &(impl Fn(&[Item], &CancelFlag) -> Result<P> + Sync),
    cancel: &CancelFlag,
) -> Result<Vec<P>> {
    let bytes = AtomicU64::new(0);
    let made = par::map(parts.len(), |part| {
        // The first is always made. Others that are not may lie between such that are: these are made again.
        if part > 0 && bytes.load(Relaxed) > LIMIT {
            return Ok(None);
        }
        let piece = make(parts[part], cancel)?;
        bytes.fetch_add(piece.bytes(), Relaxed);
        Ok(Some(piece))
    });
    made.into_iter().map_while(Result::transpose).collect()
}

/// Makes pieces of the items that `next` gives, at most as many as it is asked for, until there are none; `take` is
/// called with each in their order, on a thread of its own.
///
/// # Errors
/// Those of `next`, `make` and `take`; the work was stopped.
pub fn each<P: Piece>(
    work: Work<'_>,
    done: &mut u64,
    mut next: impl FnMut(usize, &mut Vec<Item>),
    make: impl Fn(&[Item], &CancelFlag) -> Result<P> + Sync,
    mut take: impl FnMut(P) -> Result<()> + Send,
) -> Result<()> {
    let cancel = work.monitor.cancel_flag();
    let (sender, receiver) = mpsc::sync_channel::<Vec<P>>(WAITING);
    thread::scope(|scope| {
        let writer =
            scope.spawn(move || -> Result<()> { receiver.into_iter().flatten().try_for_each(&mut take) });
        let mut items = Vec::new();
        // The first block is small: how long documents are is not known yet.
        let mut pieces = 1;
        let made = loop {
            items.clear();
            next(pieces * PIECE, &mut items);
            if items.is_empty() {
                break Ok(());
            }
            let parts: Vec<&[Item]> = items.chunks(PIECE).collect();
            let (mut rest, mut whole) = (&parts[..], 0);
            let sent = loop {
                let block = match within(rest, &make, cancel) {
                    Ok(block) => block,
                    Err(error) => break Err(error),
                };
                rest = &rest[block.len()..];
                whole += block.iter().map(P::bytes).sum::<u64>();
                // Where nobody takes it, the writer has failed, and says why.
                match sender.send(block) {
                    Ok(()) if rest.is_empty() => break Ok(true),
                    Ok(()) => {}
                    Err(_) => break Ok(false),
                }
            };
            match sent {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(error) => break Err(error),
            }
            pieces = (BLOCK / (whole / parts.len() as u64).max(1)).clamp(1, MOST) as usize;
            *done += items.len() as u64;
            work.monitor.emit(Event::Progress { stage: Stage::Write, done: *done });
            if let Err(cancelled) = work.monitor.check() {
                break Err(cancelled.into());
            }
        };
        drop(sender);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        made.and(written)
    })
}
