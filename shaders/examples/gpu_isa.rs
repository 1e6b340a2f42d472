//! Asks a Vulkan driver what it makes of every plan of assign: registers, spills, workgroup memory, waves and, with
//! `--isa`, the machine code. Nothing is run, so a driver that compiles without its hardware will do, as Mesa's RADV:
//!
//! `VK_DRIVER_FILES=/usr/share/vulkan/icd.d/radeon_icd.x86_64.json RADV_FORCE_FAMILY=GFX1100 \
//! cargo run --release -p clusterclip-shaders --example gpu_isa -- [PLAN] [--isa]`
//!
//! It goes past wgpu, which does not tell, but compiles the same SPIR-V: naga's, with the plan's constants, native
//! packed dot products where the driver has them, and without bounds checks.

use std::ffi::CStr;

use ash::vk;
use clusterclip_shaders::kmeans::Plan;
use clusterclip_shaders::kmeans::stages::{Access, Stage};
use naga::back::{PipelineConstants, pipeline_constants::process_overrides, spv};
use naga::proc::BoundsCheckPolicies;
use naga::valid::{Capabilities, ShaderStages, SubgroupOperationSet, ValidationFlags, Validator};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Text that a driver left in a fixed array.
fn text(from: &[std::ffi::c_char]) -> String {
    CStr::from_bytes_until_nul(bytemuck::cast_slice(from)).unwrap_or_default().to_string_lossy().into_owned()
}

fn main() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let isa = args.iter().any(|arg| arg == "--isa");
    let wanted: Option<Plan> =
        args.iter().find(|arg| !arg.starts_with("--")).map(|arg| arg.parse()).transpose()?;
    // SAFETY: every struct outlives the calls it is passed to, handles come from the same device, and the process
    // ends with all of them unused, so none is destroyed.
    unsafe {
        let entry = ash::Entry::load()?;
        let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_3);
        let instance =
            entry.create_instance(&vk::InstanceCreateInfo::default().application_info(&application), None)?;
        let gpu = *instance.enumerate_physical_devices()?.first().ok_or("there is no Vulkan device")?;
        let name = instance.get_physical_device_properties(gpu).device_name;
        println!("{}", text(&name));
        let mut executables = vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default()
            .pipeline_executable_info(true);
        let mut dot = vk::PhysicalDeviceShaderIntegerDotProductFeatures::default();
        instance.get_physical_device_features2(
            gpu,
            &mut vk::PhysicalDeviceFeatures2::default().push_next(&mut dot),
        );
        let native_dot = dot.shader_integer_dot_product == vk::TRUE;
        let queues = [vk::DeviceQueueCreateInfo::default().queue_priorities(&[1.0])];
        let extensions = [ash::khr::pipeline_executable_properties::NAME.as_ptr()];
        let mut dot = vk::PhysicalDeviceShaderIntegerDotProductFeatures::default()
            .shader_integer_dot_product(native_dot);
        let info = vk::DeviceCreateInfo::default()
            .queue_create_infos(&queues)
            .enabled_extension_names(&extensions)
            .push_next(&mut executables)
            .push_next(&mut dot);
        let device = instance.create_device(gpu, &info, None)?;
        let asker = ash::khr::pipeline_executable_properties::Device::new(&instance, &device);
        for plan in Plan::ALL.into_iter().filter(|plan| wanted.is_none_or(|wanted| wanted == *plan)) {
            println!("{plan}");
            let pipeline = pipeline(&device, plan, native_dot)?;
            describe(&asker, pipeline, isa)?;
        }
    }
    Ok(())
}

