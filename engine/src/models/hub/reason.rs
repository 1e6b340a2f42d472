//! Why the hub gave nothing, and what to do.

use hf_hub::api::sync::ApiError;

use super::held::Held;

/// Whether the hub has no such file.
pub fn is_absent(error: &ApiError) -> bool {
    status(error) == Some(404)
}

/// Says what went wrong and what to do.
pub fn reason(error: ApiError, held: &Held) -> String {
    match (status(&error), error) {
        (Some(status @ (401 | 403)), _) => format!(
            "http status {status}: there is no such model, or it is private or gated; one who may read it (a gated \
             model's terms are accepted on its page) gives a token in HF_TOKEN, or by `hf auth login`, which leaves it \
             in {}",
            held.token_path().display()
        ),
        (Some(416), _) | (_, ApiError::InvalidResume) => format!(
            "what is left of an earlier download does not fit; remove the files *.part in {}",
            held.blobs().display()
        ),
        (Some(429), _) => {
            "http status 429: too many requests; try again later, or with a token in HF_TOKEN".to_owned()
        }
        (Some(status @ 500..), _) => {
            format!("http status {status}: the hub itself has failed; try again later")
        }
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
