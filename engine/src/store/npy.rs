//! Arrays as .npy files, streamed.

use std::fs::File;
use std::io::{Read, Write as _};
use std::marker::PhantomData;
use std::path::Path;

use bytemuck::Pod;
use clusterclip_core::format::npy::{self, Dtype};
use clusterclip_core::monitor::Monitor;

use super::error::{Remedy, StoreError};
use super::file::{FileWriter, FinishedFile};

/// Labels that are read at a time: 1 MiB.
const PIECE: usize = 1 << 18;

/// A number that arrays are made of.
pub trait NpyValue: Pod {
    /// The type as headers name it.
    const DTYPE: Dtype;
}

impl NpyValue for f32 {
    const DTYPE: Dtype = Dtype::F32;
}
impl NpyValue for half::f16 {
    const DTYPE: Dtype = Dtype::F16;
}
impl NpyValue for i32 {
    const DTYPE: Dtype = Dtype::I32;
}
impl NpyValue for u32 {
    const DTYPE: Dtype = Dtype::U32;
}
impl NpyValue for u64 {
    const DTYPE: Dtype = Dtype::U64;
}

/// Streams an array in C order. Its shape is known beforehand, so that bytes are hashed as they pass.
#[derive(Debug)]
pub struct NpyWriter<T> {
    file: FileWriter,
    expected: u64,
    written: u64,
    values: PhantomData<T>,
}

impl<T: NpyValue> NpyWriter<T> {
    /// Begins an array of `shape`, such as (n_samples, n_features).
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn new(mut file: FileWriter, shape: &[u64]) -> Result<Self, StoreError> {
        file.write_all(&npy::header(T::DTYPE, shape))
            .map_err(|cause| StoreError::io("write", file.target(), cause))?;
        let expected = shape.iter().product();
        Ok(Self { file, expected, written: 0, values: PhantomData })
    }

    /// Adds values in C order.
    ///
    /// # Errors
    /// [`StoreError::Count`] when they exceed the shape, [`StoreError::Io`].
    pub fn write(&mut self, values: &[T]) -> Result<(), StoreError> {
        self.written += values.len() as u64;
        if self.written > self.expected {
            return Err(self.count());
        }
        let written = if cfg!(target_endian = "little") {
            self.file.write_all(bytemuck::cast_slice(values))
        } else {
            values.iter().try_for_each(|value| {
                let mut bytes = *value;
                let bytes = bytemuck::bytes_of_mut(&mut bytes);
                bytes.reverse();
                self.file.write_all(bytes)
            })
        };
        written.map_err(|cause| StoreError::io("write", self.file.target(), cause))
    }

    /// Ends the array.
    ///
    /// # Errors
    /// [`StoreError::Count`] when values are missing, [`StoreError::Io`].
    pub fn finish(self) -> Result<FinishedFile, StoreError> {
        if self.written != self.expected {
            return Err(self.count());
        }
        self.file.finish()
    }

    fn count(&self) -> StoreError {
        StoreError::Count {
            path: self.file.target().to_path_buf(),
            expected: self.expected,
            got: self.written,
            unit: "values",
        }
    }
}

/// Opens a labels.npy that this program wrote, int32, (n_samples,), at its first label; says how many there are.
fn open_labels(path: &Path) -> Result<(File, u64), StoreError> {
    let failed = |cause| StoreError::io("read", path, cause);
    let damaged =
        |why: String| StoreError::Damaged { path: path.to_path_buf(), why, remedy: Remedy::Replace };
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    // Our own headers have 128 bytes: one axis does not fill the second 64.
    let mut start = Vec::new();
    Read::by_ref(&mut file).take(128).read_to_end(&mut start).map_err(failed)?;
    let header = npy::parse_header(&start).map_err(|error| damaged(error.to_string()))?;
    header.check_length(length).map_err(|error| damaged(error.to_string()))?;
    let &[n] = &header.shape[..] else {
        return Err(damaged(format!("its shape is {}, not one axis", header.shape_text())));
    };
    if header.dtype != Dtype::I32 || header.data_offset != start.len() as u64 {
        return Err(damaged("it holds no int32 written by clusterclip".to_owned()));
    }
    Ok((file, n))
}

/// Reads a labels.npy that this program wrote: int32, (n_samples,).
///
/// # Errors
/// [`StoreError::Io`]; [`StoreError::Damaged`] when it is another kind of array or has another length than its
/// header says.
pub fn read_labels(path: &Path) -> Result<Vec<i32>, StoreError> {
    let (mut file, n) = open_labels(path)?;
    // The file was found to hold n values, so this is no more than its length.
    let n = usize::try_from(n).map_err(|_| StoreError::Damaged {
        path: path.to_path_buf(),
        why: "it is too long for this machine".to_owned(),
        remedy: Remedy::Replace,
    })?;
    let mut labels = vec![0i32; n];
    file.read_exact(bytemuck::cast_slice_mut(&mut labels))
        .map_err(|cause| StoreError::io("read", path, cause))?;
    labels.iter_mut().for_each(|label| *label = i32::from_le(*label));
    Ok(labels)
}

/// Reads a labels.npy and keeps the rows without a cluster alone, ascending; `clustered` rows have one.
///
/// # Errors
/// As [`read_labels`]; also when another number of rows has a cluster; [`StoreError::Cancelled`].
pub(super) fn unclustered(path: &Path, clustered: u64, monitor: &Monitor) -> Result<Vec<u64>, StoreError> {
    let (mut file, n) = open_labels(path)?;
    let mut rows = Vec::new();
    let mut piece = vec![0i32; PIECE];
    let mut start = 0;
    // Where every row has a cluster, none is looked for.
    while n != clustered && start < n {
        monitor.check()?;
        let labels = &mut piece[..(n - start).min(PIECE as u64) as usize];
        file.read_exact(bytemuck::cast_slice_mut(labels))
            .map_err(|cause| StoreError::io("read", path, cause))?;
        let without = (start..).zip(&*labels).filter(|&(_, &label)| i32::from_le(label) < 0);
        rows.extend(without.map(|(row, _)| row));
        start += labels.len() as u64;
    }
    if n - rows.len() as u64 != clustered {
        let why = format!("it has {} labels of clusters, not {clustered}", n - rows.len() as u64);
        return Err(StoreError::Damaged { path: path.to_path_buf(), why, remedy: Remedy::Replace });
    }
    Ok(rows)
}
