//! The hub itself: commits, lists of files, and their bytes.

use std::fmt::Write as _;
use std::time::Duration;

use hf_hub::Cache;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::config::RedirectAuthHeaders;
use ureq::http::Response;
use ureq::{Agent, Body};

use super::listing::{Entry, checked};
use super::name::is_commit;
use crate::hub::{self, BYTE, HubError};

/// The longest answer that is no file.
const LONGEST: u64 = 512 << 20;
/// More files than any data set has.
const MOST_FILES: usize = 10_000_000;
/// How long a connection may take, and an answer to begin.
const CONNECT: Duration = Duration::from_secs(20);
const BEGIN: Duration = Duration::from_secs(60);

/// Asks the hub, for one data set.
#[derive(Clone)]
pub(super) struct Remote {
    agent: Agent,
    endpoint: String,
    token: Option<String>,
    cache: Cache,
    id: String,
}

/// What a request came to, where it did not come to an answer.
pub(super) struct Failed {
    pub(super) error: HubError,
    /// Whether the same request may do better, and after which time at the least.
    pub(super) again: Option<Duration>,
}

#[derive(Deserialize)]
struct Info {
    sha: String,
}

#[derive(Deserialize)]
struct Node {
    #[serde(rename = "type")]
    kind: String,
    path: String,
    #[serde(default)]
    oid: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    lfs: Option<Large>,
}

/// A file that does not lie in git itself.
#[derive(Deserialize)]
struct Large {
    oid: String,
    size: u64,
}

