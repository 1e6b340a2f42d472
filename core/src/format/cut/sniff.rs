//! Sniffing: JSON lines or JSON, where a name does not tell.

use super::BOM;
use crate::format::json::{Fault, Reason, Scanner};

/// What the first bytes of an input look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// Objects on lines of their own.
    Jsonl,
    /// An array of objects, or an object over several lines.
    Json,
    /// Nothing of the kind.
    Other,
}

/// Tells JSON lines from JSON by the first bytes: objects are lines when the first one, and the second if there is one,
/// stands on a line of its own. One that does not end within these bytes is a line as long as it has no line end.
///
/// ```
/// use clusterclip_core::format::cut::{Sniffed, sniff};
/// assert_eq!(sniff(b"{\"text\": \"a\"}\n{\"text\": \"b\"}\n"), Sniffed::Jsonl);
/// assert_eq!(sniff(b"{\n  \"text\": \"a\"\n}\n"), Sniffed::Json);
/// assert_eq!(sniff(b" [\n{\"text\": \"a\"}]"), Sniffed::Json);
/// assert_eq!(sniff(b"[links](to) text"), Sniffed::Other);
/// ```
pub fn sniff(first: &[u8]) -> Sniffed {
    let mut text = first.strip_prefix(BOM).unwrap_or(first).trim_ascii_start();
    if let Some(inside) = text.strip_prefix(b"[") {
        return match inside.trim_ascii_start() {
            [] | [b'{' | b']', ..] => Sniffed::Json,
            _ => Sniffed::Other,
        };
    }
    for _ in 0..2 {
        match text {
            [] => return Sniffed::Jsonl,
            [b'{', rest @ ..] if matches!(rest.trim_ascii_start(), [] | [b'"' | b'}', ..]) => {}
            _ => return Sniffed::Other,
        }
        let line = &text[..memchr::memchr(b'\n', text).unwrap_or(text.len())];
        let is_cut_off = line.len() == text.len();
        if !is_cut_off && scan(line).is_err() {
            return match scan(text) {
                Err(fault) if !matches!(fault.reason, Reason::Ends(_) | Reason::After) => Sniffed::Jsonl,
                _ => Sniffed::Json,
            };
        }
        text = text[line.len()..].trim_ascii_start();
    }
    Sniffed::Jsonl
}

/// Goes through an object to its end, after which nothing may follow.
fn scan(text: &[u8]) -> Result<(), Fault> {
    let mut scanner = Scanner::new(text);
    while scanner.key()?.is_some() {
        scanner.skip()?;
    }
    Ok(())
}
