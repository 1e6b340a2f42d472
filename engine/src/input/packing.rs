//! Packing: how files are compressed, and how their bytes are unpacked.
//!
//! A packed file is members (frames, streams) one after another, as many as there are: parallel compressors make many,
//! joined files are so. Zeros after a member are padding, as block devices and tapes leave it. Anything else after one is
//! an error that says where: what stands there may be the text of somebody who appended to the wrong file.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use xxhash_rust::xxh3::Xxh3;

use super::most;
use crate::fence::fenced;

/// The bytes at the start of a file that [`Compression::of_magic`] looks at.
pub(crate) const MAGIC: usize = 10;

/// The longest window of zstd that is read: that of `zstd --long=31`; in a small file as [`most`] says.
const ZSTD_WINDOW_LOG: u32 = 31;

/// The most memory for the dictionary of .xz, in KiB: 16 times what `xz -9` asks for; in a small file as [`most`] says.
const XZ_MEMORY: u32 = 1 << 20;

/// Bytes of the file that are read at a time.
const BUFFER: usize = 128 << 10;

/// How the bytes of a source are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

impl Compression {
    /// Tells the compression by a file's extension.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "gz" => Some(Self::Gzip),
            "zst" => Some(Self::Zstd),
            "bz2" => Some(Self::Bzip2),
            "xz" => Some(Self::Xz),
            _ => None,
        }
    }

    /// Tells the compression by the first [`MAGIC`] bytes. No text begins with any of these.
    pub(crate) fn of_magic(start: &[u8]) -> Option<Self> {
        let all = [Self::Gzip, Self::Zstd, Self::Bzip2, Self::Xz];
        all.into_iter().find(|compression| compression.begins(start))
    }

    /// Whether a member begins with these bytes.
    fn begins(self, start: &[u8]) -> bool {
        match self {
            Self::Gzip => start.starts_with(b"\x1F\x8B"),
            // A frame, or one to be passed over.
            Self::Zstd => match start {
                [first, rest @ ..] => {
                    start.starts_with(b"\x28\xB5\x2F\xFD")
                        || first & 0xF0 == 0x50 && rest.starts_with(b"\x2A\x4D\x18")
                }
                [] => false,
            },
            // The level, and the first block or, where there is none, the end.
            Self::Bzip2 => match start.strip_prefix(b"BZh") {
                Some([b'1'..=b'9', rest @ ..]) => {
                    rest.starts_with(b"\x31\x41\x59\x26\x53\x59")
                        || rest.starts_with(b"\x17\x72\x45\x38\x50\x90")
                }
                _ => false,
            },
            Self::Xz => start.starts_with(b"\xFD7zXZ\0"),
        }
    }

    /// Whether another member seems to begin with the byte `first`; `held` is what is known of the bytes from it on.
    fn goes_on(self, first: u8, held: &[u8]) -> bool {
        if held.len() >= MAGIC {
            return self.begins(held);
        }
        match self {
            Self::Gzip => first == 0x1F,
            Self::Zstd => first == 0x28 || first & 0xF0 == 0x50,
            Self::Bzip2 => first == b'B',
            Self::Xz => first == 0xFD,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
            Self::Bzip2 => ".bz2",
            Self::Xz => ".xz",
        }
    }
}

/// What stands after the last member is no padding and no member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trailing {
    /// The byte of the file where it begins, from 0.
    pub(crate) byte: u64,
}

impl fmt::Display for Trailing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "other data from byte {} of the file on", self.byte)
    }
}

impl std::error::Error for Trailing {}

/// A file whose bytes are hashed on their way.
pub(crate) struct Hashed {
    file: File,
    hash: Xxh3,
    count: u64,
}

impl Hashed {
    pub(crate) fn new(file: File) -> Self {
        Self { file, hash: Xxh3::new(), count: 0 }
    }

    /// Bytes that were read so far.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// XXH3-128 of these.
    pub(crate) fn hash(&self) -> u128 {
        self.hash.digest128()
    }
}

impl Read for Hashed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(out)?;
        self.hash.update(&out[..read]);
        self.count += read as u64;
        Ok(read)
    }
}

type Raw = BufReader<Hashed>;

/// Unpacks a file, member after member.
pub(crate) struct Unpacker {
    compression: Compression,
    at: At,
    /// Whether a member ended, after which there may be padding.
    padded: bool,
    /// The most bytes of what was unpacked that are held to refer to.
    window: u64,
}

