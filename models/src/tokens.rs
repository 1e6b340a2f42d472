//! Tokens of texts: those a model sees, and how many a text has.

use std::borrow::Cow;
use std::fmt;

use clusterclip_core::monitor::CancelFlag;
use tokenizers::Tokenizer;

use crate::error::ModelError;
use crate::fence::fenced;

const FILE: &str = "tokenizer.json";

/// Longer texts are cut for the tokenizer, which holds a hundred bytes for each of theirs.
const PIECE: usize = 1 << 18;

/// Around what is cut to see how this tokenizer treats a space.
const PROBE: (&str, &str) = ("Alpha beta", "gamma delta");

/// Counts the tokens of texts with a tokenizer.json.
pub struct TextTokenizer {
    tokenizer: Tokenizer,
    /// Special tokens around a sequence.
    before: Vec<u32>,
    after: Vec<u32>,
    /// Whether a space where a text is cut belongs to the word after it, or to nobody.
    keeps_space: bool,
}

impl fmt::Debug for TextTokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextTokenizer")
            .field("before", &self.before)
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

/// The tokens of a text.
pub(crate) struct Tokens {
    /// The first ones, without special tokens.
    pub ids: Vec<u32>,
    /// How many there are in all.
    pub count: u64,
}

impl TextTokenizer {
    /// Reads a tokenizer.json; its own truncation and padding are ignored.
    ///
    /// # Errors
    /// [`ModelError::File`] when it is damaged or of a kind that is not known.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ModelError> {
        // The library panics on some files that are damaged, and on some that were published.
        fenced(|| Self::read(&with_charsmaps(bytes))).unwrap_or_else(|panic| {
            Err(ModelError::file(FILE, format!("not a tokenizer that this version can read: {panic}")))
        })
    }

    fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let failed = |error: tokenizers::Error| {
            ModelError::file(FILE, format!("not a tokenizer that this version can read: {error}"))
        };
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(failed)?;
        tokenizer.with_truncation(None).map_err(failed)?;
        tokenizer.with_padding(None);
        let ids = |text: &str, special| -> Result<Vec<u32>, ModelError> {
            Ok(tokenizer.encode_fast(text, special).map_err(failed)?.get_ids().to_vec())
        };
        let (left, right) = PROBE;
        let bare = ids(left, false)?;
        let whole = ids(left, true)?;
        let place = whole.windows(bare.len().max(1)).position(|part| part == bare).unwrap_or(whole.len());
        if bare.is_empty() || place == whole.len() {
            let reason = "its special tokens are not around the text, or it finds no tokens in English words";
            return Err(ModelError::file(FILE, reason));
        }
        let (before, after) = (whole[..place].to_vec(), whole[place + bare.len()..].to_vec());
        let both = ids(&format!("{left} {right}"), false)?;
        let keeps_space = both == [bare.clone(), ids(&format!(" {right}"), false)?].concat()
            || both != [bare, ids(right, false)?].concat();
        Ok(Self { tokenizer, before, after, keeps_space })
    }

    /// How many tokens `text` has, without special tokens. Texts over 256 KiB are counted in pieces cut at spaces,
    /// which is exact unless a tokenizer joins across words, and then off by at most a few tokens a piece.
    ///
    /// # Errors
    /// [`ModelError::File`] for a text that the tokenizer cannot take, [`ModelError::Cancelled`].
    pub fn count(&self, text: &str, cancel: &CancelFlag) -> Result<u64, ModelError> {
        Ok(self.tokens(text, 0, cancel)?.count)
    }

    /// The first `limit` tokens of `text`, and how many there are.
    pub(crate) fn tokens(&self, text: &str, limit: usize, cancel: &CancelFlag) -> Result<Tokens, ModelError> {
        let mut tokens = Tokens { ids: Vec::new(), count: 0 };
        let mut rest = text;
        loop {
            cancel.check()?;
            let (piece, next) = self.cut(rest);
            let ids = self.encode(piece)?;
            let wanted = limit.saturating_sub(tokens.ids.len()).min(ids.len());
            tokens.ids.extend_from_slice(&ids[..wanted]);
            tokens.count += ids.len() as u64;
            if next.is_empty() {
                return Ok(tokens);
            }
            rest = next;
        }
    }

    /// The special tokens before and after a sequence.
    pub(crate) fn special(&self) -> (&[u32], &[u32]) {
        (&self.before, &self.after)
    }

    /// The largest id it can give.
    pub(crate) fn largest_id(&self) -> u32 {
        self.tokenizer.get_vocab(true).into_values().max().unwrap_or(0)
    }

    /// The id of unknown words, if it has one.
    pub(crate) fn unknown(&self) -> Option<u32> {
        // As it is written down: the enum of models has no common question for it.
        let model = serde_json::to_value(self.tokenizer.get_model()).ok()?;
        match &model["unk_token"] {
            serde_json::Value::String(token) => self.tokenizer.token_to_id(token),
            _ => model["unk_id"].as_u64().map(|id| id as u32),
        }
    }

    /// The median length of its tokens in characters, the mean of the middle two rounded down.
    pub(crate) fn median_length(&self) -> usize {
        let mut lengths: Vec<usize> =
            self.tokenizer.get_vocab(true).keys().map(|token| token.chars().count()).collect();
        lengths.sort_unstable();
        match lengths.len() {
            0 => 1,
            n if n % 2 == 1 => lengths[n / 2],
            n => (lengths[n / 2 - 1] + lengths[n / 2]) / 2,
        }
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, ModelError> {
        let encoded = fenced(|| self.tokenizer.encode_fast(text, false).map_err(|error| error.to_string()));
        let encoding = encoded.and_then(|encoded| encoded).map_err(|reason| {
            const SHOWN: usize = 40;
            let start: String = text.chars().take(SHOWN).collect();
            ModelError::file(FILE, format!("it cannot take the text that begins {start:?}: {reason}"))
        })?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Cuts a piece off a long text: at a space between two words, else at any blank, else between characters.
    fn cut<'a>(&self, text: &'a str) -> (&'a str, &'a str) {
        if text.len() <= PIECE {
            return (text, "");
        }
        let bytes = text.as_bytes();
        let places = || (PIECE / 2..PIECE).rev();
        let between = |&at: &usize| {
            bytes[at] == b' ' && !bytes[at - 1].is_ascii_whitespace() && !bytes[at + 1].is_ascii_whitespace()
        };
        if let Some(at) = places().find(between) {
            return (&text[..at], &text[at + usize::from(!self.keeps_space)..]);
        }
        let blank = |&at: &usize| bytes[at].is_ascii_whitespace();
        let at = places().find(blank).or_else(|| places().find(|&at| text.is_char_boundary(at)));
        text.split_at(at.unwrap_or(text.len()))
    }
}

