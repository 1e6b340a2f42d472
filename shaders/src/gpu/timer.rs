//! How long each stage takes, by the device's own clock.

use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoder, ComputePassTimestampWrites, Device, QuerySet,
    QuerySetDescriptor, QueryType, Queue,
};

/// Stages that can be timed between two reads; those beyond are not.
const MOST: u32 = 1024;

/// Time that went into a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageTime {
    /// Its name.
    pub stage: &'static str,
    /// How often it was timed.
    pub dispatches: u64,
    /// Seconds on the device, all dispatches together.
    pub seconds: f64,
}

/// Takes the time before and after each stage.
#[derive(Debug)]
pub(super) struct Timer {
    queries: QuerySet,
    resolved: Buffer,
    /// Seconds of a tick.
    tick: f64,
    /// Stages since the last read.
    pending: Vec<&'static str>,
    pub times: Vec<StageTime>,
}

impl Timer {
    /// For a device that has timestamp queries.
    pub fn new(device: &Device, queue: &Queue) -> Self {
        let queries = device.create_query_set(&QuerySetDescriptor {
            label: Some("stage times"),
            ty: QueryType::Timestamp,
            count: 2 * MOST,
        });
        let resolved = device.create_buffer(&BufferDescriptor {
            label: Some("stage times"),
            size: 16 * u64::from(MOST),
            usage: BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        let tick = f64::from(queue.get_timestamp_period()) * 1e-9;
        Self { queries, resolved, tick, pending: Vec::new(), times: Vec::new() }
    }

    /// What a pass is to write, for one more stage.
    pub fn next(&mut self, stage: &'static str) -> Option<ComputePassTimestampWrites<'_>> {
        let at = 2 * self.pending.len() as u32;
        (at < 2 * MOST).then(|| {
            self.pending.push(stage);
            ComputePassTimestampWrites {
                query_set: &self.queries,
                beginning_of_pass_write_index: Some(at),
                end_of_pass_write_index: Some(at + 1),
            }
        })
    }

    /// Copies what the stages before it took to a buffer; gives it and how many bytes there are.
    pub fn resolve(&self, encoder: &mut CommandEncoder) -> Option<(Buffer, u64)> {
        let count = self.pending.len() as u32;
        (count > 0).then(|| {
            encoder.resolve_query_set(&self.queries, 0..2 * count, &self.resolved, 0);
            (self.resolved.clone(), 16 * u64::from(count))
        })
    }

    /// Leaves out the stages since the last read.
    pub fn forget(&mut self) {
        self.pending.clear();
    }

    /// Adds up what came back.
    pub fn add(&mut self, bytes: &[u8]) {
        let pairs = bytes.as_chunks::<16>().0;
        for (stage, pair) in self.pending.drain(..).zip(pairs) {
            let [begun, ended] = bytemuck::pod_read_unaligned::<[u64; 2]>(pair);
            let seconds = ended.saturating_sub(begun) as f64 * self.tick;
            match self.times.iter_mut().find(|time| time.stage == stage) {
                Some(time) => {
                    time.dispatches += 1;
                    time.seconds += seconds;
                }
                None => self.times.push(StageTime { stage, dispatches: 1, seconds }),
            }
        }
    }
}
