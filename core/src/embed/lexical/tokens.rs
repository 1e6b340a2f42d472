//! Cuts a text into words, word pairs and character n-grams, as 32-bit features.

use std::ops::Range;

use super::chars::{ASCII, CharTable, Class};
use crate::keys::mix;

/// How much of a document counts: features come from the first MiB, so that one document takes bounded time.
pub const MAX_TEXT: usize = 1 << 20;

/// The feature that every document with at least one word character has: no text with words is ever
/// without features, however rare its words are.
pub const ANY_WORD: u32 = 0;

/// The state of a word's hash before its first character.
const START: u64 = 0x243F_6A88_85A3_08D3;
/// Multiplier of the word hash: odd, so that each step is a bijection of the state.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
/// Told apart from words: n-grams of scripts without spaces.
const GRAM: u64 = 0x1319_8A2E_0370_7344;

/// Takes the features of a text.
pub trait Sink {
    /// A word, a symbol or a character n-gram, found at `at` in the text.
    fn word(&mut self, feature: u32, at: Range<usize>);
    /// Two words that follow each other.
    fn pair(&mut self, feature: u32);
}

/// Whether a feature is a pair of words.
#[inline]
pub fn is_pair(feature: u32) -> bool {
    feature & 1 == 1
}

/// The upper 31 bits of a hash and a last bit that tells words (0) from pairs (1); never [`ANY_WORD`].
#[inline]
fn feature(hash: u64, pair: bool) -> u32 {
    let top = (hash >> 32) as u32 & !1;
    if pair { top | 1 } else { top.max(2) }
}

/// The word that is being read.
#[derive(Default)]
struct Word {
    /// Whether there is one.
    open: bool,
    start: usize,
    hash: u64,
    /// Characters so far; one ASCII character is no feature.
    len: u32,
    ascii: bool,
    /// Capitals in a row at its end.
    uppers: u32,
    after_lower: bool,
    /// The last capital: the hash before it, its place and lower case; `HTTPServer` is cut before the S.
    before_upper: u64,
    ascii_before_upper: bool,
    upper_at: usize,
    upper: u32,
}

impl Word {
    #[inline]
    fn push(&mut self, at: usize, lower: u32, ascii: bool) {
        if !self.open {
            *self = Self { open: true, start: at, hash: START, ascii: true, ..Self::default() };
        }
        self.hash = (self.hash ^ u64::from(lower)).wrapping_mul(STEP);
        self.len += 1;
        self.ascii &= ascii;
    }
}

/// The run of characters of a script without spaces that is being read: its last two characters.
#[derive(Default)]
struct Run {
    last: Option<(u32, usize)>,
    before: Option<(u32, usize)>,
}

struct Reader<'a, S> {
    sink: &'a mut S,
    word: Word,
    run: Run,
    /// Hash of the word before, while a pair can be made with it.
    previous: Option<u64>,
    any: bool,
}

