//! Why the hub gave nothing, and what to do.

use std::path::Path;

use hf_hub::Cache;
use hf_hub::api::sync::ApiError;

/// Whether the hub has no such file.
pub(crate) fn is_absent(error: &ApiError) -> bool {
    status(error) == Some(404)
}

/// What a status means, of a `what` ("model"), and what to do; `None` where it says nothing more.
pub(crate) fn refused(status: u16, what: &str, cache: &Cache) -> Option<String> {
    match status {
        401 | 403 => Some(format!(
            "http status {status}: there is no such {what}, or it is private or gated; one who may read it (a gated \
             {what}'s terms are accepted on its page) gives a token in HF_TOKEN, or by `hf auth login`, which leaves \
             it in {}",
            cache.token_path().display()
        )),
        429 => Some(
            "http status 429: too many requests; try again later, or with a token in HF_TOKEN".to_owned(),
        ),
        500.. => Some(format!("http status {status}: the hub itself has failed; try again later")),
        _ => None,
    }
}

/// Says what went wrong with a `what` ("model"), whose contents lie in `blobs`, and what to do.
pub(crate) fn reason(error: ApiError, what: &str, cache: &Cache, blobs: &Path) -> String {
    let status = status(&error);
    if let Some(reason) = status.and_then(|status| refused(status, what, cache)) {
        return reason;
    }
    match (status, error) {
        (Some(416), _) | (_, ApiError::InvalidResume) => format!(
            "what is left of an earlier download does not fit; remove the files *.part in {}",
            blobs.display()
        ),
        (_, ApiError::LockAcquisition(path)) => format!(
            "another program is fetching it (and holds {}); try again when it is done",
            path.display()
        ),
        (_, error @ ApiError::IoError(_)) => format!("{error}; the same command goes on from what has come"),
        (_, error) => error.to_string(),
    }
}

fn status(error: &ApiError) -> Option<u16> {
    match error {
        ApiError::RequestError(error) => match **error {
            ureq::Error::StatusCode(status) => Some(status),
            _ => None,
        },
        _ => None,
    }
}
