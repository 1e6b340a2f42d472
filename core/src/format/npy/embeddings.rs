//! Arrays of float32 and float16 as embeddings.

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::{Dtype, Header, Kind, NpyError, parse_header};

/// Halves that are turned at a time: 4 KiB of the stack.
const HALVES: usize = 2048;

impl Header {
    /// Checks that the array can be embeddings; gives `n_samples` and `n_features`.
    ///
    /// # Errors
    /// [`NpyError::EmbeddingsDtype`] for other elements than float32 and float16, [`NpyError::EmbeddingsShape`] for other
    /// than two axes, [`NpyError::EmbeddingsFeatures`] for rows without features or with too many.
    pub fn embeddings(&self) -> Result<(u64, usize), NpyError> {
        if self.dtype.kind != Kind::Float || self.dtype.size > 4 {
            return Err(NpyError::EmbeddingsDtype { dtype: self.dtype });
        }
        let &[n_samples, n_features] = &self.shape[..] else {
            return Err(NpyError::EmbeddingsShape { shape: self.shape_text() });
        };
        match u32::try_from(n_features) {
            Ok(features @ 1..) => Ok((n_samples, features as usize)),
            _ => Err(NpyError::EmbeddingsFeatures { shape: self.shape_text() }),
        }
    }
}

/// Writes the elements of type `dtype` (float32 or float16) that are `bytes` to `out`.
///
/// # Panics
/// If there are not as many bytes as `out` needs.
pub fn decode(dtype: Dtype, bytes: &[u8], out: &mut [f32]) {
    assert_eq!(bytes.len(), out.len() * dtype.size, "the bytes of {} values", out.len());
    if dtype.size == 4 {
        for (value, &bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
            *value = if dtype.big_endian { f32::from_be_bytes(bytes) } else { f32::from_le_bytes(bytes) };
        }
        return;
    }
    let mut halves = [f16::ZERO; HALVES];
    for (out, bytes) in out.chunks_mut(HALVES).zip(bytes.chunks(2 * HALVES)) {
        let halves = &mut halves[..out.len()];
        for (half, &bytes) in halves.iter_mut().zip(bytes.as_chunks().0) {
            *half = if dtype.big_endian { f16::from_be_bytes(bytes) } else { f16::from_le_bytes(bytes) };
        }
        halves.convert_to_f32_slice(out);
    }
}

/// What of embeddings may be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most rows.
    pub rows: u64,
    /// The most bytes of the rows as float32, whatever they are in the file.
    pub bytes: u64,
}

impl Default for Limits {
    /// No limit but the memory's.
    fn default() -> Self {
        Self { rows: u64::MAX, bytes: u64::MAX }
    }
}

/// Reads the embeddings of a whole file in memory; gives rows of shape `(n_samples, n_features)`, row-major whatever the
/// file's order, and `n_features`.
///
/// ```
/// use clusterclip_core::format::npy::{Dtype, Limits, embeddings, header};
/// let mut file = header(Dtype::F32, &[2, 1]);
/// file.extend([0.5f32, 2.0].iter().flat_map(|x| x.to_le_bytes()));
/// assert_eq!(embeddings(&file, Limits::default())?, (vec![0.5, 2.0], 1));
/// # Ok::<(), clusterclip_core::format::npy::NpyError>(())
/// ```
///
/// # Errors
/// [`NpyError`]; the caller adds the file.
pub fn embeddings(file: &[u8], limits: Limits) -> Result<(Vec<f32>, usize), NpyError> {
    let header = parse_header(file)?;
    header.check_length(file.len() as u64)?;
    let (n_samples, n_features) = header.embeddings()?;
    // The file was found to hold them, so their number fits.
    let data = &file[header.data_offset as usize..];
    let count = data.len() / header.dtype.size;
    let bytes = (count * size_of::<f32>()) as u64;
    for (found, limit, unit) in
        [(n_samples, limits.rows, "rows"), (bytes, limits.bytes, "bytes of float32 values")]
    {
        if found > limit {
            return Err(NpyError::Limit { limit, unit, shape: header.shape_text() });
        }
    }
    let no_room = |_| NpyError::Memory { values: count as u64, shape: header.shape_text() };
    let mut rows = Vec::new();
    rows.try_reserve_exact(count).map_err(no_room)?;
    rows.resize(count, 0.0);
    if !header.fortran_order {
        decode(header.dtype, data, &mut rows);
        return Ok((rows, n_features));
    }
    let mut column = vec![0.0; n_samples as usize];
    for (feature, bytes) in data.chunks_exact((n_samples as usize * header.dtype.size).max(1)).enumerate() {
        decode(header.dtype, bytes, &mut column);
        for (row, &value) in rows.chunks_exact_mut(n_features).zip(&column) {
            row[feature] = value;
        }
    }
    Ok((rows, n_features))
}