impl<S: Sink> Reader<'_, S> {
    /// Ends the open word at `end`.
    #[inline]
    fn end_word(&mut self, end: usize) {
        if self.word.open {
            self.word.open = false;
            self.any = true;
            if self.word.len > 1 || !self.word.ascii {
                self.emit_word(self.word.hash, self.word.start..end);
            }
        }
    }

    #[inline]
    fn emit_word(&mut self, state: u64, at: Range<usize>) {
        let hash = mix(state);
        self.sink.word(feature(hash, false), at);
        if let Some(previous) = self.previous {
            self.sink.pair(feature(mix(previous.wrapping_mul(STEP) ^ hash), true));
        }
        self.previous = Some(hash);
    }

    /// A small letter after two capitals or more: the last capital begins a new word.
    fn split_before_last_upper(&mut self) {
        let Word { before_upper, ascii_before_upper, upper_at, upper, start, len, .. } = self.word;
        if len > 2 || !ascii_before_upper {
            self.emit_word(before_upper, start..upper_at);
        }
        self.word.open = false;
        self.word.push(upper_at, upper, upper < 128);
    }

    fn upper(&mut self, at: usize, lower: u32, ascii: bool) {
        if self.word.open && self.word.after_lower {
            self.end_word(at);
        }
        self.run = Run::default();
        let before = if self.word.open { (self.word.hash, self.word.ascii) } else { (START, true) };
        self.word.push(at, lower, ascii);
        self.word.uppers += 1;
        self.word.after_lower = false;
        (self.word.before_upper, self.word.ascii_before_upper) = before;
        (self.word.upper_at, self.word.upper) = (at, lower);
    }

    #[inline]
    fn lower(&mut self, at: usize, lower: u32, ascii: bool) {
        if self.word.open && self.word.uppers > 1 {
            self.split_before_last_upper();
        }
        self.run = Run::default();
        self.word.push(at, lower, ascii);
        self.word.uppers = 0;
        self.word.after_lower = true;
    }

    fn other(&mut self, at: usize, lower: u32, ascii: bool) {
        self.run = Run::default();
        self.word.push(at, lower, ascii);
        self.word.uppers = 0;
        self.word.after_lower = false;
    }

    /// A combining mark: part of what it stands on.
    fn mark(&mut self, at: usize, end: usize, c: u32) {
        if self.word.open {
            self.word.push(at, c, false);
            self.word.uppers = 0;
        } else if self.run.last.is_some() {
            self.unspaced(at, end, c, false);
        }
    }

    /// A character of a script without spaces, `at..end`: the pair of it and the character before, and Han
    /// characters alone or, of the other scripts, three characters.
    fn unspaced(&mut self, at: usize, end: usize, c: u32, han: bool) {
        self.end_word(at);
        self.previous = None;
        self.any = true;
        let key = |h: u64, c: u32| mix(h ^ u64::from(c));
        if han {
            self.sink.word(feature(key(GRAM, c), false), at..end);
        }
        if let Some((last, last_at)) = self.run.last {
            self.sink.word(feature(key(key(GRAM, last), c), false), last_at..end);
            if let (false, Some((first, first_at))) = (han, self.run.before) {
                self.sink.word(feature(key(key(key(GRAM, first), last), c), false), first_at..end);
            }
        }
        self.run.before = self.run.last.replace((c, at));
    }

    fn separator(&mut self, at: usize) {
        self.end_word(at);
        self.run = Run::default();
    }
}

/// Gives the features of `text` to `sink` and returns whether there was any word character.
pub fn tokenize<S: Sink>(chars: &CharTable, text: &str, sink: &mut S) -> bool {
    let text = cut(text);
    let bytes = text.as_bytes();
    let mut reader = Reader { sink, word: Word::default(), run: Run::default(), previous: None, any: false };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte < 128 {
            let entry = ASCII[usize::from(byte)];
            match entry.class {
                Class::Lower => {
                    reader.lower(at, entry.lower, true);
                    // The rest of a run of small letters, without the checks that cannot succeed there.
                    while let Some(b) = bytes.get(at + 1).filter(|b| b.is_ascii_lowercase()) {
                        reader.word.hash = (reader.word.hash ^ u64::from(*b)).wrapping_mul(STEP);
                        reader.word.len += 1;
                        at += 1;
                    }
                }
                Class::Upper => reader.upper(at, entry.lower, true),
                Class::Other => reader.other(at, entry.lower, true),
                _ => reader.separator(at),
            }
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        let end = at + c.len_utf8();
        let entry = chars.get(c);
        match entry.class {
            Class::Lower => reader.lower(at, entry.lower, false),
            Class::Upper => reader.upper(at, entry.lower, false),
            Class::Other => reader.other(at, entry.lower, false),
            Class::Han => reader.unspaced(at, end, entry.lower, true),
            Class::Unspaced => reader.unspaced(at, end, entry.lower, false),
            Class::Shared if reader.run.last.is_some() => reader.unspaced(at, end, entry.lower, false),
            Class::Shared => reader.other(at, entry.lower, false),
            Class::Mark => reader.mark(at, end, entry.lower),
            Class::Ignored => {}
            Class::Symbol => {
                reader.separator(at);
                reader.word.push(at, entry.lower, false);
                reader.end_word(end);
            }
            Class::Separator => reader.separator(at),
        }
        at = end;
    }
    reader.end_word(at);
    reader.any
}

