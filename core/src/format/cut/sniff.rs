//! Sniffing: how records stand in a file whose name does not tell.

use super::BOM;

/// How the records of a file seem to stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// JSON objects, each on a line of its own.
    Lines,
    /// One JSON object, on one line.
    Line,
    /// A JSON array of objects, or an empty one.
    Array,
    /// JSON objects that do not stand on lines of their own: one over several lines, or several on one.
    Object,
    /// None of these.
    No,
}

/// Tells JSON lines from JSON by where the first two records of a file begin and end.
///
/// ```
/// use clusterclip_core::format::cut::{Sniffed, Sniffer};
/// assert_eq!(Sniffer::default().push(b"{\"text\": \"a\"}\n{\"text\": \"b\"}\n"), Some(Sniffed::Lines));
/// assert_eq!(Sniffer::default().push(b"{\n  \"text\": \"a\"\n}\n"), Some(Sniffed::Object));
/// assert_eq!(Sniffer::default().push(b" [\n{\"text\": \"a\"}]"), Some(Sniffed::Array));
/// assert_eq!(Sniffer::default().push(b"[links](to) text"), Some(Sniffed::No));
/// let mut sniffer = Sniffer::default();
/// assert_eq!(sniffer.push(b"{\"text\": \"a\"}\n"), None);
/// assert_eq!(sniffer.end(), Sniffed::Line);
/// ```
#[derive(Debug, Default)]
pub struct Sniffer {
    /// The first byte that is no blank.
    first: Option<u8>,
    /// How many objects and lists are open.
    depth: usize,
    quoted: bool,
    escaped: bool,
    /// Whether a line ended since the last object ended, or since the beginning of the file.
    line_ended: bool,
    /// Objects that ended.
    objects: u8,
}

impl Sniffer {
    /// Takes the next bytes of a file; says how its records stand once that is clear. A byte order mark is whole in the
    /// first bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Option<Sniffed> {
        let bytes = match self.first {
            None => bytes.strip_prefix(BOM).unwrap_or(bytes),
            Some(_) => bytes,
        };
        bytes.iter().find_map(|&byte| self.byte(byte))
    }

    fn byte(&mut self, byte: u8) -> Option<Sniffed> {
        if self.quoted {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.quoted = false,
                b'\n' => return Some(Sniffed::No),
                _ => {}
            }
            return None;
        }
        if self.first == Some(b'[') {
            return match byte {
                b' ' | b'\t' | b'\r' | b'\n' => None,
                b'{' | b']' => Some(Sniffed::Array),
                _ => Some(Sniffed::No),
            };
        }
        match byte {
            b'\n' if self.depth > 0 => return Some(Sniffed::Object),
            b'\n' => self.line_ended = true,
            b' ' | b'\t' | b'\r' => {}
            b'{' if self.depth == 0 => {
                if self.objects > 0 && !self.line_ended {
                    return Some(Sniffed::Object);
                }
                self.first = Some(byte);
                self.depth = 1;
            }
            b'[' if self.first.is_none() => self.first = Some(byte),
            _ if self.depth == 0 => return Some(Sniffed::No),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    self.objects += 1;
                    self.line_ended = false;
                    if self.objects == 2 {
                        return Some(Sniffed::Lines);
                    }
                }
            }
            b'"' => self.quoted = true,
            _ => {}
        }
        None
    }

    /// Says how records stand in a file that ends here.
    pub fn end(&self) -> Sniffed {
        if self.objects == 1 && self.depth == 0 { Sniffed::Line } else { Sniffed::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniffed(text: &str) -> Sniffed {
        let whole = |parts: &[&[u8]]| {
            let mut sniffer = Sniffer::default();
            parts.iter().find_map(|part| sniffer.push(part)).unwrap_or_else(|| sniffer.end())
        };
        let found = whole(&[text.as_bytes()]);
        assert_eq!(whole(&text.as_bytes().chunks(3).collect::<Vec<_>>()), found, "{text}");
        found
    }

    #[test]
    fn json_is_told_by_where_its_first_two_records_end() {
        for lines in ["{}\n{}", "\u{FEFF}{}\n{}", "\n{\"a\": \"}{\\\"\\n\"} \r\n\n {\"b\": [{}, 1]}\nrubbish"]
        {
            assert_eq!(sniffed(lines), Sniffed::Lines, "{lines}");
        }
        for line in ["{}", "{\"a\": {}}\n\n"] {
            assert_eq!(sniffed(line), Sniffed::Line, "{line}");
        }
        for array in ["[{\"a\": 1", " [\n\n {}]", "[]"] {
            assert_eq!(sniffed(array), Sniffed::Array, "{array}");
        }
        for object in ["{\n}", "{\"a\": 1}\n{\n}", "{} {}\n"] {
            assert_eq!(sniffed(object), Sniffed::Object, "{object}");
        }
        for no in ["", "{}\nwords", "{\"a", "{\"a\n\"}\n{}", "[1]", "words", "1\n2", "{}]"] {
            assert_eq!(sniffed(no), Sniffed::No, "{no}");
        }
    }
}