/// Compiles a plan as the backend does.
///
/// # Safety
/// `device` is alive.
unsafe fn pipeline(device: &ash::Device, plan: Plan, native_dot: bool) -> Result<vk::Pipeline> {
    let stage = plan.stage();
    let words = spirv(stage, plan, native_dot)?;
    let bindings: Vec<vk::DescriptorSetLayoutBinding<'_>> = (0..)
        .zip(stage.bindings)
        .map(|(at, binding)| {
            let kind = match binding.access {
                Access::Uniform => vk::DescriptorType::UNIFORM_BUFFER_DYNAMIC,
                Access::Read | Access::ReadWrite => vk::DescriptorType::STORAGE_BUFFER,
            };
            vk::DescriptorSetLayoutBinding::default()
                .binding(at)
                .descriptor_type(kind)
                .descriptor_count(1)
                .stage_flags(vk::ShaderStageFlags::COMPUTE)
        })
        .collect();
    // SAFETY: the structs live as long as the calls, and the caller keeps the device.
    unsafe {
        let set = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
        let sets = [device.create_descriptor_set_layout(&set, None)?];
        let layout = vk::PipelineLayoutCreateInfo::default().set_layouts(&sets);
        let layout = device.create_pipeline_layout(&layout, None)?;
        let module =
            device.create_shader_module(&vk::ShaderModuleCreateInfo::default().code(&words), None)?;
        let shader = vk::PipelineShaderStageCreateInfo::default()
            .stage(vk::ShaderStageFlags::COMPUTE)
            .module(module)
            .name(c"main");
        let flags = vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
            | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR;
        let info = vk::ComputePipelineCreateInfo::default().flags(flags).stage(shader).layout(layout);
        let made = device.create_compute_pipelines(vk::PipelineCache::null(), &[info], None);
        Ok(*made.map_err(|(_, error)| error)?.first().ok_or("no pipeline was made")?)
    }
}

/// The SPIR-V that wgpu makes of a stage, but for its own constants.
fn spirv(stage: &Stage, plan: Plan, native_dot: bool) -> Result<Vec<u32>> {
    let module = naga::front::wgsl::parse_str(stage.source)?;
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::SUBGROUP);
    validator.subgroup_stages(ShaderStages::COMPUTE).subgroup_operations(SubgroupOperationSet::BALLOT);
    let info = validator.validate(&module)?;
    let constants: PipelineConstants =
        plan.constants(1024).map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    let entry = Some((naga::ShaderStage::Compute, "main"));
    let (module, info) = process_overrides(&module, &info, entry, &constants)?;
    use spv::Capability as Can;
    let mut can = vec![
        Can::Shader,
        Can::Matrix,
        Can::GroupNonUniform,
        Can::GroupNonUniformBallot,
        Can::GroupNonUniformShuffle,
    ];
    if native_dot {
        can.extend([Can::DotProduct, Can::DotProductInput4x8BitPacked]);
    }
    let options = spv::Options {
        lang_version: (1, 6),
        flags: spv::WriterFlags::empty(),
        capabilities: Some(can.into_iter().collect()),
        bounds_check_policies: BoundsCheckPolicies::default(),
        zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
        force_loop_bounding: false,
        ..spv::Options::default()
    };
    Ok(spv::write_vec(&module, &info, &options, None)?)
}

/// Prints what the driver tells of a pipeline.
///
/// # Safety
/// `pipeline` is of the asker's device, and was made with what it is asked for.
unsafe fn describe(
    asker: &ash::khr::pipeline_executable_properties::Device,
    pipeline: vk::Pipeline,
    isa: bool,
) -> Result {
    let info = vk::PipelineExecutableInfoKHR::default().pipeline(pipeline).executable_index(0);
    // SAFETY: as the caller says; the buffers are as long as the driver asked.
    unsafe {
        for statistic in asker.get_pipeline_executable_statistics(&info)? {
            let value = match statistic.format {
                vk::PipelineExecutableStatisticFormatKHR::FLOAT64 => statistic.value.f64.to_string(),
                vk::PipelineExecutableStatisticFormatKHR::INT64 => statistic.value.i64.to_string(),
                _ => statistic.value.u64.to_string(),
            };
            println!("    {:<40} {value}", text(&statistic.name));
        }
        if isa {
            let mut count = 0;
            let ask = asker.fp().get_pipeline_executable_internal_representations_khr;
            ask(asker.device(), &info, &mut count, std::ptr::null_mut()).result()?;
            let mut all = vec![vk::PipelineExecutableInternalRepresentationKHR::default(); count as usize];
            ask(asker.device(), &info, &mut count, all.as_mut_ptr()).result()?;
            let mut texts: Vec<Vec<u8>> = all.iter().map(|one| vec![0; one.data_size]).collect();
            for (one, text) in all.iter_mut().zip(&mut texts) {
                one.p_data = text.as_mut_ptr().cast();
            }
            ask(asker.device(), &info, &mut count, all.as_mut_ptr()).result()?;
            if let (Some(last), Some(code)) = (all.last(), texts.last()) {
                let code = String::from_utf8_lossy(code);
                println!("{}\n{}", text(&last.name), code.trim_end_matches('\0'));
            }
        }
    }
    Ok(())
}
