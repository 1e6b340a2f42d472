//! Names: `hf://datasets/[OWNER/]NAME[@REVISION][/PATH]`, and what may stand in one.

use std::fmt;

use super::DatasetError;

const SCHEME: &str = "hf://";
const DATASETS: &str = "datasets/";
/// The hub's pages, whose addresses people copy.
const PAGES: [&str; 2] = ["https://huggingface.co/", "https://hf.co/"];
/// The branch that is meant where none is named.
pub(super) const MAIN: &str = "main";
/// The longest part of an id.
const LONGEST: usize = 96;

/// A data set of the hub, as an INPUT names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// `OWNER/NAME`, or `NAME` alone.
    pub(super) id: String,
    /// The revision that is named.
    pub(super) revision: Option<String>,
    /// A folder, a file or a pattern within it, without slashes at its ends.
    pub(super) path: Option<String>,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{DATASETS}{}", self.id)
    }
}

/// Whether an INPUT is meant for the hub.
pub(super) fn is_of_hub(input: &str) -> bool {
    input.starts_with("hf:") || PAGES.iter().any(|page| input.starts_with(page))
}

impl Name {
    /// Takes an INPUT that [`is_of_hub`] apart.
    ///
    /// # Errors
    /// [`DatasetError::Form`] with the form that is right.
    pub(super) fn parse(input: &str) -> Result<Self, DatasetError> {
        let wrong = |why: String| DatasetError::Form { input: input.to_owned(), why };
        let Some(rest) = input.strip_prefix(SCHEME) else {
            return Err(wrong(format!("it does not begin with {SCHEME}{DATASETS}; {}", likely(input))));
        };
        let Some(rest) = rest.strip_prefix(DATASETS) else {
            return Err(wrong(match rest.split_once('/') {
                Some(("models" | "spaces" | "buckets", _)) => "only data sets are read".to_owned(),
                _ => likely(input),
            }));
        };
        let (id, revision, path) = cut(rest);
        let parts: Vec<&str> = id.split('/').collect();
        if let Some(part) = parts.iter().find(|part| !is_part(part)) {
            return Err(wrong(match part.is_empty() {
                true => "a name is missing".to_owned(),
                false => format!(
                    "{part:?} is no name: letters, digits, -, _ and . make one, of at most {LONGEST}, which does \
                     not begin or end with - or ."
                ),
            }));
        }
        let revision = revision.map(unescaped);
        if let Some(why) = revision.as_deref().and_then(no_revision) {
            return Err(wrong(why));
        }
        let path = path.trim_end_matches('/');
        if !path.is_empty()
            && let Some(why) = leads_out(path)
        {
            return Err(wrong(format!("{path:?} {why}")));
        }
        let path = (!path.is_empty()).then(|| path.to_owned());
        Ok(Self { id: id.to_owned(), revision, path })
    }

    /// The same name where a part of its path was taken for its own.
    pub(super) fn without_owner(&self) -> Option<String> {
        let (first, second) = self.id.split_once('/')?;
        let path = self.path.iter().map(|path| format!("/{path}")).collect::<String>();
        self.revision.is_none().then(|| format!("{SCHEME}{DATASETS}{first}@{MAIN}/{second}{path}"))
    }
}

/// Cuts `[OWNER/]NAME[@REVISION][/PATH]` into id, revision and path.
fn cut(text: &str) -> (&str, Option<&str>, &str) {
    // The id ends at an @ in its first two parts, else with its second part.
    let second = text.find('/').map_or(text.len(), |slash| slash + 1);
    let end = text[second..].find('/').map_or(text.len(), |slash| second + slash);
    match text[..end].find('@') {
        Some(at) => {
            let after = &text[at + 1..];
            let revision = revision_length(after);
            (&text[..at], Some(&after[..revision]), after[revision..].trim_start_matches('/'))
        }
        None => (text[..end].trim_end_matches('/'), None, text[end..].trim_start_matches('/')),
    }
}

/// How much of `text` is a revision: up to the next slash, but for references that are known to have some.
fn revision_length(text: &str) -> usize {
    let part = |from: usize| text[from..].find('/').map_or(text.len(), |slash| from + slash);
    for reference in ["refs/convert/", "refs/pr/", "refs/heads/", "refs/tags/"] {
        if text.starts_with(reference) {
            return part(reference.len());
        }
    }
    part(0)
}

/// A revision whose slashes were escaped.
fn unescaped(text: &str) -> String {
    text.replace("%2F", "/").replace("%2f", "/")
}

/// The form that was likely meant.
fn likely(input: &str) -> String {
    let mut rest = input;
    for start in PAGES.iter().chain(&[SCHEME, "hf:"]) {
        rest = rest.strip_prefix(start).unwrap_or(rest);
    }
    let rest = rest.trim_matches('/').trim_start_matches(DATASETS);
    // Pages of files and branches: OWNER/NAME/tree/REVISION/PATH.
    let parts: Vec<&str> = rest.split('/').collect();
    let meant = match parts[..] {
        [owner, name, "tree" | "blob" | "resolve", revision, ref path @ ..] => {
            let path = path.iter().map(|part| format!("/{part}")).collect::<String>();
            format!("{owner}/{name}@{revision}{path}")
        }
        _ => rest.to_owned(),
    };
    format!("is {SCHEME}{DATASETS}{meant} meant?")
}

