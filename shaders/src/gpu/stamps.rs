//! Proof that every batch was done.
//!
//! A system may kill a batch that takes long and go on with the next. Not every driver tells: with Metal, wgpu counts
//! a failed batch as done. So each batch ends by copying a number to a place of its own, and a read holds all of
//! them against the number: results of a batch that was left out never pass for results.

use wgpu::{Buffer, BufferDescriptor, BufferUsages, CommandEncoder, Device, Queue};

/// Places. With more batches between two reads they are used again.
const PLACES: u64 = 16384;

/// The stamps of the batches since the last read.
#[derive(Debug)]
pub(super) struct Stamps {
    number: Buffer,
    places: Buffer,
    /// What `number` holds: another number after each read, so that nothing old passes.
    value: u32,
    batches: u64,
}

impl Stamps {
    pub fn new(device: &Device) -> Self {
        let make = |size| {
            device.create_buffer(&BufferDescriptor {
                label: Some("stamps"),
                size,
                usage: BufferUsages::COPY_SRC | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        };
        Self { number: make(4), places: make(4 * PLACES), value: 0, batches: 0 }
    }

    /// Ends a batch with its stamp.
    pub fn stamp(&mut self, queue: &Queue, encoder: &mut CommandEncoder) {
        if self.batches == 0 {
            self.value = self.value.wrapping_add(1);
            queue.write_buffer(&self.number, 0, &self.value.to_le_bytes());
        }
        let place = 4 * (self.batches % PLACES);
        encoder.copy_buffer_to_buffer(&self.number, 0, &self.places, place, 4);
        self.batches += 1;
    }

    /// Where the stamps since the last read are, and how many bytes.
    pub fn all(&self) -> (Buffer, u64) {
        (self.places.clone(), 4 * self.batches.min(PLACES))
    }

    /// Whether all that came back are there; begins anew.
    pub fn check(&mut self, read: &[u8]) -> bool {
        self.batches = 0;
        read.as_chunks().0.iter().all(|&stamp| u32::from_le_bytes(stamp) == self.value)
    }
}
