//! NumPy's .npy header, read and written.
//!
//! Written here and not taken from a library because three things must be in our hands: the bytes of a header
//! (they are part of the promise of equal files), the place where the data begin (rows are read by position),
//! and messages that say what is wrong with a file.
//! Source: numpy.lib.format, versions 1.0, 2.0 and 3.0.

mod embeddings;
mod error;

use std::fmt;

pub use embeddings::{Limits, decode, embeddings};
pub use error::NpyError;

/// The bytes every .npy file begins with.
pub const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// How many bytes at the start of a file tell how long its header is.
pub const PREAMBLE: usize = 12;

/// Headers are padded so that the data begin at a multiple of this.
const ALIGNMENT: usize = 64;

/// The longest header that is read: NumPy's own need about a hundred bytes.
const MAX_HEADER: usize = 1 << 20;

/// The kind of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Signed integers, `i`.
    Signed,
    /// Unsigned integers, `u`.
    Unsigned,
    /// IEEE floats, `f`.
    Float,
    /// Booleans, `b`.
    Bool,
}

/// The type of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dtype {
    /// What they are.
    pub kind: Kind,
    /// Bytes each.
    pub size: usize,
    /// Whether the high byte comes first.
    pub big_endian: bool,
}

impl Dtype {
    /// Little-endian float16.
    pub const F16: Self = Self { kind: Kind::Float, size: 2, big_endian: false };
    /// Little-endian float32.
    pub const F32: Self = Self { kind: Kind::Float, size: 4, big_endian: false };
    /// Little-endian int32.
    pub const I32: Self = Self { kind: Kind::Signed, size: 4, big_endian: false };
    /// Little-endian uint32.
    pub const U32: Self = Self { kind: Kind::Unsigned, size: 4, big_endian: false };
    /// Little-endian uint64.
    pub const U64: Self = Self { kind: Kind::Unsigned, size: 8, big_endian: false };

    /// Reads a type string such as `<f4`.
    fn parse(descr: &str) -> Option<Self> {
        let mut chars = descr.chars();
        let order = chars.next()?;
        let kind = match chars.next()? {
            'i' => Kind::Signed,
            'u' => Kind::Unsigned,
            'f' => Kind::Float,
            'b' => Kind::Bool,
            _ => return None,
        };
        let size: usize = chars.as_str().parse().ok()?;
        let known = match kind {
            Kind::Signed | Kind::Unsigned => [1, 2, 4, 8].contains(&size),
            Kind::Float => [2, 4, 8].contains(&size),
            Kind::Bool => size == 1,
        };
        let big_endian = match order {
            '<' => false,
            '>' => true,
            // One byte has no order; `=` is never written to files.
            '|' if size == 1 => false,
            _ => return None,
        };
        known.then_some(Self { kind, size, big_endian })
    }
}

impl fmt::Display for Dtype {
    /// Writes NumPy's name for the type, such as `float32`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.kind {
            Kind::Signed => "int",
            Kind::Unsigned => "uint",
            Kind::Float => "float",
            Kind::Bool => return f.write_str("bool"),
        };
        let order = if self.big_endian { " (big-endian)" } else { "" };
        write!(f, "{name}{}{order}", self.size * 8)
    }
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The type of the elements.
    pub dtype: Dtype,
    /// Whether the first axis varies fastest (column-major).
    pub fortran_order: bool,
    /// The length of each axis.
    pub shape: Vec<u64>,
    /// The byte of the file where the data begin.
    pub data_offset: u64,
}

impl Header {
    /// How many bytes the whole file must have.
    ///
    /// # Errors
    /// [`NpyError::TooLarge`] if that does not fit 64 bits.
    pub fn file_length(&self) -> Result<u64, NpyError> {
        let data = self.shape.iter().try_fold(self.dtype.size as u64, |bytes, &axis| bytes.checked_mul(axis));
        // An axis of 0 makes the array empty whatever the others are.
        let data = if self.shape.contains(&0) { Some(0) } else { data };
        data.and_then(|data| data.checked_add(self.data_offset))
            .ok_or_else(|| NpyError::TooLarge { shape: shape_text(&self.shape) })
    }

    /// Compares the length of the file with what the header promises.
    ///
    /// # Errors
    /// [`NpyError::Length`] if they differ.
    pub fn check_length(&self, found: u64) -> Result<(), NpyError> {
        let expected = self.file_length()?;
        if found == expected {
            return Ok(());
        }
        Err(NpyError::Length { shape: shape_text(&self.shape), dtype: self.dtype, expected, found })
    }

    /// The shape as NumPy writes it, such as `(1000, 384)`.
    pub fn shape_text(&self) -> String {
        shape_text(&self.shape)
    }
}

/// Tells from the first [`PREAMBLE`] bytes of a file how many bytes its header takes, preamble included.
///
/// # Errors
/// [`NpyError`] if this is no .npy file.
pub fn header_length(start: &[u8]) -> Result<usize, NpyError> {
    if !start.starts_with(MAGIC) {
        return Err(NpyError::Magic);
    }
    let cut_off = NpyError::CutOff { expected: PREAMBLE, found: start.len() };
    let &[major, minor, a, b, ..] = &start[MAGIC.len()..] else { return Err(cut_off) };
    let (preamble, text) = match (major, minor) {
        (1, 0) => (10, usize::from(u16::from_le_bytes([a, b]))),
        (2 | 3, 0) => match start[MAGIC.len() + 4..] {
            [c, d, ..] => (12, u32::from_le_bytes([a, b, c, d]) as usize),
            _ => return Err(cut_off),
        },
        _ => return Err(NpyError::Version { major, minor }),
    };
    if text > MAX_HEADER {
        return Err(NpyError::HeaderTooLong { length: text });
    }
    Ok(preamble + text)
}