/// Where unpacking is.
#[expect(clippy::large_enum_variant, reason = "there is one for each source that is being read")]
enum At {
    /// Before a member, or at the end.
    Between(Raw),
    Gzip(Box<GzDecoder<Raw>>),
    Zstd(Box<zstd::Decoder<'static, Raw>>),
    Bzip2(Box<BzDecoder<Raw>>),
    Xz(Box<XzReader<Raw>>),
    /// Something failed: there is nothing more to read.
    Failed,
}

impl Unpacker {
    pub(crate) fn new(compression: Compression, raw: Hashed) -> Self {
        // A file that cannot tell is taken for a small one.
        let window = most(raw.file.metadata().map_or(0, |file| file.len()));
        let at = At::Between(BufReader::with_capacity(BUFFER, raw));
        Self { compression, at, padded: false, window }
    }

    /// The file; `None` once something has failed.
    pub(crate) fn raw(&self) -> Option<&Hashed> {
        Some(match &self.at {
            At::Between(raw) => raw.get_ref(),
            At::Gzip(decoder) => decoder.get_ref().get_ref(),
            At::Zstd(decoder) => decoder.get_ref().get_ref(),
            At::Bzip2(decoder) => decoder.get_ref().get_ref(),
            At::Xz(decoder) => decoder.inner().get_ref(),
            At::Failed => return None,
        })
    }

    /// Begins the next member; false at the end.
    fn begin(&mut self, mut raw: Raw) -> io::Result<bool> {
        let first = loop {
            let bytes = raw.fill_buf()?;
            let zeros = if self.padded { bytes.iter().take_while(|&&byte| byte == 0).count() } else { 0 };
            match bytes.get(zeros) {
                Some(&first) => {
                    raw.consume(zeros);
                    break Some(first);
                }
                None if bytes.is_empty() => break None,
                None => raw.consume(zeros),
            }
        };
        match first {
            None => {
                self.at = At::Between(raw);
                return Ok(false);
            }
            Some(first) if self.padded && !self.compression.goes_on(first, raw.buffer()) => {
                let byte = raw.get_ref().count() - raw.buffer().len() as u64;
                return Err(io::Error::new(io::ErrorKind::InvalidData, Trailing { byte }));
            }
            Some(_) => {}
        }
        self.at = match self.compression {
            Compression::Gzip => At::Gzip(Box::new(GzDecoder::new(raw))),
            Compression::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(raw)?.single_frame();
                decoder.window_log_max(self.window.ilog2().min(ZSTD_WINDOW_LOG))?;
                At::Zstd(Box::new(decoder))
            }
            Compression::Bzip2 => At::Bzip2(Box::new(BzDecoder::new(raw))),
            Compression::Xz => {
                let memory = (self.window >> 10).min(XZ_MEMORY.into()) as u32;
                At::Xz(Box::new(XzReader::new_mem_limit(raw, false, memory)))
            }
        };
        Ok(true)
    }

    fn step(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match &mut self.at {
                At::Between(_) => 0,
                At::Gzip(decoder) => decoder.read(out)?,
                At::Zstd(decoder) => decoder.read(out)?,
                At::Bzip2(decoder) => decoder.read(out)?,
                At::Xz(decoder) => decoder.read(out)?,
                At::Failed => return Err(io::Error::other("it failed before")),
            };
            if read > 0 {
                return Ok(read);
            }
            self.padded |= !matches!(self.at, At::Between(_));
            let raw = match std::mem::replace(&mut self.at, At::Failed) {
                At::Between(raw) => raw,
                At::Gzip(decoder) => decoder.into_inner(),
                At::Zstd(decoder) => decoder.finish(),
                At::Bzip2(decoder) => decoder.into_inner(),
                At::Xz(decoder) => decoder.into_inner(),
                At::Failed => return Ok(0),
            };
            if !self.begin(raw)? {
                return Ok(0);
            }
        }
    }
}

impl Read for Unpacker {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        // Damaged data must end a file, not the program.
        let read = fenced(|| self.step(out)).unwrap_or_else(|panic| Err(io::Error::other(panic)));
        if read.is_err() {
            self.at = At::Failed;
        }
        read
    }
}
