//! Models of the hub, through its ordinary cache.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clusterclip_core::monitor::Monitor;
use hf_hub::api::sync::{ApiBuilder, ApiError};
use hf_hub::{Cache, Repo};

use super::Found;
use crate::progress::Progress;

/// How long the wait for a download lasts before the cancel flag is looked at again.
const PATIENCE: Duration = Duration::from_millis(50);

/// Set by people who want the cache alone, as in the hub's other clients.
const OFFLINE: &str = "HF_HUB_OFFLINE";

/// Brings the files of a model, from the cache where all that is `required` is there, else from the hub, in the order of
/// `wanted`.
///
/// # Errors
/// If a required file cannot be had, naming the id, the cache and the way without it; the work was stopped.
pub fn fetch(
    id: &str,
    wanted: &[&'static str],
    required: &[&'static str],
    monitor: &Monitor<'_>,
    progress: &Progress,
) -> Result<Found> {
    let cache = Cache::from_env();
    let help = format!(
        "the model was looked for in the cache {} too; a folder that holds its files can be given instead of the id",
        cache.path().display()
    );
    let cached = |name: &&'static str| (*name, cache.repo(Repo::model(id.to_owned())).get(name));
    let found: Found = wanted.iter().map(cached).collect();
    if required.iter().all(|name| found.iter().any(|(own, path)| own == name && path.is_some())) {
        return Ok(found);
    }
    if std::env::var(OFFLINE).is_ok_and(|value| !["", "0"].contains(&value.as_str())) {
        bail!("there is no such folder, and {OFFLINE} is set; {help}");
    }
    progress.note(&format!("{:9} fetches {id} from the hub", "model"));
    // A download cannot be stopped from outside: it is left behind.
    let (sender, receiver) = mpsc::channel();
    let (owned, names) = (id.to_owned(), wanted.to_vec());
    thread::spawn(move || {
        // The receiver may have gone: then nobody asks.
        let _ = sender.send(download(&owned, &names));
    });
    let fetched = loop {
        monitor.check()?;
        match receiver.recv_timeout(PATIENCE) {
            Ok(fetched) => break fetched,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => bail!("the download ended without a word; {help}"),
        }
    };
    let found = fetched
        .with_context(|| format!("there is no such folder, and the hub gives no such model; {help}"))?;
    match required.iter().find(|name| found.iter().any(|(own, path)| own == *name && path.is_none())) {
        Some(missing) => bail!("the model has no {missing}; {help}"),
        None => Ok(found),
    }
}

/// Downloads what there is of `names`.
fn download(id: &str, names: &[&'static str]) -> Result<Found> {
    let api = ApiBuilder::from_env().with_progress(false).build()?.model(id.to_owned());
    let mut found = Found::new();
    for &name in names {
        match api.get(name) {
            Ok(path) => found.push((name, Some(path))),
            Err(error) if is_absent(&error) => found.push((name, None)),
            Err(error) => return Err(error).with_context(|| format!("cannot fetch {name}")),
        }
    }
    Ok(found)
}

/// Whether the hub knows the model, but not this file of it.
fn is_absent(error: &ApiError) -> bool {
    matches!(error, ApiError::RequestError(error) if matches!(**error, ureq::Error::StatusCode(404)))
}
