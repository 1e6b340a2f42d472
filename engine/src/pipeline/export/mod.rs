//! The order in the forms that trainers read: texts, records, tables, ids.
//!
//! For each form documents are read in the order in which they lie, and [`arrange`] brings what is made of them into the
//! order in which they are drawn; a file is cut where its bytes or its number say ([`shards`]). So memory holds some blocks
//! of documents, whatever the order.

mod arrange;
mod blocks;
mod buckets;
mod folders;
mod lines;
mod names;
mod parquet;
mod parts;
mod room;
mod rows;
mod shards;
mod wanted;

use std::collections::HashMap;

use clusterclip_core::format::order::VERSION;
use clusterclip_core::monitor::{Event, Stage};
use clusterclip_core::sampler::{Draw, Members, Rank};

use self::arrange::{Arranged, Found, arrange};
use self::lines::{Form, Records};
use self::rows::Row;
use self::shards::{Cut, Files, Naming};
use self::wanted::Item;
use super::Work;
use super::sample::Sampled;
use crate::error::{Result, SettingsError};
use crate::input::{Corpus, InputError, KeptRows};
use crate::settings::{Export, ExportSettings, SampleSettings, Shards};
use crate::store::{
    Decision, Facts, FinishedFile, NpyWriter, OutDir, POSITIONS, Packing, Parameters, Position,
    PositionsWriter, Request, Results, StageName, StageTimer, rank_name,
};

/// Rows of positions that are drawn at a time.
const ROWS: usize = 1 << 18;

/// Where the documents of an order are known.
#[derive(Clone, Copy)]
pub enum Known<'a> {
    /// In the folder that is written.
    Here,
    /// In another folder.
    There(&'a Results),
    /// Nowhere: there are labels alone, of a file that is called so.
    Labels(&'a str),
}

/// An order and its documents.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The documents of each cluster.
    pub members: &'a Members,
    /// The cluster of each document.
    pub labels: &'a [i32],
    /// What was asked for.
    pub settings: &'a SampleSettings,
    /// The order.
    pub sampled: &'a Sampled,
    /// Where its documents are known.
    pub known: Known<'a>,
    /// What they are read from, for forms with texts.
    pub corpus: Option<&'a Corpus>,
}

impl Order<'_> {
    /// The label of a document; one that is drawn has a cluster.
    fn cluster(self, document: u64) -> i32 {
        self.labels[document as usize]
    }
}

impl ExportSettings {
    /// Checks what is asked for together, before anything is read.
    ///
    /// # Errors
    /// Trainers' positions without their number, or of one of them.
    pub fn check(&self, sample: &SampleSettings) -> Result<(), SettingsError> {
        let ranks = self.kinds.contains(&Export::Ranks);
        match (ranks, self.world_size, sample.rank) {
            (true, _, Some(rank)) => Err(SettingsError::RanksOfRank { rank: rank.rank() }),
            (true, None, None) => Err(SettingsError::RanksOfNone),
            _ => Ok(()),
        }
    }

    /// Checks that the input has what is asked for, before anything is computed.
    ///
    /// # Errors
    /// Records of text.
    pub fn check_corpus(&self, corpus: &Corpus) -> Result<()> {
        match corpus.first_text() {
            Some(text) if self.kinds.iter().any(|kind| kind.holds_records()) => {
                Err(InputError::NoRecords { name: text.display() }.into())
            }
            _ => Ok(()),
        }
    }

    /// The first form that needs texts.
    pub fn of_texts(&self) -> Option<Export> {
        self.kinds.iter().copied().find(|kind| kind.holds_texts())
    }

    fn parameters(&self) -> Parameters {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
        let (count, bytes) = match self.shards {
            Shards::One => (None, None),
            Shards::Count(count) => (Some(count), None),
            Shards::Bytes(bytes) => (None, Some(bytes)),
        };
        Parameters::new()
            .with("export", kinds.join(","))
            .with("shards", count)
            .with("shard-size", bytes)
            .with("world-size", self.world_size)
            .with("drop-last", self.drop_last)
    }
}

/// Writes the order in the forms that are asked for, or finds it written.
pub fn export(work: Work<'_>, out: &mut OutDir, order: Order<'_>, settings: &ExportSettings) -> Result<bool> {
    let request = Request::new(StageName::Export, VERSION)
        .parameters(settings.parameters())
        .from(order.sampled.key.clone());
    if out.decide(&request, work.monitor)? == Decision::Reuse {
        work.reused(out, StageName::Export);
        return Ok(true);
    }
    let timer = StageTimer::start();
    let total: u64 = settings.kinds.iter().map(|&kind| documents_of(kind, order)).sum();
    work.monitor.emit(Event::Started { stage: Stage::Write, total: Some(total), unit: "documents" });
    let columns = settings.kinds.iter().any(|&kind| kind == Export::Parquet || kind.holds_records());
    let kept = order.corpus.filter(|_| columns).map(|corpus| corpus.kept_rows(work.monitor.cancel_flag()));
    let kept = kept.transpose()?.unwrap_or_default();
    let (mut files, mut done) = (Vec::new(), 0);
    for &kind in &settings.kinds {
        let job = Job { work, out, order, settings, kept: &kept };
        files.extend(job.write(kind, &mut done)?);
    }
    work.commit(out, &request, files, Facts::Exported, Vec::new(), timer)?;
    work.monitor.emit(Event::Finished { stage: Stage::Write });
    Ok(false)
}

