//! Going through the fields of one object.

mod build;
mod nested;

use std::borrow::Cow;

use super::fault::{Fault, Reason};
use super::strings::{self, Inside};
use super::{DEPTH, VALUES};
use crate::format::value::Value;

/// Goes through the fields of one object.
///
/// ```
/// use clusterclip_core::format::json::Scanner;
/// use clusterclip_core::format::value::Value;
/// let mut scanner = Scanner::new(br#"{"passed over": [NaN, {"a": 1e999}], "text": "r\u00e9ad"}"#);
/// let mut text = Value::Null;
/// while let Some(key) = scanner.key()? {
///     if key.is("text") { text = scanner.value()? } else { scanner.skip()? }
/// }
/// assert_eq!(text, Value::Text("réad".into()));
/// # Ok::<(), clusterclip_core::format::json::Fault>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether the object was opened.
    begun: bool,
    /// Values that may still be built.
    left: usize,
    replaced: bool,
}

/// The name of a field.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a>(Inside<'a>);

impl<'a> Key<'a> {
    /// Whether it is `name`.
    pub fn is(self, name: &str) -> bool {
        match self.0.escape {
            None => self.0.bytes == name.as_bytes(),
            Some(_) => self.text() == name,
        }
    }

    /// The name; where it cannot be read, as it was written.
    pub fn text(self) -> Cow<'a, str> {
        strings::decode(self.0).map_or_else(|_| String::from_utf8_lossy(self.0.bytes), |(text, _)| text)
    }
}

impl<'a> Scanner<'a> {
    /// Starts before the object.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, begun: false, left: VALUES, replaced: false }
    }

    /// The name of the next field, whose value is to be read or passed over then. At the end of the object `None`, if
    /// nothing follows.
    ///
    /// # Errors
    /// [`Fault`] where the object is broken.
    #[inline]
    pub fn key(&mut self) -> Result<Option<Key<'a>>, Fault> {
        let first = !std::mem::replace(&mut self.begun, true);
        if first {
            self.expect(b'{', "`{`", "blanks")?;
        }
        match (self.peek(), first) {
            (Some(b'}'), _) => {
                self.at += 1;
                return match self.peek() {
                    None => Ok(None),
                    Some(b'{') => Err(self.fault(Reason::Another)),
                    Some(_) => Err(self.fault(Reason::After)),
                };
            }
            (Some(b','), false) => {
                self.at += 1;
                self.peek();
            }
            (Some(_), true) => {}
            (Some(_), false) => return Err(self.fault(Reason::Wanted("`,` or `}`"))),
            (None, _) => return Err(self.fault(Reason::Ends("the object"))),
        }
        self.expect(b'"', "the name of a field, in double quotes,", "the object")?;
        let inside = self.string()?;
        self.expect(b':', "`:`", "the object")?;
        Ok(Some(Key(inside)))
    }

    /// Passes over a value without judging it.
    ///
    /// # Errors
    /// [`Fault`] where it has no end.
    #[inline]
    pub fn skip(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string().map(drop)
            }
            Some(b'{' | b'[') => self.skip_nested(),
            _ => self.word().map(drop),
        }
    }

    /// Reads a value.
    ///
    /// # Errors
    /// [`Fault`] where it is none.
    #[inline]
    pub fn value(&mut self) -> Result<Value<'a>, Fault> {
        // Most values that are read are strings.
        if self.peek() == Some(b'"') && self.left > 0 {
            self.left -= 1;
            self.at += 1;
            return self.text().map(Value::Text);
        }
        self.build(DEPTH)
    }

    /// Reads all fields, from the first on.
    ///
    /// # Errors
    /// [`Fault`] where the object is broken.
    pub fn object(&mut self) -> Result<Vec<(Cow<'a, str>, Value<'a>)>, Fault> {
        let mut fields = Vec::new();
        while let Some(key) = self.key()? {
            fields.push((key.text(), self.value()?));
        }
        Ok(fields)
    }

    /// Whether half a surrogate in a value that was read became U+FFFD.
    pub fn has_replaced(&self) -> bool {
        self.replaced
    }

    /// Passes over letters, digits and signs: a number, a literal, or what stands in the place of one.
    fn word(&mut self) -> Result<&'a [u8], Fault> {
        let rest = &self.bytes[self.at..];
        let is_end =
            |&byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_'));
        let length = rest.iter().position(is_end).unwrap_or(rest.len());
        if length == 0 {
            let reason = if rest.is_empty() { Reason::Ends("the object") } else { Reason::Wanted("a value") };
            return Err(self.fault(reason));
        }
        self.at += length;
        Ok(&rest[..length])
    }

    /// A string whose first quote was passed, decoded.
    #[inline(always)]
    fn text(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at;
        let inside = self.string()?;
        let (text, replaced) =
            strings::decode(inside).map_err(|(at, reason)| Fault { column: start + at + 1, reason })?;
        self.replaced |= replaced;
        Ok(text)
    }

    /// Passes over a string whose first quote was passed; gives what stands between the quotes.
    #[inline(always)]
    fn string(&mut self) -> Result<Inside<'a>, Fault> {
        let (start, mut escape) = (self.at, None);
        while let Some(next) = strings::quote_or_slash(self.bytes.get(self.at..).unwrap_or_default()) {
            let at = self.at + next;
            if self.bytes[at] == b'"' {
                self.at = at + 1;
                return Ok(Inside { bytes: &self.bytes[start..at], escape });
            }
            escape = escape.or(Some(at - start));
            self.at = at + 2;
        }
        self.at = self.bytes.len();
        Err(self.fault(Reason::Ends("a string")))
    }

    /// Passes over blanks; gives the byte after them.
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                byte => return byte.copied(),
            }
        }
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8, wanted: &'static str, within: &'static str) -> Result<(), Fault> {
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.fault(Reason::Wanted(wanted))),
            None => Err(self.fault(Reason::Ends(within))),
        }
    }

    /// What is wrong here; at the end, with the last byte.
    #[cold]
    fn fault(&self, reason: Reason) -> Fault {
        Fault { column: (self.at + 1).min(self.bytes.len()).max(1), reason }
    }
}
