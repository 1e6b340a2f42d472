//! Patterns of `data_files`: which files of a listing they name, as the hub's file system and `datasets` see it.
//!
//! `*`, `?` and `[…]` stand within a part of a path, `**` for whole parts. What is hidden, or lies in a folder like
//! `__pycache__`, is named only by a pattern that says so.

use globset::{GlobBuilder, GlobMatcher};

/// Files that are no data unless a pattern names them.
const IGNORED: [&str; 6] = [
    "README.md",
    "config.json",
    "dataset_info.json",
    "dataset_infos.json",
    "dummy_data.zip",
    "dataset_dict.json",
];

/// A pattern, relative to the repository's folder.
#[derive(Debug)]
pub(super) struct Pattern {
    text: String,
    /// `None` where it names one file.
    glob: Option<GlobMatcher>,
}

impl Pattern {
    /// Understands `text`, which stands in `folder` (empty: the repository's own).
    ///
    /// # Errors
    /// Why it is no pattern of files of the repository.
    pub(super) fn new(folder: &str, text: &str) -> Result<Self, String> {
        if text.contains("://") || text.contains("::") {
            return Err(format!("{text} lies elsewhere, and is not read"));
        }
        let text = format!("{folder}/{text}");
        let parts: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        if parts.contains(&"..") {
            return Err(format!("{} leads out of the repository", parts.join("/")));
        }
        if parts.iter().any(|part| part.contains("**") && *part != "**") {
            return Err(format!("{}: ** stands for whole parts of a path alone", parts.join("/")));
        }
        let text = parts.join("/");
        let glob = is_magic(&text).then(|| {
            let glob = GlobBuilder::new(&without_braces(&text))
                .literal_separator(true)
                .backslash_escape(false)
                .build()
                .map_err(|error| error.to_string())?;
            Ok::<_, String>(glob.compile_matcher())
        });
        Ok(Self { text, glob: glob.transpose()? })
    }

    /// Whether it may name several files.
    pub(super) fn is_magic(&self) -> bool {
        self.glob.is_some()
    }

    /// The pattern, relative to the repository's folder.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it names this file.
    pub(super) fn names(&self, path: &str) -> bool {
        let matches = self.glob.as_ref().map_or(path == self.text, |glob| glob.is_match(path));
        matches
            && count(path, is_hidden) == count(&self.text, is_hidden)
            && count(folders(path), is_special) == count(folders(&self.text), is_special)
            && (last(path) == last(&self.text) || !IGNORED.contains(&last(path)))
    }
}

/// Whether a text has anything that stands for other characters.
pub(super) fn is_magic(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Braces are no more than themselves here.
fn without_braces(text: &str) -> String {
    let (mut plain, mut class) = (String::new(), false);
    for c in text.chars() {
        match c {
            '{' | '}' if !class => plain.extend(['[', c, ']']),
            _ => plain.push(c),
        }
        class = (class || c == '[') && c != ']';
    }
    plain
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn folders(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folders, _)| folders)
}

fn is_hidden(part: &str) -> bool {
    part.starts_with('.')
}

fn is_special(part: &str) -> bool {
    part.starts_with("__")
}

fn count(path: &str, is: fn(&str) -> bool) -> usize {
    path.split('/').filter(|part| is(part)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &str, pattern: &str, path: &str) -> bool {
        Pattern::new(folder, pattern).expect(pattern).names(path)
    }

    #[test]
    fn patterns_name_what_the_hub_s_file_system_names() {
        for (pattern, path) in [
            ("a.csv", "a.csv"),
            ("./a.csv", "a.csv"),
            ("*.csv", "a.csv"),
            ("**", "a.csv"),
            ("**", "x/y/a.csv"),
            ("**/*.csv", "a.csv"),
            ("**/*.csv", "x/y/a.csv"),
            ("x/**", "x/y/a.csv"),
            ("x/*/a.csv", "x/y/a.csv"),
            ("x-[0-9]*", "x-1of2"),
            ("x-[!0-9]", "x-a"),
            ("a?.csv", "ab.csv"),
            ("{a,b}.csv", "{a,b}.csv"),
            ("{a}*", "{a}1"),
            ("[{]a*", "{a}1"),
            ("a/.x/*", "a/.x/b.csv"),
            ("__pycache__/*", "__pycache__/b.csv"),
            ("README.md", "README.md"),
            ("x/config.json", "x/config.json"),
            ("lang=*/a.csv", "lang=de/a.csv"),
            ("ü/*", "ü/ö.csv"),
        ] {
            assert!(names("", pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("*.csv", "x/a.csv"),
            ("*", "x/a.csv"),
            ("x/*", "x/y/a.csv"),
            ("x/**", "x"),
            ("x/**", "xy/a.csv"),
            ("{a,b}*", "a.csv"),
            ("**", ".hidden"),
            ("**", ".git/config"),
            ("**", "x/.git/config"),
            ("**", "__pycache__/b.csv"),
            ("*.md", "README.md"),
            ("**", "x/dataset_infos.json"),
            ("a?.csv", "a/.csv"),
        ] {
            assert!(!names("", pattern, path), "{pattern} {path}");
        }
        assert!(names("en", "*.csv", "en/a.csv") && !names("en", "*.csv", "a.csv"));
        assert!(names("./en/", "**", "en/x/a.csv"));
    }

    #[test]
    fn patterns_of_other_places_are_refused() {
        for (pattern, says) in [
            ("../x/*.csv", "leads out"),
            ("x/../../y", "leads out"),
            ("https://example.org/a.csv", "elsewhere"),
            ("hf://datasets/a/b/c.csv", "elsewhere"),
            ("zip://*.csv::a.zip", "elsewhere"),
            ("**.csv", "whole parts"),
        ] {
            let error = Pattern::new("", pattern).expect_err(pattern);
            assert!(error.contains(says), "{pattern}: {error}");
        }
    }
}
