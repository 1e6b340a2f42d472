//! The bytes of a file, decompressed.

use std::fs::{File, FileType};
use std::io::{self, Read};
use std::path::Path;

use super::InputError;
use super::look::is_pointer;
use super::packing::{Compression, Hashed, Trailing, Unpacker};
use super::source::Source;
use crate::error::{FileError, Result};

/// Bytes read at a time, and so of a piece: small enough to spread a block over cores.
pub(crate) const CHUNK: usize = 256 << 10;

/// Bytes at the start of a packed file that tell whether it is one.
const BEGINNING: usize = 64;

/// Opens a regular file for reading. Others are refused before they are opened, since opening a pipe waits until
/// somebody writes to it; and a pipe gives its bytes only once, where files are read several times.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let kind = path.metadata()?.file_type();
    if kind.is_file() {
        return File::open(path);
    }
    if kind.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    let what = if is_pipe(kind) { "a pipe" } else { "a device or socket" };
    let advice = format!("it is {what}; save it to a file");
    Err(io::Error::new(io::ErrorKind::InvalidInput, advice))
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

/// Elsewhere, pipes among paths look like other devices.
#[cfg(not(unix))]
fn is_pipe(_: FileType) -> bool {
    false
}

/// Reads until `out` is full or the input ends, and returns how many bytes it got.
pub(crate) fn read_up_to(input: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < out.len() {
        match input.read(&mut out[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Appends the next chunk; less than [`CHUNK`] at the end only.
pub(crate) fn read_chunk(reader: &mut Reader, source: &Source, out: &mut Vec<u8>) -> Result<usize> {
    let read = reader.by_ref().take(CHUNK as u64).read_to_end(out);
    Ok(read.map_err(|error| reader.failure(source, error))?)
}

#[expect(clippy::large_enum_variant, reason = "there is one for each source that is being read")]
enum Decoder {
    Plain(Hashed),
    Packed(Box<Unpacker>),
}

/// The decompressed bytes of a source, with the hash of the compressed ones.
pub(crate) struct Reader {
    decoder: Decoder,
    decoded: u64,
    compression: Option<Compression>,
}

impl Reader {
    /// Reads `file`, which has `length` bytes; `display` is what messages call it.
    pub(crate) fn new(
        mut file: File,
        compression: Option<Compression>,
        display: impl Fn() -> String,
    ) -> Result<Self> {
        let Some(compression) = compression else {
            return Ok(Self { decoder: Decoder::Plain(Hashed::new(file)), decoded: 0, compression });
        };
        let cannot = |cause| FileError::Read { name: display(), cause };
        let mut start = [0; BEGINNING];
        let read = read_up_to(&mut file, &mut start).map_err(cannot)?;
        if is_pointer(&start[..read]) {
            return Err(InputError::Pointer { name: display() }.into());
        }
        // An empty file holds no compressed stream; it is empty either way.
        if read > 0 && Compression::of_magic(&start[..read]) != Some(compression) {
            return Err(InputError::NotPacked {
                name: display(),
                compression: compression.name(),
                extension: compression.extension(),
            }
            .into());
        }
        io::Seek::rewind(&mut file).map_err(cannot)?;
        let unpacker = Unpacker::new(compression, Hashed::new(file));
        Ok(Self { decoder: Decoder::Packed(Box::new(unpacker)), decoded: 0, compression: Some(compression) })
    }

    /// The file; `None` once unpacking it has failed.
    fn raw(&self) -> Option<&Hashed> {
        match &self.decoder {
            Decoder::Plain(raw) => Some(raw),
            Decoder::Packed(unpacker) => unpacker.raw(),
        }
    }

    /// Bytes of the file that were read so far.
    pub(crate) fn raw_count(&self) -> u64 {
        self.raw().map_or(0, Hashed::count)
    }

    /// XXH3-128 of these.
    pub(crate) fn raw_hash(&self) -> u128 {
        self.raw().map_or(0, Hashed::hash)
    }

    /// What went wrong while reading what messages call `name`, and how far it got.
    pub(crate) fn failed(&self, name: String, cause: io::Error) -> InputError {
        let Some(compression) = self.compression.map(Compression::name) else {
            return InputError::Beyond { name, byte: self.decoded, cause };
        };
        match cause.get_ref().and_then(|inner| inner.downcast_ref::<Trailing>()) {
            Some(&Trailing { byte }) => InputError::Trailing { name, compression, byte, after: self.decoded },
            None => InputError::Unpack { name, compression, after: self.decoded, cause },
        }
    }

    /// What went wrong while reading `source`.
    pub(crate) fn failure(&self, source: &Source, cause: io::Error) -> InputError {
        self.failed(source.display(), cause)
    }
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.decoder {
            Decoder::Plain(raw) => raw.read(out),
            Decoder::Packed(unpacker) => unpacker.read(out),
        }?;
        self.decoded += read as u64;
        Ok(read)
    }
}
