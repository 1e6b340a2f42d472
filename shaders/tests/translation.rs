//! Every shader, with every plan's constants, becomes SPIR-V, MSL and HLSL, and is taken by `tint` where that is
//! installed: what can be said of Metal and DX12 without either. That their compilers take it is not shown.

use std::io::Write;
use std::process::{Command, Stdio};

use clusterclip_shaders::kmeans::{Plan, stages};
use naga::back::{PipelineConstants, hlsl, msl, pipeline_constants::process_overrides, spv};
use naga::valid::{Capabilities, ValidationFlags, Validator};

/// Each stage's constants: those of all plans for assign, none for the others.
fn constants(stage: &str) -> Vec<PipelineConstants> {
    let of =
        |plan: Plan| plan.constants().map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    match stage {
        "assign_packed" | "assign_float" => Plan::ALL.into_iter().map(of).collect(),
        _ => vec![PipelineConstants::default()],
    }
}

#[test]
fn every_shader_becomes_spirv_msl_and_hlsl() {
    for stage in stages::ALL {
        let module = naga::front::wgsl::parse_str(stage.source).unwrap();
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
        let info = validator.validate(&module).unwrap();
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
        // Past the test harness, which keeps what a passing test prints to itself.
        let _ = writeln!(std::io::stderr(), "tint is not installed: nothing was asked of it");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for stage in stages::ALL {
        let path = folder.path().join(format!("{}.wgsl", stage.name));
        std::fs::write(&path, stage.source).unwrap();
        let output = Command::new("tint").args(["--format", "wgsl"]).arg(&path).output().unwrap();
        assert!(output.status.success(), "{}: {}", stage.name, String::from_utf8_lossy(&output.stderr));
    }
}
