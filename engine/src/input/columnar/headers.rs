//! Headers of Parquet's pages, looked at before the decoder believes them: it takes as much memory as a page says it
//! unpacks to, up to 2 GiB, before a byte of it is unpacked.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::input::most;

/// A file of which headers of pages alone are read as a stream, as the decoder does; each is looked at first.
pub(super) struct Headers<R>(pub Arc<R>);

impl<R: ChunkReader> Length for Headers<R> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<R: ChunkReader> ChunkReader for Headers<R> {
    type T = Header<R>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(Header { file: self.0.clone(), start, bytes: None })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.0.get_bytes(start, length)
    }
}

/// The bytes of a header.
pub(super) struct Header<R: ChunkReader> {
    file: Arc<R>,
    start: u64,
    /// Its reader, once somebody reads: of a header that the decoder still has it reads nothing. There is one at a time,
    /// for those of a file share their position.
    bytes: Option<R::T>,
}

impl<R: ChunkReader> Header<R> {
    fn open(&self) -> io::Result<R::T> {
        self.file.get_read(self.start).map_err(io::Error::other)
    }

    /// Refuses a page that claims too much.
    fn check(&self) -> io::Result<()> {
        let Sizes { packed, unpacked } = Sizes::read(&mut self.open()?)?;
        if u64::from(unpacked) > most(packed.into()) {
            let why = format!("a page of {packed} bytes claims to unpack to {unpacked}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(())
    }
}

impl<R: ChunkReader> Read for Header<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_none() {
            self.check()?;
            self.bytes = Some(self.open()?);
        }
        self.bytes.as_mut().map_or(Ok(0), |bytes| bytes.read(out))
    }
}

/// How long a page is.
#[derive(Debug, Default, PartialEq)]
struct Sizes {
    unpacked: u32,
    packed: u32,
}

/// The types of fields, in Thrift's compact protocol.
const STOP: u8 = 0;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I32: u8 = 5;
const STRUCT: u8 = 12;

/// How deep structs may lie in each other; in a header they lie three deep.
const DEEPEST: u8 = 16;

impl Sizes {
    /// Reads a header. Its fields must ascend and have their own types, as whatever writes them does: of a header that
    /// can be read in two ways the decoder might read the other.
    fn read(bytes: &mut impl Read) -> io::Result<Self> {
        let mut sizes = Self::default();
        fields(bytes, |bytes, id, kind| {
            let is_known = match id {
                1..=4 => kind == I32,
                5..=8 => kind == STRUCT,
                _ => true,
            };
            match id {
                _ if !is_known => Err(damaged()),
                2 => size(bytes).map(|size| sizes.unpacked = size),
                3 => size(bytes).map(|size| sizes.packed = size),
                5..=8 => fields(bytes, |bytes, inner, kind| {
                    let is_known = match (id, inner) {
                        (5 | 8, 1..=4) | (8, 5 | 6) | (7, 1 | 2) => kind == I32,
                        (7, 3) | (8, 7) => kind == TRUE || kind == FALSE,
                        (5, 5) | (8, 8) => kind == STRUCT,
                        _ => true,
                    };
                    if is_known { skip(bytes, kind, DEEPEST) } else { Err(damaged()) }
                }),
                _ => skip(bytes, kind, DEEPEST),
            }
        })?;
        Ok(sizes)
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the header of a page makes no sense")
}

/// Hands out the fields of a struct, by number and type.
fn fields<R: Read>(bytes: &mut R, mut take: impl FnMut(&mut R, i64, u8) -> io::Result<()>) -> io::Result<()> {
    let mut last = 0;
    loop {
        let begin = byte(bytes)?;
        if begin == STOP {
            return Ok(());
        }
        let id = match begin >> 4 {
            0 => signed(bytes)?,
            more => last + i64::from(more),
        };
        if id <= last || id > i64::from(i16::MAX) {
            return Err(damaged());
        }
        last = id;
        take(bytes, id, begin & 0xF)?;
    }
}

/// Passes over a value that is a field.
fn skip(bytes: &mut impl Read, kind: u8, deep: u8) -> io::Result<()> {
    let deeper = deep.checked_sub(1).ok_or_else(damaged)?;
    match kind {
        TRUE | FALSE => Ok(()),
        3 => byte(bytes).map(drop),
        4..=6 => varint(bytes).map(drop),
        7 => pass(bytes, 8),
        8 => varint(bytes).and_then(|length| pass(bytes, length)),
        STRUCT => {
            // By the types alone, in any order: statistics, which the decoder passes over likewise.
            loop {
                let begin = byte(bytes)?;
                if begin == STOP {
                    return Ok(());
                }
                if begin >> 4 == 0 {
                    varint(bytes)?;
                }
                skip(bytes, begin & 0xF, deeper)?;
            }
        }
        // No header has lists, sets or maps.
        _ => Err(damaged()),
    }
}

fn pass(bytes: &mut impl Read, length: u64) -> io::Result<()> {
    let passed = io::copy(&mut bytes.take(length), &mut io::sink())?;
    if passed == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn byte(bytes: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    bytes.read_exact(&mut byte)?;
    Ok(byte[0])
}

fn varint(bytes: &mut impl Read) -> io::Result<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = byte(bytes)?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(damaged())
}

fn signed(bytes: &mut impl Read) -> io::Result<i64> {
    let number = varint(bytes)?;
    Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

/// A length, which is an i32.
fn size(bytes: &mut impl Read) -> io::Result<u32> {
    i32::try_from(signed(bytes)?).ok().and_then(|size| u32::try_from(size).ok()).ok_or_else(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of a page of the first version: its type, 300 bytes of 5, a sum, the header of its kind with statistics.
    const HEADER: &[u8] = &[
        0x15, 0x00, 0x15, 0xD8, 0x04, 0x15, 0x0A, 0x15, 0x02, 0x1C, 0x15, 0x04, 0x15, 0x00, 0x15, 0x06, 0x15,
        0x06, 0x1C, 0x18, 0x01, b'a', 0x11, 0x00, 0x00, 0x00,
    ];

    fn read(bytes: &[u8]) -> Option<Sizes> {
        Sizes::read(&mut &bytes[..]).ok()
    }

    #[test]
    fn the_sizes_of_a_header_are_read_and_one_that_means_two_things_is_none() {
        assert_eq!(read(HEADER), Some(Sizes { unpacked: 300, packed: 5 }));
        for cut in 0..HEADER.len() {
            assert_eq!(read(&HEADER[..cut]), None, "{cut}");
        }
        // The second field again, by its number, with another length.
        let again = [&HEADER[..HEADER.len() - 1], &[0x05, 0x04, 0x02, 0x00]].concat();
        assert_eq!(read(&again), None);
        // A text for a number: one reader takes its length for the number.
        let typed = [&HEADER[..2], &[0x18], &HEADER[3..]].concat();
        assert_eq!(read(&typed), None);
        let negative = [&HEADER[..3], &[0x01], &HEADER[5..]].concat();
        assert_eq!(read(&negative), None);
        let deep = [&HEADER[..HEADER.len() - 1], &[0x4C], &[0x1C; 40], &[0; 50]].concat();
        assert_eq!(read(&deep), None);
    }
}