/// How many documents a form writes.
fn documents_of(kind: Export, order: Order<'_>) -> u64 {
    match kind {
        Export::Folders => order.members.n_documents(),
        _ => order.sampled.positions,
    }
}

/// What a form of lines says of a document, and how its files are packed.
fn lines_of(kind: Export) -> Option<(Form, Packing)> {
    Some(match kind {
        Export::Jsonl => (Form::Order, Packing::Plain),
        Export::JsonlGz => (Form::Order, Packing::Gzip),
        Export::JsonlZst => (Form::Order, Packing::Zstd),
        Export::Records => (Form::Record, Packing::Plain),
        Export::RecordsGz => (Form::Record, Packing::Gzip),
        Export::RecordsZst => (Form::Record, Packing::Zstd),
        Export::Ids => (Form::Id, Packing::Plain),
        Export::Folders => (Form::Cluster, Packing::Plain),
        Export::Parquet | Export::Table | Export::Ranks => return None,
    })
}

/// What is written, of what, and where.
#[derive(Clone, Copy)]
struct Job<'a> {
    work: Work<'a>,
    out: &'a OutDir,
    order: Order<'a>,
    settings: &'a ExportSettings,
    /// The rows of columnar sources, by the numbers of these, where a form wants more of them than texts.
    kept: &'a HashMap<u32, KeptRows>,
}

impl Job<'_> {
    fn write(self, kind: Export, done: &mut u64) -> Result<Vec<FinishedFile>> {
        match kind {
            Export::Parquet => parquet::write(self, done),
            Export::Folders => folders::write(self, done),
            Export::Table => self.table(done),
            Export::Ranks => self.ranks(done),
            _ => self.lines(kind, done),
        }
    }

    /// Gives the documents in their order, some at a time.
    fn next(&self) -> impl FnMut(usize, &mut Vec<Item>) {
        let mut draws = self.order.settings.draws(&self.order.sampled.sampler);
        let mut drawn = Vec::new();
        move |most, items| {
            drawn.resize(most, Draw::default());
            let count = draws.fill(&mut drawn);
            items.extend(
                drawn[..count]
                    .iter()
                    .map(|draw| Item { document: self.order.members.row(draw), repetition: draw.repetition }),
            );
        }
    }

    fn lines(self, kind: Export, done: &mut u64) -> Result<Vec<FinishedFile>> {
        let Some((form, packing)) = lines_of(kind) else { return Ok(Vec::new()) };
        let numbered = self.settings.shards != Shards::One;
        let (naming, shards) = match form {
            Form::Id => (Naming::Order { stem: "ids", ending: ".txt", numbered: false }, Shards::One),
            _ => {
                let stem = if form == Form::Record { "records" } else { "order" };
                let ending = match packing {
                    Packing::Plain => ".jsonl",
                    Packing::Gzip => ".jsonl.gz",
                    Packing::Zstd => ".jsonl.zst",
                };
                (Naming::Order { stem, ending, numbered }, self.settings.shards)
            }
        };
        let cut = Cut::new(shards, self.order.sampled.positions);
        let mut files = Files::new(self.out, naming, packing, cut);
        let records = Records { order: self.order, kept: self.kept, form };
        let arranged = Arranged {
            positions: self.order.sampled.positions,
            reads: form != Form::Id,
            is_packed: packing != Packing::Plain,
            piece: 1,
        };
        let make = |found: &Found<'_>, repetition, out: &mut Vec<u8>| records.write(found, repetition, out);
        arrange(self, &arranged, done, self.next(), make, |lines| files.put(lines.all()))?;
        files.finish()
    }

    fn table(self, done: &mut u64) -> Result<Vec<FinishedFile>> {
        let mut table = PositionsWriter::new(self.out.create(POSITIONS)?)?;
        let arranged =
            Arranged { positions: self.order.sampled.positions, reads: false, is_packed: true, piece: 1 };
        let make = |found: &Found<'_>, repetition, out: &mut Vec<u8>| {
            Row::of(found, repetition).put(out);
            Ok(())
        };
        arrange(self, &arranged, done, self.next(), make, |lines| {
            lines.all().iter().map(Row::taken).try_for_each(
                |Row { document, id, source, repetition, .. }| {
                    let cluster = self.order.cluster(document);
                    Ok(table.push(&Position { document, id, source, cluster, repetition })?)
                },
            )
        })?;
        Ok(vec![table.finish()?])
    }

    fn ranks(self, done: &mut u64) -> Result<Vec<FinishedFile>> {
        let world_size = self.settings.world_size.unwrap_or(1);
        room::check(self.out, self.order.sampled.positions.saturating_mul(8), false)?;
        let mut rows = vec![0u64; ROWS];
        let one = |rank| -> Result<FinishedFile> {
            let share = Rank::new(rank, world_size, self.settings.drop_last)?;
            let mut draws = self.order.sampled.sampler.rank(share);
            let file = self.out.create(&rank_name(rank, world_size))?;
            let mut array = NpyWriter::<u64>::new(file, &[draws.remaining()])?;
            loop {
                self.work.monitor.check()?;
                let drawn = draws.fill_rows(self.order.members, &mut rows);
                if drawn == 0 {
                    return Ok(array.finish()?);
                }
                array.write(&rows[..drawn])?;
                // As of other forms, each position counts twice: when it is read and when it is written.
                *done += 2 * drawn as u64;
                self.work.monitor.emit(Event::Progress { stage: Stage::Write, done: *done / 2 });
            }
        };
        (0..world_size).map(one).collect()
    }
}
