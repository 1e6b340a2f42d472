//! Which GPUs there are, and which to take.

use wgpu::{AdapterInfo, Backend, Backends, DeviceType, Features, Instance, InstanceDescriptor};

use super::error::GpuError;

/// A GPU, or software that acts as one.
#[derive(Debug, Clone)]
pub struct Adapter {
    pub(super) raw: wgpu::Adapter,
    info: AdapterInfo,
    plain: bool,
}

/// Which adapter to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// A hardware GPU or none.
    Hardware,
    /// A hardware GPU, or software when there is none.
    Any,
    /// The one whose name holds this text, in upper or lower case.
    Named(&'a str),
}

impl Adapter {
    /// Its name, driver, type and backend.
    pub fn info(&self) -> &AdapterInfo {
        &self.info
    }

    /// What it can hold and bind.
    pub fn limits(&self) -> wgpu::Limits {
        self.raw.limits()
    }

    /// What it can do beyond the least.
    pub fn features(&self) -> Features {
        if self.plain { Features::empty() } else { self.raw.features() }
    }

    /// The same adapter without what it can do beyond the least.
    pub fn plain(self) -> Self {
        Self { plain: true, ..self }
    }

    /// The same adapter, called `name` where nobody has named it: browsers leave the description out.
    pub fn or_named(mut self, name: &str) -> Self {
        if self.info.name.is_empty() {
            name.clone_into(&mut self.info.name);
        }
        self
    }

    /// How many invocations a subgroup has, where all have as many and shaders may pass values within one.
    pub fn subgroups(&self) -> Option<u32> {
        // In a browser a shader would have to ask for them by a directive that naga does not know.
        let can = self.features().contains(Features::SUBGROUP) && self.info.backend != Backend::BrowserWebGpu;
        (can && self.info.subgroup_min_size == self.info.subgroup_max_size)
            .then_some(self.info.subgroup_min_size)
    }

    /// Whether it is software on the CPU.
    pub fn is_software(&self) -> bool {
        self.info.device_type == DeviceType::Cpu
    }

    /// What sort of device it is, as a person would say.
    pub fn kind(&self) -> &'static str {
        match self.info.device_type {
            DeviceType::DiscreteGpu => "discrete GPU",
            DeviceType::IntegratedGpu => "integrated GPU",
            DeviceType::VirtualGpu => "virtual GPU",
            DeviceType::Other => "unknown kind",
            DeviceType::Cpu => "software on the CPU",
        }
    }

    /// The interface through which it is used.
    pub fn backend(&self) -> &'static str {
        match self.info.backend {
            Backend::Vulkan => "Vulkan",
            Backend::Metal => "Metal",
            Backend::Dx12 => "DX12",
            Backend::BrowserWebGpu => "WebGPU",
            Backend::Gl => "OpenGL",
            Backend::Noop => "none",
        }
    }

    /// The driver and its version, where they are told.
    pub fn driver(&self) -> Option<String> {
        let told = [self.info.driver.as_str(), self.info.driver_info.as_str()];
        let told: Vec<&str> = told.into_iter().filter(|part| !part.is_empty()).collect();
        (!told.is_empty()).then(|| told.join(" "))
    }

    /// Bytes of its own memory (of integrated and software ones, what they may take of the host's), where the driver
    /// tells: with Vulkan.
    pub fn memory(&self) -> Option<u64> {
        #[cfg(any(target_os = "linux", target_os = "android", windows))]
        {
            /// VK_MEMORY_HEAP_DEVICE_LOCAL_BIT.
            const DEVICE_LOCAL: u32 = 1;
            // SAFETY: the handles are read while `hal` keeps them alive, and nothing is destroyed.
            let properties = unsafe {
                let hal = self.raw.as_hal::<wgpu::hal::api::Vulkan>()?;
                let instance = hal.shared_instance().raw_instance();
                instance.get_physical_device_memory_properties(hal.raw_physical_device())
            };
            let heaps = &properties.memory_heaps[..properties.memory_heap_count as usize];
            let own = heaps.iter().filter(|heap| heap.flags.as_raw() & DEVICE_LOCAL != 0);
            // A part of the same memory may be listed again as a heap of its own: the largest counts.
            own.map(|heap| heap.size).max()
        }
        #[cfg(not(any(target_os = "linux", target_os = "android", windows)))]
        None
    }

    /// The lower the better.
    fn rank(&self) -> u32 {
        match self.info.device_type {
            DeviceType::DiscreteGpu => 0,
            DeviceType::IntegratedGpu => 1,
            DeviceType::VirtualGpu => 2,
            DeviceType::Other => 3,
            DeviceType::Cpu => 4,
        }
    }
}

/// Lists all adapters, the best first.
pub async fn adapters() -> Vec<Adapter> {
    let mut descriptor = InstanceDescriptor::new_without_display_handle();
    descriptor.backends = Backends::VULKAN | Backends::METAL | Backends::DX12 | Backends::BROWSER_WEBGPU;
    let instance = Instance::new(descriptor);
    let found = instance.enumerate_adapters(Backends::all()).await;
    let mut adapters: Vec<Adapter> =
        found.into_iter().map(|raw| Adapter { info: raw.get_info(), raw, plain: false }).collect();
    // Stable: among equals the order of the system.
    adapters.sort_by_key(Adapter::rank);
    adapters
}

/// Chooses among `adapters`, as [`adapters`] lists them.
///
/// # Errors
/// [`GpuError`] when there is none as wanted; it says which there are.
pub fn choose(adapters: Vec<Adapter>, wanted: &Wanted<'_>) -> Result<Adapter, GpuError> {
    let names: Vec<String> = adapters.iter().map(|adapter| adapter.info.name.clone()).collect();
    let found = match wanted {
        Wanted::Any => adapters.into_iter().next(),
        Wanted::Hardware => {
            let hardware = adapters.into_iter().find(|adapter| !adapter.is_software());
            if hardware.is_none() && !names.is_empty() {
                return Err(GpuError::OnlySoftware { there: names });
            }
            hardware
        }
        Wanted::Named(name) => {
            let wanted = name.to_lowercase();
            let named = adapters.into_iter().find(|a| a.info.name.to_lowercase().contains(&wanted));
            if named.is_none() && !names.is_empty() {
                return Err(GpuError::UnknownAdapter { name: (*name).into(), there: names });
            }
            named
        }
    };
    found.ok_or(GpuError::NoAdapter)
}