/// The first [`MAX_TEXT`] bytes, less the character that would be cut in two.
fn cut(text: &str) -> &str {
    if text.len() <= MAX_TEXT {
        return text;
    }
    let end = (0..4).map(|back| MAX_TEXT - back).find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Words<'a> {
        text: &'a str,
        words: Vec<(&'a str, u32)>,
        pairs: Vec<u32>,
    }

    impl Sink for Words<'_> {
        fn word(&mut self, feature: u32, at: Range<usize>) {
            self.words.push((&self.text[at], feature));
        }
        fn pair(&mut self, feature: u32) {
            self.pairs.push(feature);
        }
    }

    fn read(text: &str) -> Words<'_> {
        let mut words = Words { text, ..Words::default() };
        tokenize(&CharTable::new(), text, &mut words);
        words
    }

    fn words(text: &str) -> Vec<&str> {
        read(text).words.into_iter().map(|(word, _)| word).collect()
    }

    #[test]
    fn prose_and_identifiers_are_cut_into_words() {
        assert_eq!(
            words("The quick-brown fox's 42 x tails."),
            ["The", "quick", "brown", "fox", "42", "tails"]
        );
        assert_eq!(
            words("getHTTPResponse snake_case XMLParser MP3 utf8"),
            ["get", "HTTP", "Response", "snake", "case", "XML", "Parser", "MP3", "utf8"]
        );
        assert_eq!(words("ÉcoleNormale élève\u{301}s naïve"), ["École", "Normale", "élève\u{301}s", "naïve"]);
        assert_eq!(words("한국어 문장 и слово"), ["한국어", "문장", "и", "слово"]);
    }

    #[test]
    fn scripts_without_spaces_give_n_grams() {
        assert_eq!(words("漢字"), ["漢", "字", "漢字"]);
        assert_eq!(words("ラーメン"), ["ラー", "ーメ", "ラーメ", "メン", "ーメン"]);
        assert_eq!(words("ไทย a漢b字"), ["ไท", "ทย", "ไทย", "漢", "字"]);
        assert_eq!(words("😀👍🏽 ok"), ["😀", "👍", "🏽", "ok"]);
    }

    /// SPEC.md, 2.9; the numbers are those of a second program, written from the text of 2.1 and 2.2 alone.
    #[test]
    fn the_example_gives_the_features_of_the_specification() {
        let http_server: [(&str, u32); 2] = [("HTTP", 0x0ff8_ade0), ("Server", 0xef1a_0cb2)];
        let katakana = [
            ("ラー", 0x0987_7612),
            ("ーメ", 0xa6ec_56ca),
            ("ラーメ", 0x8d0e_5658),
            ("メン", 0xe7b7_69ba),
            ("ーメン", 0xc8d1_8392),
        ];
        type Example<'a> = (&'a str, &'a [(&'a str, u32)], &'a [u32]);
        let examples: [Example<'_>; 4] = [
            ("HTTPServer", &http_server, &[0x2fa8_679f]),
            ("漢字", &[("漢", 0x30c5_223a), ("字", 0xb464_3638), ("漢字", 0x6a71_5fea)], &[]),
            ("ラーメン", &katakana, &[]),
            ("😀 ok", &[("😀", 0x0fa1_5e70), ("ok", 0xb673_0f10)], &[0x36d6_d12f]),
        ];
        for (text, words, pairs) in examples {
            let found = read(text);
            assert_eq!((&found.words[..], &found.pairs[..]), (words, pairs), "{text}");
        }
    }

    #[test]
    fn case_does_not_matter_and_order_makes_pairs() {
        let features = |text| read(text).words.into_iter().map(|(_, feature)| feature).collect::<Vec<_>>();
        assert_eq!(features("Straßen ÉCOLE http Server"), features("straßen école HTTPServer"));
        assert_ne!(features("ab"), features("ba"));
        let (one, other) = (read("new york"), read("york new"));
        assert_eq!(one.pairs.len(), 1);
        assert_ne!(one.pairs, other.pairs);
        assert!(one.pairs.iter().all(|&p| is_pair(p)) && one.words.iter().all(|&(_, w)| !is_pair(w)));
    }

    #[test]
    fn only_texts_without_word_characters_have_no_features() {
        let any = |text| tokenize(&CharTable::new(), text, &mut Words { text, ..Words::default() });
        for text in ["", " \n\t", "--- {} !!", "。、", "\u{feff}\u{200d}", "\u{fe0f}"] {
            assert!(!any(text), "{text:?}");
        }
        for text in ["a", "7", "漢", "ก", "😀", "é"] {
            assert!(any(text), "{text:?}");
        }
    }

    #[test]
    fn long_texts_end_at_the_limit_on_a_whole_character() {
        let text = format!("{}é after", "x".repeat(MAX_TEXT - 1));
        assert_eq!(words(&text).len(), 1);
        assert_eq!(words(&text)[0].len(), MAX_TEXT - 1);
    }
}
