//! Sources: the files of a corpus, and how their bytes are read.

use std::fs::{File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clusterclip_core::format::cut::{Cutter, Shape};
use clusterclip_core::format::items::Layout;
use clusterclip_core::format::records::Fields;
use clusterclip_core::format::table::{Columns, Delimiter};
use tempfile::NamedTempFile;

use super::InputError;
use super::look::is_pointer;
use super::packing::{Compression, Hashed, Trailing, Unpacker};
use crate::error::{FileError, Result};

/// A file or pipe that is read.
#[derive(Debug)]
pub(crate) struct Source {
    /// Where its bytes are.
    pub(crate) path: PathBuf,
    /// What results call it.
    pub(crate) name: Arc<str>,
    pub(crate) shape: Shape,
    pub(crate) compression: Option<Compression>,
    /// What the folders say in which it lies, as in `lang=de`: fields that its records have unless they say otherwise.
    pub(crate) fields: Vec<(String, String)>,
    /// Bytes on disk when the corpus was opened.
    pub(crate) length: u64,
    /// Holds the bytes of a pipe as long as the source lives.
    pub(crate) spool: Option<NamedTempFile>,
    /// The columns of a table, once its header was read.
    pub(crate) columns: OnceLock<Columns>,
}

/// Bytes at the start of a packed file that tell whether it is one.
const BEGINNING: usize = 64;

/// Bytes read at a time to find a header.
const HEADER_CHUNK: u64 = 64 << 10;

impl Source {
    /// What messages call it: the path, or the pipe's name.
    pub(crate) fn display(&self) -> String {
        match (&self.spool, &*self.name) {
            (Some(_), "-") => "standard input".to_owned(),
            (Some(_), name) => name.to_owned(),
            (None, _) => self.path.display().to_string(),
        }
    }

    /// How the bytes of a record become a document; a table is asked for its header where that was not read yet.
    pub(crate) fn layout<'a>(&'a self, fields: &'a Fields) -> Result<Layout<'a>> {
        Ok(match self.shape {
            Shape::Jsonl => Layout::Jsonl(fields),
            Shape::Table(delimiter) => Layout::Table(self.columns(delimiter, fields)?),
            Shape::Lines | Shape::Whole => Layout::Plain,
        })
    }

    /// Takes the header of a table, which begins on line `line`.
    pub(crate) fn take_header(
        &self,
        header: &[u8],
        line: u64,
        delimiter: Delimiter,
        fields: &Fields,
    ) -> Result<&Columns> {
        let columns = Columns::of(header, delimiter, fields).map_err(|error| InputError::Header {
            name: self.display(),
            line,
            error,
        })?;
        Ok(self.columns.get_or_init(|| columns))
    }

    /// The columns of a table, from its beginning where that was not read yet.
    fn columns(&self, delimiter: Delimiter, fields: &Fields) -> Result<&Columns> {
        if let Some(columns) = self.columns.get() {
            return Ok(columns);
        }
        let mut reader = self.open()?;
        let (mut bytes, mut spans, mut cutter) = (Vec::new(), Vec::new(), Cutter::new(self.shape));
        loop {
            let before = bytes.len();
            let read = reader.by_ref().take(HEADER_CHUNK).read_to_end(&mut bytes);
            let ended = read.map_err(|error| reader.failure(self, error))? < HEADER_CHUNK as usize;
            cutter.push(&bytes[before..], &mut spans);
            if ended {
                cutter.finish(&mut spans);
            }
            match spans.first() {
                Some(header) => {
                    return self.take_header(header.of(&bytes, 0), header.line, delimiter, fields);
                }
                None if ended => return self.take_header(b"", cutter.line(), delimiter, fields),
                None => {}
            }
        }
    }

    /// What a failed read comes to.
    pub(crate) fn cannot(&self) -> impl FnOnce(io::Error) -> FileError {
        |cause| FileError::Read { name: self.display().to_string(), cause }
    }

    pub(crate) fn open_file(&self) -> Result<File> {
        Ok(open(&self.path).map_err(self.cannot())?)
    }

    /// Opens the bytes as they are on disk.
    pub(crate) fn open_raw(&self) -> Result<Reader> {
        Reader::new(self.open_file()?, None, || self.display())
    }

    /// Opens the decompressed bytes.
    pub(crate) fn open(&self) -> Result<Reader> {
        Reader::new(self.open_file()?, self.compression, || self.display())
    }
}

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
