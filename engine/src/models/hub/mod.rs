//! Models of the hub, through its ordinary cache.

mod held;

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use clusterclip_core::monitor::{Event, Monitor};
use hf_hub::api::Progress as Heard;
use hf_hub::api::sync::{Api, ApiBuilder, ApiRepo};
use serde::de::IgnoredAny;

use self::held::Held;
use super::layout::{Layout, is_required};
use super::{FilesError, Found, SHARDS, WEIGHTS};
use crate::error::Result;
use crate::hub::{self, ANSWER, HubError, OFFLINE, apart, is_absent};

/// Brings the files of a model, as `layout` has them: from the cache, and from the hub what the cache neither holds nor
/// notes as absent.
///
/// # Errors
/// If a required file cannot be had, naming the id, the cache and the way without it; the work was stopped.
pub fn fetch(id: &str, layout: Layout, monitor: &Monitor<'_>) -> Result<Found> {
    let held = Held::new(id, layout);
    // Another program may have needed less of the model.
    let enough = held.is_enough();
    let offline = hub::is_offline();
    let names = || held.unknown().iter().map(|(_, path)| *path).collect::<Vec<_>>().join(", ");
    let outcome = if held.unknown().is_empty() || (enough && offline) {
        Ok(())
    } else if offline {
        Err(HubError::Offline { variable: OFFLINE })
    } else {
        let what = match enough {
            true => format!("asks the hub for {} of {id}", names()),
            false => format!("fetches {id} from the hub"),
        };
        monitor.emit(Event::Note { about: "model", text: what });
        let asked = held.clone();
        apart(move || download(&asked), enough.then(|| hub::seconds(ANSWER)), monitor)?
    };
    match outcome {
        Ok(()) => {}
        // What came may have changed what must be there.
        Err(error) if held.is_enough() => monitor.emit(Event::Warning(format!(
            "{id}: the hub cannot be asked for {}, which the cache lacks: taken as absent ({error}); {OFFLINE}=1 \
             keeps to the cache",
            names()
        ))),
        Err(cause) => return Err(FilesError::Hub { cause, cache: held.cache().to_owned() }.into()),
    }
    Ok(held.wanted().iter().map(|(name, path)| (*name, held.file(path))).collect())
}

/// Downloads what there is of what is wanted and not in the cache, all of one commit, and notes what is absent: what a
/// cache with all that is required lacks of its commit, else the newest.
fn download(held: &Held) -> Result<(), HubError> {
    // The client itself knows the file of a login alone.
    let builder = ApiBuilder::from_env().with_progress(false).with_token(held.token());
    let api = builder.build().map_err(|error| HubError::Client(error.to_string()))?;
    let mut newest = !held.is_enough();
    let (mut absent, mut came) = (Vec::new(), Vec::new());
    // Each file that comes may change what is wanted: modules.json says where the others lie, and the first of a newer
    // commit than the cache held makes the others wanted of that one too.
    let outcome = loop {
        let Some(place) = held.unknown().into_iter().find(|(_, path)| !absent.contains(path)) else {
            break Ok(());
        };
        let path = place.1;
        let repo = api.repo(held.repo(newest));
        let size = Size::default();
        let fetched = match repo.download_with_progress(path, size.clone()) {
            // Twice is enough for a newer commit in between; more is a hub that gives other commits than asked for.
            Ok(file) if came.iter().filter(|known| **known == path).count() == 2 => {
                Err(format!("it came as {}, which is not where the cache has this model", file.display()))
            }
            Ok(file) => {
                newest = false;
                came.push(path);
                size.check(path, &file)
            }
            Err(error) if !is_absent(&error) => Err(held.reason(error)),
            Err(_) if is_required(place) => Err(lacks(&api, &repo, path)),
            Err(_) => {
                absent.push(path);
                Ok(())
            }
        };
        if let Err(reason) = fetched {
            break Err(HubError::Fetch { url: repo.url(path), reason });
        }
    };
    // Until a file has come nobody knows of which commit they are absent, or whether the hub has that commit at all.
    let known = held.wanted().iter().find(|place| is_required(place)).map(|(_, path)| path);
    if came.is_empty()
        && !newest
        && !absent.is_empty()
        && let Some(path) = known
    {
        let url = api.repo(held.repo(newest)).url(path);
        if let Err(error) = api.metadata(&url) {
            return Err(HubError::Ask { url, reason: held.reason(error) });
        }
    }
    if !newest {
        held.note_absent(&absent);
    }
    outcome
}

/// Says that a file is absent, and what stands for it.
fn lacks(api: &Api, repo: &ApiRepo, name: &str) -> String {
    let instead = match name {
        WEIGHTS if api.metadata(&repo.url(SHARDS)).is_ok() => super::IN_PIECES,
        _ if name.ends_with(WEIGHTS) => "weights in other formats are not read",
        _ => "the model's name may be wrong",
    };
    format!("the model has no {name} ({} is not there; {instead})", repo.url(name))
}

/// How long a file should be, by what the hub says.
#[derive(Clone, Default)]
struct Size(Rc<Cell<u64>>);

impl Heard for Size {
    fn init(&mut self, size: usize, _: &str) {
        self.0.set(size as u64);
    }

    fn update(&mut self, _: usize) {}

    fn finish(&mut self) {}
}

impl Size {
    /// Removes a file that did not come whole: an answer need not say how long it is. What is text may come packed, of
    /// another length: it is whole where it can be parsed.
    fn check(&self, name: &str, path: &Path) -> Result<(), String> {
        let cannot = |error| format!("cannot look at {}: {error}", path.display());
        let (wanted, blob) = (self.0.get(), path.canonicalize().map_err(cannot)?);
        let length = blob.metadata().map_err(cannot)?.len();
        let parses = || {
            let bytes = fs::read(&blob).unwrap_or_default();
            serde_json::from_slice::<IgnoredAny>(&bytes).is_ok()
        };
        if length == wanted || (!name.ends_with(WEIGHTS) && parses()) {
            return Ok(());
        }
        // The name in the cache, and what it leads to where that is another file.
        for path in [path, &blob] {
            if path.symlink_metadata().is_ok() {
                fs::remove_file(path)
                    .map_err(|error| format!("cannot remove {}: {error}", path.display()))?;
            }
        }
        Err(format!("{length} of {wanted} bytes came; the same command fetches it again"))
    }
}
