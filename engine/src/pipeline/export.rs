//! The order with its texts: `order.jsonl`, one document a line.
//!
//! What is held is a place and an id for each document; texts are read when their turn comes.

use clusterclip_core::format::order::{OrderLine, VERSION};
use clusterclip_core::monitor::{Event, Stage};
use clusterclip_core::sampler::{Draw, Members};

use super::sample::Sampled;
use super::{Work, texts};
use crate::error::Result;
use crate::input::{Corpus, Place};
use crate::settings::SampleSettings;
use crate::store::{Decision, EXPORT, Facts, OutDir, Parameters, Request, StageName, StageTimer};

/// Draws between two reports of progress and two looks at the cancel flag.
const BLOCK: usize = 64;

/// Ids or sources of all documents, one after the other.
#[derive(Default)]
struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }
}

/// Writes the documents in training order, or finds them written.
pub fn export(
    work: Work<'_>,
    out: &mut OutDir,
    corpus: &Corpus,
    members: &Members,
    labels: &[i32],
    settings: &SampleSettings,
    sampled: &Sampled,
) -> Result<bool> {
    let request = Request::new(StageName::Export, VERSION)
        .parameters(Parameters::new().with("export", "jsonl"))
        .from(sampled.key.clone());
    if out.decide(&request, work.monitor)? == Decision::Reuse {
        work.reused(out, StageName::Export);
        return Ok(true);
    }
    let timer = StageTimer::start();
    let total = Some(sampled.positions);
    work.monitor.emit(Event::Started { stage: Stage::Write, total, unit: "documents" });
    let (mut ids, mut sources) = (Strings::default(), Strings::default());
    let mut places: Vec<Place> = Vec::new();
    texts::walk(out.results(), corpus, work.monitor, |document, place| {
        ids.push(&document.id);
        // Rows of one source follow each other; a source without documents has no row at all.
        let source = place.source as usize;
        if source >= sources.ends.len() {
            sources.ends.resize(source, sources.text.len());
            sources.push(&document.source);
        }
        places.push(place);
    })?;

    let mut access = corpus.random_access();
    let mut file = out.create(EXPORT)?;
    let mut draws = settings.draws(&sampled.sampler);
    let mut block = [Draw::default(); BLOCK];
    let mut bytes = Vec::new();
    let mut done = 0;
    loop {
        let drawn = draws.fill(&mut block);
        if drawn == 0 {
            break;
        }
        for draw in &block[..drawn] {
            work.monitor.check()?;
            let document = members.row(draw);
            let row = document as usize;
            let text = access.get(&places[row], work.monitor)?;
            let line = OrderLine {
                document,
                id: ids.get(row),
                source: sources.get(places[row].source as usize),
                cluster: labels[row],
                repetition: draw.repetition,
                text: &text,
            };
            bytes.clear();
            line.write(&mut bytes);
            file.put(&bytes)?;
        }
        done += drawn as u64;
        work.monitor.emit(Event::Progress { stage: Stage::Write, done });
    }
    drop(draws);
    work.commit(out, &request, vec![file.finish()?], Facts::Exported, Vec::new(), timer)?;
    work.monitor.emit(Event::Finished { stage: Stage::Write });
    Ok(false)
}