#[cfg(test)]
mod tests {
    use super::super::header;
    use super::*;

    fn file(dtype: Dtype, shape: &[u64], data: impl IntoIterator<Item = u8>) -> Vec<u8> {
        header(dtype, shape).into_iter().chain(data).collect()
    }

    #[test]
    fn every_type_and_order_gives_the_same_rows() {
        let rows = [1.0f32, -2.5, 0.25, 4.0, 5.0, -6.0];
        let by_columns = [1.0f32, 0.25, 5.0, -2.5, 4.0, -6.0];
        let shape = [3, 2];
        let big = |dtype: Dtype| Dtype { big_endian: true, ..dtype };
        let mut files = vec![
            file(Dtype::F32, &shape, rows.iter().flat_map(|x| x.to_le_bytes())),
            file(big(Dtype::F32), &shape, rows.iter().flat_map(|x| x.to_be_bytes())),
            file(Dtype::F16, &shape, rows.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes())),
            file(big(Dtype::F16), &shape, rows.iter().flat_map(|&x| f16::from_f32(x).to_be_bytes())),
        ];
        let mut fortran = file(Dtype::F32, &shape, by_columns.iter().flat_map(|x| x.to_le_bytes()));
        let at = fortran.windows(5).position(|word| word == b"False").unwrap();
        fortran[at..at + 5].copy_from_slice(b"True ");
        files.push(fortran);
        for file in files {
            assert_eq!(embeddings(&file, Limits::default()), Ok((rows.to_vec(), 2)));
        }
    }

    #[test]
    fn limits_count_rows_and_what_halves_become() {
        let limited = |dtype: Dtype, rows, bytes| {
            let file = file(dtype, &[3, 2], std::iter::repeat_n(0, 6 * dtype.size));
            embeddings(&file, Limits { rows, bytes }).map(|(rows, _)| rows.len()).map_err(|e| e.to_string())
        };
        for dtype in [Dtype::F32, Dtype::F16] {
            assert_eq!(limited(dtype, 3, 24), Ok(6));
            assert!(limited(dtype, 2, 24).unwrap_err().starts_with("more than the 2 rows that can be held"));
            assert!(
                limited(dtype, 3, 23).unwrap_err().starts_with("more than the 23 bytes of float32 values")
            );
        }
    }

    #[test]
    fn what_is_no_table_of_floats_is_refused() {
        let refused = |file: &[u8]| embeddings(file, Limits::default()).unwrap_err().to_string();
        assert!(refused(&file(Dtype::I32, &[1, 1], [0; 4])).contains("int32; float32 or float16"));
        assert!(refused(&file(Dtype::F32, &[2], [0; 8])).contains("(2,); embeddings have two axes"));
        assert!(refused(&file(Dtype::F32, &[2, 0], [])).contains("(2, 0); rows have 1 to"));
        assert!(refused(&file(Dtype::F32, &[2, 1], [0; 7])).contains("cut off"));
        assert_eq!(embeddings(&file(Dtype::F32, &[0, 3], []), Limits::default()), Ok((vec![], 3)));
    }
}
