//! Every shader, with every plan's constants, becomes SPIR-V, MSL and HLSL, and is taken by `tint` where that is
//! installed: what can be said of Metal and DX12 without either. That their compilers take it is not shown.

use std::process::{Command, Stdio};

use clusterclip_shaders::kmeans::{Plan, stages};
use naga::back::{PipelineConstants, hlsl, msl, pipeline_constants::process_overrides, spv};
use naga::valid::{Capabilities, ShaderStages, SubgroupOperationSet, ValidationFlags, Validator};

/// The stage that passes values within a subgroup.
const BROADCAST: &str = "assign_broadcast";

/// Each stage's constants: those of all plans for assign, none for the others.
fn constants(stage: &str) -> Vec<PipelineConstants> {
    let plans = Plan::ALL.into_iter().filter(|plan| plan.stage().name == stage);
    // Short rows, and rows that are added up in parts.
    let of = |plan: Plan, columns| {
        plan.constants(columns).map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
    };
    let plans: Vec<_> = plans.flat_map(|plan| [of(plan, 64), of(plan, 4096)]).collect();
    if plans.is_empty() { vec![PipelineConstants::default()] } else { plans }
}

/// Allows subgroups to the stage that is for devices with them.
fn validator(stage: &str) -> Validator {
    let mut capabilities = Capabilities::empty();
    capabilities.set(Capabilities::SUBGROUP, stage == BROADCAST);
    let mut validator = Validator::new(ValidationFlags::all(), capabilities);
    validator.subgroup_stages(ShaderStages::COMPUTE).subgroup_operations(SubgroupOperationSet::BALLOT);
    validator
}

#[test]
fn every_shader_becomes_spirv_msl_and_hlsl() {
    for stage in stages::ALL {
        let module = naga::front::wgsl::parse_str(stage.source).unwrap();
        let info = validator(stage.name).validate(&module).unwrap();
        for constants in constants(stage.name) {
            let entry = Some((naga::ShaderStage::Compute, "main"));
            let (module, info) = process_overrides(&module, &info, entry, &constants).unwrap();
            let name = stage.name;
            let words = spv::write_vec(&module, &info, &spv::Options::default(), None);
            assert!(words.unwrap_or_else(|e| panic!("{name}: {e}")).len() > 100, "{name}");

            let options =
                msl::Options { lang_version: (2, 4), fake_missing_bindings: true, ..Default::default() };
            let text = msl::write_string(&module, &info, &options, &msl::PipelineOptions::default());
            assert!(text.unwrap_or_else(|e| panic!("{name}: {e}")).0.contains("kernel void"), "{name}");

            let mut text = String::new();
            let options = hlsl::Options {
                shader_model: hlsl::ShaderModel::V6_4,
                fake_missing_bindings: true,
                ..Default::default()
            };
            let pipeline = hlsl::PipelineOptions::default();
            let written = hlsl::Writer::new(&mut text, &options, &pipeline).write(&module, &info, None);
            written.unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(text.contains("numthreads"), "{name}");
        }
    }
}

#[test]
fn tint_takes_every_shader() {
    let there = Command::new("tint").arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if there.is_err() {
        eprintln!("tint is not installed: nothing was asked of it");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for stage in stages::ALL {
        let path = folder.path().join(format!("{}.wgsl", stage.name));
        // A directive that WGSL asks for and naga does not know yet.
        let enable = if stage.name == BROADCAST { "enable subgroups;\n" } else { "" };
        std::fs::write(&path, format!("{enable}{}", stage.source)).unwrap();
        let output = Command::new("tint").args(["--format", "wgsl"]).arg(&path).output().unwrap();
        assert!(output.status.success(), "{}: {}", stage.name, String::from_utf8_lossy(&output.stderr));
    }
}
