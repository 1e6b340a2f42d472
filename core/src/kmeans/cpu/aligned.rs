//! Bytes in lines of 64, aligned, so that no vector load straddles two cache lines.

use bytemuck::{Pod, Zeroable};

/// 64 bytes.
pub(super) const LINE: usize = 64;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct CacheLine([u8; LINE]);

/// A growing, aligned run of bytes whose length is a multiple of 64.
#[derive(Default)]
pub(super) struct AlignedBytes(Vec<CacheLine>);

impl AlignedBytes {
    /// Room for `bytes` bytes; `None` when memory does not suffice.
    pub fn with_capacity(bytes: usize) -> Option<Self> {
        let mut lines = Vec::new();
        lines.try_reserve_exact(bytes / LINE).ok()?;
        Some(Self(lines))
    }

    /// `count` times `bytes` zeros; `None` when memory does not suffice.
    pub fn zeros(count: usize, bytes: usize) -> Option<Self> {
        let bytes = count.checked_mul(bytes)?;
        let mut lines = Self::with_capacity(bytes)?;
        lines.extend_zeros(bytes);
        Some(lines)
    }

    /// Appends `bytes` zeros.
    pub fn extend_zeros(&mut self, bytes: usize) {
        self.0.resize(self.0.len() + bytes / LINE, CacheLine([0; LINE]));
    }

    /// Appends bytes as they are.
    pub fn extend_bytes(&mut self, bytes: &[u8]) {
        self.0.extend(bytes.as_chunks().0.iter().map(|&line| CacheLine(line)));
    }

    /// Appends rows with `offset` added to every byte.
    pub fn extend(&mut self, rows: &[i8], offset: u8) {
        self.0.extend(rows.chunks_exact(LINE).map(|row| {
            let mut line = [0; LINE];
            for (to, &q) in line.iter_mut().zip(row) {
                *to = (q as u8).wrapping_add(offset);
            }
            CacheLine(line)
        }));
    }

    pub fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        bytemuck::cast_slice_mut(&mut self.0)
    }
}