fn is_part(part: &str) -> bool {
    !part.is_empty()
        && part.len() <= LONGEST
        && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && !part.starts_with(['-', '.'])
        && !part.ends_with(['-', '.'])
        // The cache writes -- for a slash.
        && !part.contains("--")
        && !part.contains("..")
}

/// Why a text is no revision: it becomes the name of a file, and a part of an address.
pub(super) fn no_revision(text: &str) -> Option<String> {
    let bad = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\\"<>|".contains(c);
    let why = match text {
        "" => "it is empty",
        _ if text.contains(bad) => "it has a character that none has",
        _ if text.split('/').any(|part| part.is_empty() || part.starts_with('.')) || text.contains("..") => {
            "a part of it is empty or begins with a dot"
        }
        _ => return None,
    };
    Some(format!("{text:?} is no revision (a branch, a tag or a commit): {why}"))
}

/// Whether a revision is a commit.
pub(super) fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && is_hash(revision)
}

/// Whether a text is a hash, and so a harmless name of a file.
pub(super) fn is_hash(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (32..=128).contains(&text.len()) && text.bytes().all(digit)
}

/// Why a name of a file could lie outside of its folder, on any system.
pub(super) fn leads_out(path: &str) -> Option<&'static str> {
    if path.starts_with('/') {
        return Some("begins at the root");
    }
    if path.contains('\\') {
        return Some("has a backslash");
    }
    if path.chars().any(char::is_control) {
        return Some("has a control character");
    }
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if drive {
        return Some("begins with a drive");
    }
    match path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        true => Some("has a part that is empty, . or .."),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(input: &str) -> (String, Option<String>, Option<String>) {
        let Name { id, revision, path } = Name::parse(input).expect(input);
        (id, revision, path)
    }

    #[test]
    fn names_are_taken_apart() {
        let of = |id: &str, revision: Option<&str>, path: Option<&str>| {
            (id.to_owned(), revision.map(str::to_owned), path.map(str::to_owned))
        };
        for (input, wanted) in [
            ("hf://datasets/a/b", of("a/b", None, None)),
            ("hf://datasets/a/b/", of("a/b", None, None)),
            ("hf://datasets/squad", of("squad", None, None)),
            ("hf://datasets/squad@main/x/y.csv", of("squad", Some("main"), Some("x/y.csv"))),
            ("hf://datasets/a/b@v1.0", of("a/b", Some("v1.0"), None)),
            ("hf://datasets/a/b@x%2Fy/data/", of("a/b", Some("x/y"), Some("data"))),
            (
                "hf://datasets/a/b@refs/convert/parquet/default/train",
                of("a/b", Some("refs/convert/parquet"), Some("default/train")),
            ),
            ("hf://datasets/a/b@refs/pr/7/c", of("a/b", Some("refs/pr/7"), Some("c"))),
            ("hf://datasets/a/b/da@ta/lang=de", of("a/b", None, Some("da@ta/lang=de"))),
            ("hf://datasets/a/b/x y/ü#?.csv", of("a/b", None, Some("x y/ü#?.csv"))),
        ] {
            assert_eq!(parsed(input), wanted, "{input}");
        }
    }

    #[test]
    fn what_is_no_name_is_told_the_right_form() {
        for (input, says) in [
            ("hf://a/b", "is hf://datasets/a/b meant?"),
            ("hf:a/b", "is hf://datasets/a/b meant?"),
            ("hf:/datasets/a/b", "is hf://datasets/a/b meant?"),
            ("https://huggingface.co/datasets/a/b", "is hf://datasets/a/b meant?"),
            ("https://huggingface.co/datasets/a/b/tree/main/x", "is hf://datasets/a/b@main/x meant?"),
            ("hf://models/a/b", "only data sets"),
            ("hf://spaces/a/b", "only data sets"),
            ("hf://datasets/", "a name is missing"),
            ("hf://datasets//b", "a name is missing"),
            ("hf://datasets/a/b@", "it is empty"),
            ("hf://datasets/a/b@../../x", "no revision"),
            ("hf://datasets/a/b@v 1", "no revision"),
            ("hf://datasets/../b", "\"..\" is no name"),
            ("hf://datasets/a--b/c", "no name"),
            ("hf://datasets/a/b?x=1", "no name"),
            ("hf://datasets/a/b/../../c", ".."),
            ("hf://datasets/a/b/c\\d", "backslash"),
            ("hf://datasets/a/b/c//d", "empty"),
        ] {
            assert!(is_of_hub(input), "{input}");
            let error = Name::parse(input).expect_err(input).to_string();
            assert!(error.contains(says) && error.contains("hf://datasets/"), "{input}: {error}");
        }
        for path in ["hf", "hfx://a", "./hf:x", "a/b", "-"] {
            assert!(!is_of_hub(path), "{path}");
        }
    }

    #[test]
    fn names_of_files_that_lead_out_are_known() {
        for path in [
            "/etc/passwd",
            "../x",
            "a/../b",
            "a/./b",
            "a//b",
            "a\\b",
            "C:/x",
            "c:x",
            "a\nb",
            "a\0b",
            "",
            "a/",
        ] {
            assert!(leads_out(path).is_some(), "{path:?}");
        }
        for path in ["a", "a/b.csv", "..a/b", "a b/ü.csv", "x/12:30.csv", ".hidden"] {
            assert!(leads_out(path).is_none(), "{path:?}");
        }
    }
}
