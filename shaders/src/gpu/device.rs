//! A device with its queue, its buffers and its counters.

use std::sync::{Arc, Mutex, PoisonError};

use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, Device, DeviceDescriptor, ErrorFilter, Features, Limits, Queue,
};

use super::adapter::Adapter;
use super::error::{Advice, GpuError, Limit};
use super::stage::Made;
use super::stamps::Stamps;
use super::timer::{StageTime, Timer};

/// What has gone to and fro since the device was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Stages run.
    pub dispatches: u64,
    /// Batches of stages sent.
    pub submissions: u64,
    /// Times the host stood still for results. It also holds back while two batches are not done.
    pub waits: u64,
    /// Bytes sent to the device.
    pub bytes_up: u64,
    /// Bytes that came back.
    pub bytes_down: u64,
}

/// An open device.
#[derive(Debug)]
pub struct Gpu {
    pub(super) device: Device,
    pub(super) queue: Queue,
    adapter: Adapter,
    /// The first thing that went wrong outside of any scope.
    fault: Arc<Mutex<Option<GpuError>>>,
    /// Where results are copied to be read; grows.
    pub(super) staging: Option<Buffer>,
    pub(super) stamps: Stamps,
    pub(super) counters: Counters,
    pub(super) timer: Option<Timer>,
    /// Every pipeline made so far: drivers take long to make one.
    pub(super) made: Mutex<Vec<Made>>,
}

fn note(fault: &Mutex<Option<GpuError>>, error: GpuError) {
    fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
}

impl Gpu {
    /// Opens the adapter with its own limits, and the features it has of those that are of use.
    ///
    /// # Errors
    /// [`GpuError::Refused`].
    pub async fn open(adapter: Adapter) -> Result<Self, GpuError> {
        let descriptor = DeviceDescriptor {
            label: Some("clusterclip"),
            required_features: adapter.features() & (Features::TIMESTAMP_QUERY | Features::SUBGROUP),
            required_limits: adapter.limits(),
            ..DeviceDescriptor::default()
        };
        let (device, queue) = adapter
            .raw
            .request_device(&descriptor)
            .await
            .map_err(|error| GpuError::Refused { reason: error.to_string() })?;
        let fault = Arc::new(Mutex::new(None));
        let lost = Arc::clone(&fault);
        device.set_device_lost_callback(move |_, reason| note(&lost, GpuError::Lost { reason }));
        let failed = Arc::clone(&fault);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            note(&failed, GpuError::failed(error));
        }));
        let stamps = Stamps::new(&device);
        Ok(Self {
            device,
            queue,
            adapter,
            fault,
            staging: None,
            stamps,
            counters: Counters::default(),
            timer: None,
            made: Mutex::default(),
        })
    }

    /// Remembers what went wrong, the first thing for good.
    pub(super) fn note(&self, error: GpuError) {
        note(&self.fault, error);
    }

    /// The adapter it was opened on.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// What the device can hold and bind.
    pub fn limits(&self) -> Limits {
        self.device.limits()
    }

    /// What has gone to and fro so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Begins to time every stage by the device's clock; gives false where it has none.
    pub fn time_stages(&mut self) -> bool {
        let can = self.device.features().contains(Features::TIMESTAMP_QUERY);
        self.timer = can.then(|| Timer::new(&self.device, &self.queue));
        can
    }

    /// What each stage took since [`time_stages`](Self::time_stages), up to the last [`read`](Self::read).
    pub fn stage_times(&self) -> &[StageTime] {
        self.timer.as_ref().map_or(&[], |timer| &timer.times)
    }

    /// Returns what went wrong outside of any call, a lost device for one.
    ///
    /// # Errors
    /// [`GpuError::Lost`], [`GpuError::LeftOut`] or [`GpuError::Failed`], from then on for good.
    pub fn check(&self) -> Result<(), GpuError> {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.clone().map_or(Ok(()), Err)
    }

    /// Makes a buffer of zeros that stages can use and that can be copied to and from.
    ///
    /// # Errors
    /// [`GpuError::Memory`] names what it was for, its size, the limit and `advice`.
    pub async fn buffer(&self, what: &'static str, bytes: u64, advice: Advice) -> Result<Buffer, GpuError> {
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        self.buffer_for(what, bytes, usage, advice).await
    }

    /// Makes a buffer of `n` structs for dispatches to choose from, and gives the distance between them.
    ///
    /// # Errors
    /// As [`buffer`](Self::buffer).
    pub async fn uniforms(&self, n: u64, bytes: u64) -> Result<(Buffer, u64), GpuError> {
        let stride = bytes.next_multiple_of(self.limits().min_uniform_buffer_offset_alignment.into());
        let usage = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
        Ok((self.buffer_for("parameters", n * stride, usage, Advice::FewerRows).await?, stride))
    }

    pub(super) async fn buffer_for(
        &self,
        what: &'static str,
        bytes: u64,
        usage: BufferUsages,
        advice: Advice,
    ) -> Result<Buffer, GpuError> {
        let limits = self.limits();
        let most = if usage.contains(BufferUsages::STORAGE) {
            // Shaders count bytes in 32 bits.
            limits.max_buffer_size.min(limits.max_storage_buffer_binding_size).min(u32::MAX.into())
        } else {
            limits.max_buffer_size
        };
        if bytes > most {
            return Err(GpuError::Memory { what, bytes, limit: Limit::Buffer(most), advice });
        }
        let scope = self.device.push_error_scope(ErrorFilter::OutOfMemory);
        // Sizes are whole words, and no binding may be empty.
        let size = bytes.max(16).next_multiple_of(16);
        let buffer = self.device.create_buffer(&BufferDescriptor {
            label: Some(what),
            size,
            usage,
            mapped_at_creation: false,
        });
        match scope.pop().await {
            None => Ok(buffer),
            Some(_) => {
                let limit = Limit::Device(self.adapter.memory());
                Err(GpuError::Memory { what, bytes, limit, advice })
            }
        }
    }

    /// Sends bytes to a buffer; they are there for whatever is submitted next.
    pub fn write(&mut self, buffer: &Buffer, offset: u64, bytes: &[u8]) {
        self.counters.bytes_up += bytes.len() as u64;
        self.queue.write_buffer(buffer, offset, bytes);
    }

    /// Loses the device, as a reset would.
    #[cfg(test)]
    pub(crate) fn lose(&self) {
        self.device.destroy();
    }
}
