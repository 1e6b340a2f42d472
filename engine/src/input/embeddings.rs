//! Embeddings from a .npy file, by positioned reads: never mapped, never all held.
//!
//! ```
//! use clusterclip_core::format::npy::{Dtype, header};
//! use clusterclip_core::rows::RowSource as _;
//! use clusterclip_engine::input::embeddings::NpyRows;
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("rows.npy");
//! let mut bytes = header(Dtype::F32, &[2, 3]);
//! bytes.extend([1.0f32, 0.0, 0.0, 0.0, 1.0, 0.0].iter().flat_map(|value| value.to_le_bytes()));
//! std::fs::write(&file, bytes)?;
//! let rows = NpyRows::open(&file)?;
//! assert_eq!((rows.n_samples(), rows.n_features()), (2, 3));
//! assert_eq!(rows.all()?[4], 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::io::{self, Read, Seek};
use std::path::Path;

use clusterclip_core::format::npy::{self, Dtype, Header, NpyError};
use clusterclip_core::monitor::Monitor;
use clusterclip_core::rows::{RowSource, SourceError};

use super::given::Given;
use super::positioned::read_exact_at;
use super::reader::read_up_to;
use crate::error::{FileError, Result, Within as _};

/// The rows of a .npy file: float32 or float16, `(n_samples, n_features)`, C or Fortran order.
#[derive(Debug)]
pub struct NpyRows {
    given: Given,
    header: Header,
    n_samples: u64,
    n_features: usize,
}

impl NpyRows {
    /// Opens the file and checks header and length. Rows are read when they are asked for.
    ///
    /// # Errors
    /// A file that cannot be read, or one of another type, shape or length than its header should say.
    pub fn open(path: &Path) -> Result<Self> {
        let given = Given::open(path)?;
        let header = npy_header(&given)?;
        let (n_samples, n_features) = header.embeddings().within(|| path.display().to_string())?;
        Ok(Self { given, header, n_samples, n_features })
    }

    /// Hashes the bytes of the file: XXH3-128.
    ///
    /// # Errors
    /// A file that cannot be read, and [`Cancelled`](clusterclip_core::monitor::Cancelled).
    pub fn hash(&self, monitor: &Monitor<'_>) -> Result<u128> {
        self.given.hash(monitor)
    }

    /// Reads all rows, row-major.
    ///
    /// # Errors
    /// A file that cannot be read, or more than memory holds.
    pub fn all(&self) -> Result<Vec<f32>> {
        let too_large = || NpyError::TooLarge { shape: self.header.shape_text() };
        let rows = usize::try_from(self.n_samples).ok().and_then(|rows| rows.checked_mul(self.n_features));
        let count = rows.ok_or_else(too_large)?;
        let mut values = Vec::new();
        values.try_reserve_exact(count).map_err(|_| too_large())?;
        values.resize(count, 0.0);
        self.rows(0, &mut values).map_err(FileError::read(self.path()))?;
        Ok(values)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.given.path()
    }

    /// Refuses a file that was written to since it was opened: results from it would be of no one state of it.
    ///
    /// # Errors
    /// Another length or time of writing than at first, and a file whose state cannot be read.
    pub fn check_unchanged(&self) -> Result<()> {
        Ok(self.given.check_unchanged()?)
    }

    /// Reads `out.len()` elements that lie one after another in the file, from element `first` on.
    fn elements(&self, first: u64, out: &mut [f32]) -> io::Result<()> {
        let dtype = self.header.dtype;
        let offset = self.header.data_offset + first * dtype.size as u64;
        if dtype == Dtype::F32 && cfg!(target_endian = "little") {
            return read_exact_at(self.given.file(), bytemuck::cast_slice_mut(out), offset);
        }
        let mut bytes = vec![0; out.len() * dtype.size];
        read_exact_at(self.given.file(), &mut bytes, offset)?;
        npy::decode(dtype, &bytes, out);
        Ok(())
    }

    fn rows(&self, start: u64, out: &mut [f32]) -> io::Result<()> {
        if !self.header.fortran_order {
            return self.elements(start * self.n_features as u64, out);
        }
        // Each feature is a column of its own in the file.
        let rows = out.len() / self.n_features;
        let mut column = vec![0.0; rows];
        for feature in 0..self.n_features {
            self.elements(feature as u64 * self.n_samples + start, &mut column)?;
            for (row, value) in out.chunks_exact_mut(self.n_features).zip(&column) {
                row[feature] = *value;
            }
        }
        Ok(())
    }
}

impl RowSource for NpyRows {
    fn n_samples(&self) -> u64 {
        self.n_samples
    }

    fn n_features(&self) -> usize {
        self.n_features
    }

    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), SourceError> {
        let rows = (out.len() / self.n_features) as u64;
        if !out.len().is_multiple_of(self.n_features)
            || start.checked_add(rows).is_none_or(|end| end > self.n_samples)
        {
            let n_samples = self.n_samples;
            return Err(
                format!("{} values from row {start} on are not among {n_samples} rows", out.len()).into()
            );
        }
        self.rows(start, out).map_err(|error| {
            let last = start + rows.saturating_sub(1);
            format!("{}: rows {start} to {last} cannot be read: {error}", self.given.path().display()).into()
        })
    }
}

/// Reads the header of a .npy file and checks its length against it.
pub(crate) fn npy_header(given: &Given) -> Result<Header> {
    let name = || given.path().display().to_string();
    let cannot = FileError::read(given.path());
    let mut file = given.file();
    file.rewind().map_err(cannot)?;
    let mut start = vec![0; npy::PREAMBLE];
    let read = read_up_to(&mut file, &mut start).map_err(cannot)?;
    start.truncate(read);
    let length = npy::header_length(&start).within(name)?;
    let more = length.saturating_sub(start.len()) as u64;
    file.take(more).read_to_end(&mut start).map_err(cannot)?;
    let header = npy::parse_header(&start).within(name)?;
    header.check_length(given.length()).within(name)?;
    Ok(header)
}
