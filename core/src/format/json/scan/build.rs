//! Values that are read.

use std::borrow::Cow;

use super::super::fault::{Fault, Reason};
use super::Scanner;
use crate::format::value::Value;

impl<'a> Scanner<'a> {
    pub(super) fn build(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.left = self.left.checked_sub(1).ok_or_else(|| self.fault(Reason::Many))?;
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.text().map(Value::Text)
            }
            Some(b'{' | b'[') if depth == 0 => Err(self.fault(Reason::Deep)),
            Some(b'[') => self.list(depth - 1),
            Some(b'{') => self.inner(depth - 1),
            _ => self.scalar(),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.at += 1;
        let mut values = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::List(values));
        }
        loop {
            values.push(self.build(depth)?);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::List(values));
                }
                Some(_) => return Err(self.fault(Reason::Wanted("`,` or `]`"))),
                None => return Err(self.fault(Reason::Ends("an array"))),
            }
        }
    }

    fn inner(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.at += 1;
        let mut fields = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(fields));
        }
        loop {
            self.peek();
            self.expect(b'"', "the name of a field, in double quotes,", "an object")?;
            let name = self.text()?;
            self.expect(b':', "`:`", "an object")?;
            fields.push((name, self.build(depth)?));
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(fields));
                }
                Some(_) => return Err(self.fault(Reason::Wanted("`,` or `}`"))),
                None => return Err(self.fault(Reason::Ends("an object"))),
            }
        }
    }

    /// A value without brackets or quotes.
    fn scalar(&mut self) -> Result<Value<'a>, Fault> {
        let start = self.at;
        match self.word()? {
            b"null" => Ok(Value::Null),
            b"true" => Ok(Value::Bool(true)),
            b"false" => Ok(Value::Bool(false)),
            word => match std::str::from_utf8(word) {
                Ok(word) if is_number(word) => Ok(Value::Number(Cow::Borrowed(word))),
                _ => Err(Fault { column: start + 1, reason: Reason::Wanted("a value") }),
            },
        }
    }
}

/// Whether a word is a number: one of JSON, or one of those that Python and JavaScript write besides.
fn is_number(word: &str) -> bool {
    fn digits(text: &str) -> Option<&str> {
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        (length > 0).then(|| &text[length..])
    }
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    if unsigned == "Infinity" || word == "NaN" {
        return true;
    }
    let whole = unsigned.strip_prefix('0').or_else(|| digits(unsigned));
    let fraction = whole.and_then(|rest| rest.strip_prefix('.').map_or(Some(rest), digits));
    let exponent = fraction.and_then(|rest| match rest.strip_prefix(['e', 'E']) {
        None => Some(rest),
        Some(rest) => digits(rest.strip_prefix(['+', '-']).unwrap_or(rest)),
    });
    exponent == Some("")
}
