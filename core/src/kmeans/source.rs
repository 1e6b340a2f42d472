//! The rows of a source that are clustered, read and quantised block by block.

use super::params::KMeansError;
use super::quantize::Quantizer;
use crate::monitor::Monitor;
use crate::par;
use crate::rows::RowSource;

/// How many f32 values are read at a time: 8 MiB, some thousands of rows, keeps every core busy between reads.
const BLOCK_VALUES: usize = 1 << 21;

/// The rows of a source that are clustered: all but the featureless ones.
pub(super) struct Rows<'a, S> {
    source: &'a S,
    featureless: Option<&'a [bool]>,
    clustered: u64,
    /// Clustered rows before each stretch of [`STRETCH`] flags.
    starts: Vec<u64>,
}

/// Flags between two entries of [`Rows::starts`].
const STRETCH: usize = 4096;

/// Consecutive rows of the source, some of them featureless.
pub(super) struct Block<'a> {
    /// The first row.
    pub start: u64,
    /// The rows, row-major.
    pub values: &'a [f32],
    featureless: Option<&'a [bool]>,
}

impl Block<'_> {
    /// The places in this block of the rows that are clustered.
    pub fn clustered(&self, n_features: usize) -> Vec<usize> {
        let rows = 0..self.values.len() / n_features;
        match self.featureless {
            Some(flags) => rows.filter(|&i| !flags[i]).collect(),
            None => rows.collect(),
        }
    }
}

impl<'a, S: RowSource> Rows<'a, S> {
    /// Takes the rows that `featureless` does not flag.
    ///
    /// # Errors
    /// When there is not one flag for each row.
    pub fn new(source: &'a S, featureless: Option<&'a [bool]>) -> Result<Self, KMeansError> {
        let n_samples = source.n_samples();
        let (mut clustered, mut starts) = (n_samples, Vec::new());
        if let Some(flags) = featureless {
            if flags.len() as u64 != n_samples {
                return Err(KMeansError::Mask { flags: flags.len(), n_samples });
            }
            clustered = 0;
            for stretch in flags.chunks(STRETCH) {
                starts.push(clustered);
                clustered += stretch.iter().filter(|&&flag| !flag).count() as u64;
            }
        }
        Ok(Self { source, featureless, clustered, starts })
    }

    /// How many rows the source has.
    pub fn n_samples(&self) -> u64 {
        self.source.n_samples()
    }

    /// How many rows are clustered.
    pub fn n_clustered(&self) -> u64 {
        self.clustered
    }

    /// Whether row `row` of the source has no features.
    pub fn is_featureless(&self, row: usize) -> bool {
        self.featureless.is_some_and(|flags| flags[row])
    }

    /// The row of the source, for a clustered row counted without the featureless ones.
    pub fn source_row(&self, clustered: u64) -> u64 {
        let Some(flags) = self.featureless else { return clustered };
        // The last stretch that begins at or before the wanted row holds it.
        let stretch = self.starts.partition_point(|&start| start <= clustered) - 1;
        let skip = (clustered - self.starts[stretch]) as usize;
        let rows = flags.iter().enumerate().skip(stretch * STRETCH).filter(|&(_, &flag)| !flag);
        rows.map(|(row, _)| row as u64).nth(skip).unwrap_or_else(|| panic!("no clustered row {clustered}"))
    }

    /// Reads and quantises one row of the source.
    pub fn quantize_row(&self, quantizer: &Quantizer, row: u64) -> Result<Vec<i8>, KMeansError> {
        let mut values = vec![0.0; quantizer.n_features()];
        self.source.read(row, &mut values).map_err(|source| KMeansError::Source { row, source })?;
        let mut q = vec![0; quantizer.columns()];
        quantizer
            .quantize(&values, &mut q, &mut Vec::new())
            .map_err(|error| KMeansError::Row { row, error })?;
        Ok(q)
    }

    /// Calls `f` with all rows, block by block, and looks at the cancel flag between them.
    pub fn for_each_block(
        &self,
        monitor: &Monitor<'_>,
        mut f: impl FnMut(Block<'_>) -> Result<(), KMeansError>,
    ) -> Result<(), KMeansError> {
        let mut reader = self.reader();
        while let Some(block) = reader.next()? {
            monitor.check()?;
            f(block)?;
        }
        Ok(())
    }

    /// Reads block by block, for loops that wait for a device in between.
    pub fn reader(&self) -> Reader<'_, 'a, S> {
        let n_features = self.source.n_features();
        let block_rows = (BLOCK_VALUES / n_features).max(1) as u64;
        Reader { rows: self, start: 0, block_rows, buffer: Vec::new() }
    }
}

/// See [`Rows::reader`].
pub(super) struct Reader<'r, 'a, S> {
    rows: &'r Rows<'a, S>,
    start: u64,
    block_rows: u64,
    buffer: Vec<f32>,
}

impl<S: RowSource> Reader<'_, '_, S> {
    /// The next block, until there are no more rows.
    pub fn next(&mut self) -> Result<Option<Block<'_>>, KMeansError> {
        let source = self.rows.source;
        let (row, n_features) = (self.start, source.n_features());
        let count = self.block_rows.min(source.n_samples() - row) as usize;
        if count == 0 {
            return Ok(None);
        }
        self.buffer.resize(count * n_features, 0.0);
        source.read(row, &mut self.buffer).map_err(|source| KMeansError::Source { row, source })?;
        self.start += count as u64;
        // One flag a row is held in memory, so a row number of the source fits usize here.
        let featureless = self.rows.featureless.map(|flags| &flags[row as usize..][..count]);
        Ok(Some(Block { start: row, values: &self.buffer, featureless }))
    }
}

/// Rows quantised in parallel, in row order, without the featureless ones.
pub(super) fn quantize_block(
    block: &Block<'_>,
    quantizer: &Quantizer,
    rows: &mut Vec<i8>,
    own_best: &mut Vec<i32>,
) -> Result<(), KMeansError> {
    /// Rows a thread takes at a time.
    const CHUNK: usize = 64;
    let (n_features, columns) = (quantizer.n_features(), quantizer.columns());
    let clustered = block.clustered(n_features);
    rows.resize(clustered.len() * columns, 0);
    let chunks = par::map_chunks_mut(rows, CHUNK * columns, |chunk, out| {
        let mut scratch = Vec::new();
        let places = clustered[chunk * CHUNK..].iter().zip(out.chunks_exact_mut(columns));
        places
            .map(|(&i, q)| {
                quantizer
                    .quantize(&block.values[i * n_features..][..n_features], q, &mut scratch)
                    .map_err(|error| KMeansError::Row { row: block.start + i as u64, error })
            })
            .collect::<Result<Vec<i32>, _>>()
    });
    own_best.clear();
    for chunk in chunks {
        own_best.extend(chunk?);
    }
    Ok(())
}
