//! Pages of Parquet that may unpack to more than they say.
//!
//! The decoder gives most codecs a buffer of the length that a page declares, which [`Headers`] holds against the file.
//! Those of gzip, brotli and LZ4 frames it lets write as much as they like: a few KB may become many GB before anybody
//! compares. So their pages are unpacked here first, without being kept, where they can be longer than they may.

use std::io::Read;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use lz4_flex::frame::FrameDecoder;
use parquet::basic::Compression;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, SerializedPageReader};

use super::headers::Headers;
use crate::input::most;

/// Pages up to this may be longer than their column chunk says it is: some writers count otherwise.
const LENIENT: u64 = 16 << 20;

/// The longest page, whose length is an i32.
const LONGEST: u64 = i32::MAX as u64;

/// A codec whose decoder does not stop by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Boundless {
    Gzip,
    Brotli,
    /// As Hadoop frames it, or as LZ4 itself does; the first stops by itself.
    Lz4,
}

impl Boundless {
    fn of(codec: Compression) -> Option<Self> {
        match codec {
            Compression::GZIP(_) => Some(Self::Gzip),
            Compression::BROTLI(_) => Some(Self::Brotli),
            Compression::LZ4 => Some(Self::Lz4),
            _ => None,
        }
    }

    /// How long `bytes` packed ones may become.
    fn longest(self, bytes: usize) -> u64 {
        let ratio = match self {
            Self::Gzip => 1032,
            Self::Brotli => u64::MAX,
            Self::Lz4 => 255,
        };
        (bytes as u64).saturating_mul(ratio)
    }

    /// Whether these bytes become no more than `most`. What is damaged is left to the decoder to tell.
    fn keeps_within(self, packed: &[u8], most: u64) -> bool {
        let count = |reader: &mut dyn Read| {
            let mut reader = reader.take(most.saturating_add(1));
            let (mut chunk, mut count) = ([0; 8 << 10], 0);
            while let Ok(read @ 1..) = reader.read(&mut chunk) {
                count += read as u64;
            }
            count
        };
        let unpacked = match self {
            Self::Gzip => count(&mut MultiGzDecoder::new(packed)),
            Self::Brotli => count(&mut brotli::Decompressor::new(packed, 4 << 10)),
            Self::Lz4 => count(&mut FrameDecoder::new(packed)),
        };
        unpacked <= most
    }
}

/// Looks at the pages of a column chunk, packed as they are.
struct Watch<R: ChunkReader> {
    codec: Boundless,
    /// As long as its column may be.
    most: u64,
    packed: SerializedPageReader<Headers<R>>,
}

impl<R: ChunkReader> Watch<R> {
    /// `None` for codecs that stop by themselves.
    fn of(file: &Arc<R>, column: &ColumnChunkMetaData, rows: usize) -> Result<Option<Self>, ParquetError> {
        let Some(codec) = Boundless::of(column.compression()) else { return Ok(None) };
        let most = column.uncompressed_size().max(0).cast_unsigned().clamp(LENIENT, LONGEST);
        let column = column.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build()?;
        let packed = SerializedPageReader::new(Arc::new(Headers(file.clone())), &column, rows, None)?;
        Ok(Some(Self { codec, most, packed }))
    }

    /// Looks at the next page; false at the end.
    fn look(&mut self) -> Result<bool, ParquetError> {
        let Some(page) = self.packed.get_next_page()? else { return Ok(false) };
        let levels = match page {
            Page::DataPageV2 { is_compressed: false, .. } => return Ok(true),
            Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
                def_levels_byte_len as usize + rep_levels_byte_len as usize
            }
            Page::DataPage { .. } | Page::DictionaryPage { .. } => 0,
        };
        let packed = page.buffer().get(levels..).unwrap_or_default();
        let (harmless, most) = (most(packed.len() as u64), self.most.min(most(packed.len() as u64)));
        if self.codec.longest(packed.len()) > harmless && !self.codec.keeps_within(packed, most) {
            let why = format!("a page unpacks to more than {most} bytes, which its column does not have");
            return Err(ParquetError::General(why));
        }
        Ok(true)
    }
}

/// Looks at all pages of a column chunk.
///
/// # Errors
/// A page that unpacks to more than it may.
pub(crate) fn check<R: ChunkReader>(
    file: &Arc<R>,
    column: &ColumnChunkMetaData,
    rows: usize,
) -> Result<(), ParquetError> {
    match Watch::of(file, column, rows)? {
        Some(mut watch) => while watch.look()? {},
        None => {
            let file = Arc::new(Headers(file.clone()));
            let mut pages = SerializedPageReader::new(file, column, rows, None)?;
            while pages.peek_next_page()?.is_some() {
                pages.skip_next_page()?;
            }
        }
    }
    Ok(())
}

/// The pages of a column chunk, each looked at before it is unpacked.
pub(super) struct Pages<R: ChunkReader> {
    watch: Option<Watch<R>>,
    pages: SerializedPageReader<Headers<R>>,
}

impl<R: ChunkReader> Pages<R> {
    pub(super) fn new(
        file: &Arc<R>,
        column: &ColumnChunkMetaData,
        rows: usize,
    ) -> Result<Self, ParquetError> {
        let watch = Watch::of(file, column, rows)?;
        let file = Arc::new(Headers(file.clone()));
        Ok(Self { watch, pages: SerializedPageReader::new(file, column, rows, None)? })
    }
}

impl<R: ChunkReader> Iterator for Pages<R> {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl<R: ChunkReader> PageReader for Pages<R> {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        if let Some(watch) = &mut self.watch {
            watch.look()?;
        }
        self.pages.get_next_page()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        if let Some(watch) = &mut self.watch {
            watch.packed.skip_next_page()?;
        }
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool, ParquetError> {
        self.pages.at_record_boundary()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const LONG: usize = 100_000;

    #[test]
    fn what_becomes_longer_than_it_may_is_found_in_every_codec_that_does_not_stop() {
        let zeros = [0; LONG];
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&zeros).unwrap();
        let mut brotli = brotli::CompressorWriter::new(Vec::new(), 4096, 1, 22);
        brotli.write_all(&zeros).unwrap();
        let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
        lz4.write_all(&zeros).unwrap();
        let packed = [
            (Boundless::Gzip, gzip.finish().unwrap()),
            (Boundless::Brotli, brotli.into_inner()),
            (Boundless::Lz4, lz4.finish().unwrap()),
        ];
        for (codec, bytes) in packed {
            assert!(codec.longest(bytes.len()) >= LONG as u64, "{codec:?}");
            assert!(codec.keeps_within(&bytes, LONG as u64), "{codec:?}");
            assert!(!codec.keeps_within(&bytes, LONG as u64 - 1), "{codec:?}");
            assert!(codec.keeps_within(b"damaged", 0), "{codec:?}");
        }
    }
}