/// Gives normalizers without a table of replacements one that replaces nothing. Such are published (`null`), for models
/// whose texts are taken as they are, and the library panics on them.
fn with_charsmaps(json: &[u8]) -> Cow<'_, [u8]> {
    const KEY: &[u8] = b"\"precompiled_charsmap\"";
    let mut changed = Vec::new();
    let mut rest = json;
    while let Some(at) = rest.windows(KEY.len()).position(|part| part == KEY) {
        let (before, after) = rest.split_at(at + KEY.len());
        let value = after.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start);
        let nothing = value.and_then(|value| value.strip_prefix(b"null").or(value.strip_prefix(b"\"\"")));
        changed.extend_from_slice(before);
        if nothing.is_some() {
            changed.extend_from_slice(b":\"");
            changed.extend_from_slice(no_replacements().as_bytes());
            changed.extend_from_slice(b"\"");
        }
        rest = nothing.unwrap_or(after);
    }
    if changed.is_empty() {
        return Cow::Borrowed(json);
    }
    changed.extend_from_slice(rest);
    Cow::Owned(changed)
}

/// A table of replacements in which nothing is found, in base 64: a trie of 256 empty units, 1,024 bytes long.
fn no_replacements() -> String {
    format!("AAQA{}AAA=", "A".repeat(1364))
}