impl Remote {
    pub(super) fn new(id: &str, cache: &Cache) -> Self {
        let config = Agent::config_builder()
            // The answer says more than its status.
            .http_status_as_error(false)
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .user_agent(concat!("clusterclip/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(BEGIN))
            .timeout_per_read(Some(hub::seconds(BYTE)));
        Self {
            agent: config.build().into(),
            endpoint: hub::endpoint(),
            token: hub::token(cache),
            cache: cache.clone(),
            id: id.to_owned(),
        }
    }

    /// The commit that a revision has now.
    pub(super) fn commit(&self, revision: &str) -> Result<String, HubError> {
        let url = format!("{}/api/datasets/{}/revision/{}", self.endpoint, self.id, escaped(revision, false));
        let Info { sha } = self.json(&url, Some(revision))?.0;
        match is_commit(&sha) {
            true => Ok(sha),
            false => Err(HubError::Ask { url, reason: format!("its commit is {sha:?}, which is none") }),
        }
    }

    /// The files of a commit.
    pub(super) fn tree(&self, commit: &str) -> Result<Vec<Entry>, HubError> {
        let first = format!("{}/api/datasets/{}/tree/{commit}?recursive=true", self.endpoint, self.id);
        let bad = |why: String| HubError::Refused { url: first.clone(), reason: why };
        let mut entries = Vec::new();
        let mut next = Some(first.clone());
        while let Some(url) = next {
            let (nodes, link): (Vec<Node>, _) = self.json(&url, Some(commit))?;
            next = link;
            // A list without end must end.
            if entries.len() > MOST_FILES || (nodes.is_empty() && next.is_some()) {
                return Err(bad(format!("its list of files does not end, after {} of them", entries.len())));
            }
            entries.extend(nodes.into_iter().filter(|node| node.kind == "file").map(|node| match node.lfs {
                Some(Large { oid, size }) => Entry { path: node.path, size, etag: oid },
                None => Entry { path: node.path, size: node.size, etag: node.oid },
            }));
        }
        checked(entries).map_err(bad)
    }

    /// The address of a file.
    pub(super) fn address(&self, commit: &str, path: &str) -> String {
        format!("{}/datasets/{}/resolve/{commit}/{}", self.endpoint, self.id, escaped(path, true))
    }

    /// Asks for the bytes of a file, from one of them on.
    pub(super) fn bytes(&self, url: &str, from: u64) -> Result<Response<Body>, Failed> {
        self.get(url, Some(from), None)
    }

    /// Asks for an answer in JSON; with where the next part of it is.
    fn json<T: DeserializeOwned>(
        &self,
        url: &str,
        revision: Option<&str>,
    ) -> Result<(T, Option<String>), HubError> {
        let mut response = self.get(url, None, revision).map_err(|failed| failed.error)?;
        let next = header(&response, "link").and_then(next_link);
        let ask = |reason: String| HubError::Ask { url: url.to_owned(), reason };
        let bytes = response.body_mut().with_config().limit(LONGEST).read_to_vec();
        let bytes = bytes.map_err(|error| ask(error.to_string()))?;
        let value =
            serde_json::from_slice(&bytes).map_err(|error| ask(format!("no answer of a hub: {error}")))?;
        Ok((value, next))
    }

    fn get(&self, url: &str, from: Option<u64>, revision: Option<&str>) -> Result<Response<Body>, Failed> {
        let mut request = self.agent.get(url);
        // To nobody else, wherever the hub sends us.
        if let Some(token) = self.token.as_ref().filter(|_| self.is_own(url)) {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if let Some(from) = from {
            // As it is, so that its length is what the list says.
            request = request.header("Accept-Encoding", "identity");
            if from > 0 {
                request = request.header("Range", format!("bytes={from}-"));
            }
        }
        let url = url.to_owned();
        let response = match request.call() {
            Ok(response) => response,
            Err(error) => {
                let reason = error.to_string();
                return Err(Failed { error: HubError::Ask { url, reason }, again: Some(Duration::ZERO) });
            }
        };
        let status = response.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(response);
        }
        let wait = header(&response, "retry-after").and_then(|wait| wait.parse().ok());
        Err(Failed {
            error: self.refused(&response, url, revision),
            again: match status {
                429 => wait.map(Duration::from_secs),
                500.. => Some(Duration::ZERO),
                _ => None,
            },
        })
    }

    /// What an answer other than the one wanted means.
    fn refused(&self, response: &Response<Body>, url: String, revision: Option<&str>) -> HubError {
        let status = response.status().as_u16();
        let code = header(response, "x-error-code").unwrap_or_default();
        let reason = match (status, code, revision) {
            (401 | 403, "GatedRepo", _) => format!(
                "http status {status}: it is gated; accept its terms on {}/datasets/{}, and give your token in \
                 HF_TOKEN, or by `hf auth login`, which leaves it in {}",
                self.endpoint,
                self.id,
                self.cache.token_path().display()
            ),
            (404, "RevisionNotFound", Some(revision)) => format!("it has no revision {revision}"),
            (404, _, Some(_)) => "there is no such data set".to_owned(),
            _ => hub::refused(status, "data set", &self.cache)
                .unwrap_or_else(|| format!("http status {status}")),
        };
        match status {
            429 | 500.. => HubError::Ask { url, reason },
            _ => HubError::Refused { url, reason },
        }
    }

    fn is_own(&self, url: &str) -> bool {
        url.strip_prefix(&self.endpoint).is_some_and(|rest| rest.starts_with('/'))
    }
}

pub(super) fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// The address in `<…>; rel="next"`; it may hold commas.
fn next_link(links: &str) -> Option<String> {
    let mut rest = links;
    while let Some((address, after)) = rest.split_once('<').and_then(|(_, after)| after.split_once('>')) {
        let told = after.split_once('<').map_or(after, |(told, _)| told);
        if told.contains("rel=\"next\"") {
            return Some(address.to_owned());
        }
        rest = after;
    }
    None
}

/// A text as a part of an address.
fn escaped(text: &str, slashes: bool) -> String {
    let mut plain = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'/' if slashes => plain.push('/'),
            _ if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => plain.push(char::from(byte)),
            _ => write!(plain, "%{byte:02X}").expect("a text takes all"),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_parts_of_addresses() {
        assert_eq!(escaped("refs/pr/1", false), "refs%2Fpr%2F1");
        assert_eq!(escaped("a b/ü#?%.csv", true), "a%20b/%C3%BC%23%3F%25.csv");
    }

    #[test]
    fn the_next_part_is_found_among_links() {
        let links = "<https://x/a?cursor=1>; rel=\"first\", <https://x/a?cursor=2>; rel=\"next\"";
        assert_eq!(next_link(links).as_deref(), Some("https://x/a?cursor=2"));
        assert_eq!(next_link("<https://x>; rel=\"prev\""), None);
    }
}
