//! Work on all cores, or on the calling thread where there is only one.
//!
//! With the feature `threads` these run on the current rayon pool; without it (wasm32) the same closures run
//! in order. Results never depend on which: every function returns them in index order, and callers combine
//! them in that order.
//!
//! ```
//! use clusterclip_core::par;
//! assert_eq!(par::map(4, |i| i * i), [0, 1, 4, 9]);
//! let mut values = [1, 2, 3, 4, 5];
//! let sums = par::map_chunks_mut(&mut values, 2, |i, chunk| {
//!     chunk.iter_mut().for_each(|value| *value += 10 * i);
//!     chunk.iter().sum::<usize>()
//! });
//! assert_eq!(values, [1, 2, 13, 14, 25]);
//! assert_eq!(sums, [3, 27, 25]);
//! ```

/// Calls `f` with every index in `0..count` and returns the results in index order.
pub fn map<T: Send>(count: usize, f: impl Fn(usize) -> T + Send + Sync) -> Vec<T> {
    #[cfg(feature = "threads")]
    {
        use rayon::prelude::*;
        (0..count).into_par_iter().with_max_len(1).map(f).collect()
    }
    #[cfg(not(feature = "threads"))]
    {
        (0..count).map(f).collect()
    }
}

/// Splits `slice` in chunks of `chunk_len` (the last may be shorter), calls `f` with each chunk and its index,
/// and returns the results in index order.
///
/// # Panics
/// If `chunk_len` is 0.
pub fn map_chunks_mut<T: Send, R: Send>(
    slice: &mut [T],
    chunk_len: usize,
    f: impl Fn(usize, &mut [T]) -> R + Send + Sync,
) -> Vec<R> {
    #[cfg(feature = "threads")]
    {
        use rayon::prelude::*;
        slice.par_chunks_mut(chunk_len).with_max_len(1).enumerate().map(|(i, chunk)| f(i, chunk)).collect()
    }
    #[cfg(not(feature = "threads"))]
    {
        slice.chunks_mut(chunk_len).enumerate().map(|(i, chunk)| f(i, chunk)).collect()
    }
}

/// How many threads [`map`] works on.
pub fn threads() -> usize {
    #[cfg(feature = "threads")]
    {
        rayon::current_num_threads()
    }
    #[cfg(not(feature = "threads"))]
    {
        1
    }
}