#[cfg(test)]
mod tests {
    use clusterclip_core::monitor::Cancelled;

    use super::*;

    /// A tokenizer of words: each is one token, unknown words are token 0.
    fn words() -> TextTokenizer {
        let json = serde_json::json!({
            "version": "1.0", "truncation": {"max_length": 2, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
            "padding": null, "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
            "post_processor": null, "decoder": null,
            "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "Alpha": 1, "beta": 2, "gamma": 3, "delta": 4}, "unk_token": "[UNK]"},
        });
        TextTokenizer::from_json(json.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn its_own_truncation_is_ignored_and_a_long_text_is_counted_whole() {
        let tokenizer = words();
        let cancel = CancelFlag::default();
        assert_eq!(tokenizer.count("Alpha beta gamma", &cancel), Ok(3));
        let text = "beta gamma ".repeat(200_000);
        let tokens = tokenizer.tokens(&text, 5, &cancel).unwrap();
        assert_eq!((tokens.count, tokens.ids), (400_000, vec![2, 3, 2, 3, 2]));
        assert_eq!(tokenizer.count(&"語".repeat(300_000), &cancel).map(|count| count < 10), Ok(true));
        cancel.cancel();
        assert_eq!(tokenizer.count(&text, &cancel), Err(ModelError::Cancelled(Cancelled)));
    }

    fn normalized(normalizer: &str) -> Result<TextTokenizer, ModelError> {
        let json = format!(
            r#"{{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": {normalizer},
            "pre_tokenizer": {{"type": "Whitespace"}}, "post_processor": null, "decoder": null, "model": {{"type": "WordLevel",
            "vocab": {{"[UNK]": 0, "Alpha": 1, "beta": 2, "gamma": 3, "é": 4}}, "unk_token": "[UNK]"}}}}"#
        );
        TextTokenizer::from_json(json.as_bytes())
    }

    /// As transformers writes the tokenizer of a model whose texts are taken as they are.
    #[test]
    fn a_normalizer_without_a_table_replaces_nothing() {
        let cancel = CancelFlag::default();
        let text = "Alpha é gamma beta \u{0} \u{301}語 ﬁ";
        let ids = |tokenizer: &TextTokenizer| tokenizer.tokens(text, 99, &cancel).unwrap().ids;
        let plain = ids(&normalized("null").unwrap());
        assert_eq!(plain[..4], [1, 4, 3, 2]);
        for map in ["null", "\"\"", " \n null"] {
            let one = format!(r#"{{"type": "Precompiled", "precompiled_charsmap" :{map}}}"#);
            let several = format!(r#"{{"type": "Sequence", "normalizers": [{one}, {one}]}}"#);
            assert_eq!(ids(&normalized(&one).unwrap()), plain, "{map}");
            assert_eq!(ids(&normalized(&several).unwrap()), plain, "{map}");
        }
    }

    #[test]
    fn damage_is_told_with_the_file() {
        let damaged = ["\"####\"", "\"AAAA\"", "\"AAAAAA==\"", "\"/////w==\"", "\"BAAAAA==\"", "7", "[]"];
        for map in damaged {
            let one = format!(r#"{{"type": "Precompiled", "precompiled_charsmap": {map}}}"#);
            let read =
                normalized(&one).map(|tokenizer| tokenizer.count("Alpha \u{ff}", &CancelFlag::default()));
            let error = read.and_then(|count| count).map(drop).unwrap_err().to_string();
            assert!(error.starts_with("tokenizer.json: "), "{map}: {error}");
        }
        for json in ["", "{}", "{\"version\": \"1.0\"}"] {
            let error = TextTokenizer::from_json(json.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("tokenizer.json: not a tokenizer"), "{error}");
        }
        assert_eq!((words().unknown(), words().largest_id(), words().median_length()), (Some(0), 4, 5));
    }
}
