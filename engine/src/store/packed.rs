//! Files that are packed while they are written: plain, gzip or Zstandard. Their bytes depend on the content alone.

use std::io::{self, Write};
use std::path::PathBuf;

use clusterclip_core::par;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::error::StoreError;
use super::file::{FileWriter, FinishedFile};

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// By gzip, as one member.
    Gzip,
    /// By Zstandard, as one frame: some readers stop after the first.
    Zstd,
}

impl Packing {
    /// What the name of such a file ends in.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }
}

/// Zstandard's own default.
const ZSTD_LEVEL: i32 = 3;

/// Bytes of gzip that are packed without looking at what went before, so that all cores may pack; their places are
/// fixed, so that the bytes are the same on any number of threads.
const PART: usize = 1 << 20;

/// Parts that are gathered before they are packed.
const PARTS: usize = 16;

/// Writes a packed file.
pub struct PackedWriter {
    inner: Inner,
    target: PathBuf,
}

enum Inner {
    Plain(FileWriter),
    Gzip(Gzip),
    Zstd(zstd::Encoder<'static, FileWriter>),
}

impl PackedWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn new(file: FileWriter, packing: Packing) -> Result<Self, StoreError> {
        let target = file.target().to_path_buf();
        let failed = |cause| StoreError::io("write", &target, cause);
        let inner = match packing {
            Packing::Plain => Inner::Plain(file),
            Packing::Gzip => Inner::Gzip(Gzip::new(file).map_err(failed)?),
            Packing::Zstd => Inner::Zstd(zstd::Encoder::new(file, ZSTD_LEVEL).map_err(failed)?),
        };
        Ok(Self { inner, target })
    }

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let written = match &mut self.inner {
            Inner::Plain(file) => file.write_all(bytes),
            Inner::Gzip(gzip) => gzip.put(bytes),
            Inner::Zstd(zstd) => zstd.write_all(bytes),
        };
        written.map_err(|cause| StoreError::io("write", &self.target, cause))
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn finish(self) -> Result<FinishedFile, StoreError> {
        let file = match self.inner {
            Inner::Plain(file) => Ok(file),
            Inner::Gzip(gzip) => gzip.finish(),
            Inner::Zstd(zstd) => zstd.finish(),
        };
        file.map_err(|cause| StoreError::io("write", &self.target, cause))?.finish()
    }
}

/// One member of gzip (RFC 1952), whose parts are packed beside each other.
struct Gzip {
    file: FileWriter,
    pending: Vec<u8>,
    crc: Crc,
}

impl Gzip {
    fn new(mut file: FileWriter) -> io::Result<Self> {
        // Deflate, without a name or a date, of an unknown system.
        file.write_all(&[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])?;
        Ok(Self { file, pending: Vec::new(), crc: Crc::new() })
    }

    fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let taken = bytes.len().min(PART * PARTS - self.pending.len());
            self.pending.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if self.pending.len() == PART * PARTS {
                self.pack()?;
            }
        }
        Ok(())
    }

    fn pack(&mut self) -> io::Result<()> {
        let parts: Vec<&[u8]> = self.pending.chunks(PART).collect();
        for packed in par::map(parts.len(), |part| packed(parts[part])) {
            let (bytes, crc) = packed?;
            self.file.write_all(&bytes)?;
            self.crc.combine(&crc);
        }
        self.pending.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<FileWriter> {
        self.pack()?;
        // An empty block that is the last one, the checksum and the length.
        self.file.write_all(&[3, 0])?;
        self.file.write_all(&self.crc.sum().to_le_bytes())?;
        self.file.write_all(&self.crc.amount().to_le_bytes())?;
        Ok(self.file)
    }
}

/// Blocks of Deflate, none of which is the last, up to a whole byte.
fn packed(bytes: &[u8]) -> io::Result<(Vec<u8>, Crc)> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.flush()?;
    let mut crc = Crc::new();
    crc.update(bytes);
    Ok((std::mem::take(encoder.get_mut()), crc))
}
