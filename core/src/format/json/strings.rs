//! Strings: escapes decoded, half surrogates replaced.

use std::borrow::Cow;

use memchr::memchr;

use super::fault::Reason;

/// Decodes what stands between the quotes of a string. Gives whether half a surrogate was replaced; else the place that
/// is wrong, from 0, and how.
pub(super) fn decode(inside: &[u8]) -> Result<(Cow<'_, str>, bool), (usize, Reason)> {
    // Looking at all bytes without leaving early is done many at a time.
    if inside.iter().fold(false, |found, &byte| found | (byte < 0x20)) {
        let at = inside.iter().position(|&byte| byte < 0x20).unwrap_or_default();
        return Err((at, Reason::Control(inside[at])));
    }
    let text = std::str::from_utf8(inside).map_err(|error| (error.valid_up_to(), Reason::Utf8))?;
    match memchr(b'\\', inside) {
        None => Ok((Cow::Borrowed(text), false)),
        Some(first) => unescape(text, first).map(|(text, replaced)| (Cow::Owned(text), replaced)),
    }
}

/// Decodes a string whose first escape is at byte `first`.
fn unescape(text: &str, first: usize) -> Result<(String, bool), (usize, Reason)> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut from, mut slash, mut replaced) = (0, first, false);
    loop {
        out.push_str(&text[from..slash]);
        from = slash + 2;
        let plain = match bytes.get(slash + 1) {
            Some(b'n') => '\n',
            Some(&byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\x08',
            Some(b'f') => '\x0C',
            Some(b'u') => {
                let unit = hex(bytes, slash + 2).ok_or((slash, Reason::Escape))?;
                from = slash + 6;
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
            _ => return Err((slash, Reason::Escape)),
        };
        out.push(plain);
        // Text that is written as ASCII has one escape after another.
        if bytes.get(from) == Some(&b'\\') {
            slash = from;
            continue;
        }
        match memchr(b'\\', &bytes[from..]) {
            Some(next) => slash = from + next,
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