/// Reads the header at the start of a file. `start` must hold it whole; [`header_length`] tells how long it is.
///
/// # Errors
/// [`NpyError`], which says what to do; the caller adds the file.
pub fn parse_header(start: &[u8]) -> Result<Header, NpyError> {
    let length = header_length(start)?;
    let header = start.get(..length).ok_or(NpyError::CutOff { expected: length, found: start.len() })?;
    let preamble = if header[MAGIC.len()] == 1 { 10 } else { 12 };
    let wrong = |reason: &str| NpyError::Header { reason: reason.to_owned() };
    let text = std::str::from_utf8(&header[preamble..]).map_err(|_| wrong("it is no text"))?;
    let dict = text
        .trim_ascii()
        .strip_prefix('{')
        .and_then(|t| t.strip_suffix('}'))
        .ok_or_else(|| wrong("no dictionary"))?;

    let (mut dtype, mut fortran_order, mut shape) = (None, None, None);
    let mut rest = dict.trim_ascii_start();
    while !rest.is_empty() {
        let (key, after) = quoted(rest).ok_or_else(|| wrong("a key without quotes"))?;
        let value = after
            .trim_ascii_start()
            .strip_prefix(':')
            .ok_or_else(|| wrong("a key without a value"))?
            .trim_ascii_start();
        rest = match key {
            "descr" => {
                let Some((descr, after)) = quoted(value) else {
                    return Err(NpyError::Dtype { descr: value.chars().take(60).collect() });
                };
                dtype = Some(Dtype::parse(descr).ok_or_else(|| NpyError::Dtype { descr: descr.to_owned() })?);
                after
            }
            "fortran_order" => {
                let (flag, after) = [("True", true), ("False", false)]
                    .into_iter()
                    .find_map(|(name, flag)| value.strip_prefix(name).map(|after| (flag, after)))
                    .ok_or_else(|| wrong("fortran_order is neither True nor False"))?;
                fortran_order = Some(flag);
                after
            }
            "shape" => {
                let (axes, after) = tuple(value).ok_or_else(|| wrong("the shape is no tuple of lengths"))?;
                shape = Some(axes);
                after
            }
            other => return Err(NpyError::Header { reason: format!("an unknown key {other:?}") }),
        };
        rest = rest.trim_ascii_start();
        rest = match rest.strip_prefix(',') {
            Some(after) => after.trim_ascii_start(),
            None if rest.is_empty() => rest,
            None => return Err(wrong("entries without a comma between them")),
        };
    }
    Ok(Header {
        dtype: dtype.ok_or_else(|| wrong("no descr"))?,
        fortran_order: fortran_order.ok_or_else(|| wrong("no fortran_order"))?,
        shape: shape.ok_or_else(|| wrong("no shape"))?,
        data_offset: length as u64,
    })
}

/// Splits a quoted string off the front.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| ['\'', '"'].contains(c))?;
    text[1..].split_once(quote)
}

/// Splits a tuple of lengths off the front; Python 2 wrote `4L` for 4.
fn tuple(text: &str) -> Option<(Vec<u64>, &str)> {
    let (inside, after) = text.strip_prefix('(')?.split_once(')')?;
    let mut axes: Vec<&str> = inside.split(',').map(str::trim_ascii).collect();
    if axes.last() == Some(&"") {
        axes.pop();
    }
    let axes = axes.iter().map(|axis| axis.strip_suffix('L').unwrap_or(axis).parse().ok());
    Some((axes.collect::<Option<Vec<u64>>>()?, after))
}

fn shape_text(shape: &[u64]) -> String {
    match shape {
        [only] => format!("({only},)"),
        axes => format!("({})", axes.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// Writes the header of a C-order array: version 1.0, padded with spaces to a multiple of 64 bytes, as
/// `numpy.save` writes it.
///
/// ```
/// use clusterclip_core::format::npy::{Dtype, header, parse_header};
/// let bytes = header(Dtype::F32, &[3, 4]);
/// assert!(bytes.starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"));
/// assert_eq!(parse_header(&bytes)?.data_offset, 128);
/// # Ok::<(), clusterclip_core::format::npy::NpyError>(())
/// ```
///
/// # Panics
/// If the shape has so many axes that its text passes 64 KiB.
pub fn header(dtype: Dtype, shape: &[u64]) -> Vec<u8> {
    let kind = match dtype.kind {
        Kind::Signed => 'i',
        Kind::Unsigned => 'u',
        Kind::Float => 'f',
        Kind::Bool => 'b',
    };
    let order = match (dtype.size, dtype.big_endian) {
        (1, _) => '|',
        (_, false) => '<',
        (_, true) => '>',
    };
    let mut text = format!(
        "{{'descr': '{order}{kind}{}', 'fortran_order': False, 'shape': {}, }}",
        dtype.size,
        shape_text(shape)
    );
    let total = (MAGIC.len() + 4 + text.len() + 1).next_multiple_of(ALIGNMENT);
    let length = total - MAGIC.len() - 4;
    text.push_str(&" ".repeat(length - 1 - text.len()));
    text.push('\n');
    let length = u16::try_from(length).expect("a header of more than 64 KiB");
    [MAGIC, &[1, 0][..], &length.to_le_bytes(), text.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
