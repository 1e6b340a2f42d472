//! Strings: escapes decoded, half surrogates replaced.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use super::fault::Reason;

/// What stands between the quotes of a string.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside<'a> {
    pub bytes: &'a [u8],
    /// Where the first backslash is.
    pub escape: Option<usize>,
}

/// Finds the first quote or backslash.
#[inline]
pub(super) fn quote_or_slash(bytes: &[u8]) -> Option<usize> {
    near(bytes, |word| marked(word, b'"') | marked(word, b'\\'))
        .or_else(|far| memchr2(b'"', b'\\', &bytes[far..]).map(|next| far + next).ok_or(()))
        .ok()
}

/// Finds the first backslash.
#[inline]
fn slash(bytes: &[u8]) -> Option<usize> {
    near(bytes, |word| marked(word, b'\\'))
        .or_else(|far| memchr(b'\\', &bytes[far..]).map(|next| far + next).ok_or(()))
        .ok()
}

/// How far is looked eight bytes at a time: strings are short, and what is fast for long ones is slow to begin.
const NEAR: usize = 32;

/// Finds the first marked byte among the first [`NEAR`]; else how many have none.
#[inline]
fn near(bytes: &[u8], mark: impl Fn(u64) -> u64) -> Result<usize, usize> {
    let (words, _) = bytes[..bytes.len().min(NEAR)].as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        let marks = mark(u64::from_le_bytes(*word));
        if marks != 0 {
            return Ok(8 * place + marks.trailing_zeros() as usize / 8);
        }
    }
    Err(8 * words.len())
}

/// Sets the high bit of the bytes that are `byte`; the lowest one that is set is right, others may be too many.
#[inline]
fn marked(word: u64, byte: u8) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let difference = word ^ (ONES * u64::from(byte));
    difference.wrapping_sub(ONES) & !difference & (ONES << 7)
}

/// Decodes a string. Gives whether half a surrogate was replaced; else the place that is wrong, from 0, and how.
#[inline]
pub(super) fn decode(inside: Inside<'_>) -> Result<(Cow<'_, str>, bool), (usize, Reason)> {
    let Inside { bytes, escape } = inside;
    // Looking at all bytes without leaving early is done many at a time.
    if bytes.iter().fold(false, |found, &byte| found | (byte < 0x20)) {
        let at = bytes.iter().position(|&byte| byte < 0x20).unwrap_or_default();
        return Err((at, Reason::Control(bytes[at])));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| (error.valid_up_to(), Reason::Utf8))?;
    match escape {
        None => Ok((Cow::Borrowed(text), false)),
        Some(first) => unescape(text, first).map(|(text, replaced)| (Cow::Owned(text), replaced)),
    }
}

/// Decodes a string whose first escape is at byte `first`.
fn unescape(text: &str, first: usize) -> Result<(String, bool), (usize, Reason)> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut from, mut at, mut replaced) = (0, first, false);
    loop {
        out.push_str(&text[from..at]);
        from = at + 2;
        let plain = match bytes.get(at + 1) {
            Some(b'n') => '\n',
            Some(&byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\x08',
            Some(b'f') => '\x0C',
            Some(b'u') => {
                let unit = hex(bytes, at + 2).ok_or((at, Reason::Escape))?;
                from = at + 6;
                match unit {
                    0xD800..0xDC00 => match low_half(bytes, from) {
                        Some(low) => {
                            from += 6;
                            let code =
                                0x10000 + ((u32::from(unit) - 0xD800) << 10) + (u32::from(low) - 0xDC00);
                            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                        }
                        None => {
                            replaced = true;
                            char::REPLACEMENT_CHARACTER
                        }
                    },
                    _ => char::from_u32(u32::from(unit)).unwrap_or_else(|| {
                        replaced = true;
                        char::REPLACEMENT_CHARACTER
                    }),
                }
            }
            _ => return Err((at, Reason::Escape)),
        };
        out.push(plain);
        // Text that is written as ASCII has one escape after another.
        if bytes.get(from) == Some(&b'\\') {
            at = from;
            continue;
        }
        match slash(&bytes[from..]) {
            Some(next) => at = from + next,
            None => {
                out.push_str(&text[from..]);
                return Ok((out, replaced));
            }
        }
    }
}

/// The second half of a pair of surrogates, if its escape begins at `at`.
fn low_half(bytes: &[u8], at: usize) -> Option<u16> {
    if bytes.get(at..at + 2)? != b"\\u" {
        return None;
    }
    hex(bytes, at + 2).filter(|unit| (0xDC00..0xE000).contains(unit))
}

/// Four hexadecimal digits.
fn hex(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |unit, &byte| {
        let digit = char::from(byte).to_digit(16)?;
        Some(unit << 4 | digit as u16)
    })
}
