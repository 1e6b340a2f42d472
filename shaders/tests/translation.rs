//! Every shader, with every plan's constants, becomes SPIR-V, MSL and HLSL, and is taken by `tint` where that is
//! installed: what can be said of Metal and DX12 without either. That their compilers take it is not shown.

use std::io::Write;
use std::process::{Command, Stdio};

use clusterclip_shaders::kmeans::stages::Stage;
use clusterclip_shaders::kmeans::{Plan, stages};
use naga::back::{PipelineConstants, hlsl, msl, pipeline_constants::process_overrides, spv};
use naga::valid::{
    Capabilities, FunctionInfo, ModuleInfo, ShaderStages, SubgroupOperationSet, ValidationFlags, Validator,
};
use naga::{Block, Expression, Handle, Module, Statement, TypeInner};

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
    assert_eq!(stage.starts_with("assign"), !plans.is_empty(), "{stage}");
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

/// What a translation keeps of a stage, whatever the language: how large a workgroup is, and how often it loops, waits
/// for its other invocations and changes shared words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Kept {
    workgroup: [u32; 3],
    bindings: usize,
    loops: usize,
    barriers: usize,
    atomics: usize,
}

impl Kept {
    /// What the stage itself has.
    fn of(module: &Module, info: &ModuleInfo) -> Self {
        let entry = &module.entry_points[0];
        let bindings = module.global_variables.iter().filter(|(_, global)| global.binding.is_some()).count();
        let mut kept = Self { workgroup: entry.workgroup_size, bindings, ..Self::default() };
        kept.add(module, info.get_entry_point(0), &entry.function.body);
        for (handle, function) in module.functions.iter() {
            kept.add(module, &info[handle], &function.body);
        }
        kept
    }

    fn add(&mut self, module: &Module, info: &FunctionInfo, block: &Block) {
        let shared = |pointer: &Handle<Expression>| match info[*pointer].ty.inner_with(&module.types) {
            TypeInner::Pointer { base, .. } => matches!(module.types[*base].inner, TypeInner::Atomic(_)),
            _ => false,
        };
        for statement in block.iter() {
            match statement {
                Statement::Block(block) => self.add(module, info, block),
                Statement::If { accept, reject, .. } => {
                    [accept, reject].into_iter().for_each(|block| self.add(module, info, block));
                }
                Statement::Switch { cases, .. } => {
                    cases.iter().for_each(|case| self.add(module, info, &case.body));
                }
                Statement::Loop { body, continuing, .. } => {
                    self.loops += 1;
                    [body, continuing].into_iter().for_each(|block| self.add(module, info, block));
                }
                Statement::ControlBarrier(_) => self.barriers += 1,
                // One before and one after.
                Statement::WorkGroupUniformLoad { .. } => self.barriers += 2,
                Statement::Atomic { .. } => self.atomics += 1,
                Statement::Store { pointer, .. } if shared(pointer) => self.atomics += 1,
                _ => {}
            }
        }
    }

    /// What SPIR-V has.
    fn in_spirv(words: &[u32]) -> Self {
        /// Numbers of the SPIR-V specification.
        const MAGIC: u32 = 0x0723_0203;
        const HEADER: usize = 5;
        assert_eq!(words.first(), Some(&MAGIC), "this is no SPIR-V");
        let mut kept = Self::default();
        let mut rest = words.get(HEADER..).unwrap_or_default();
        while let Some(&first) = rest.first() {
            let (op, length) = (first & 0xffff, (first >> 16) as usize);
            let operands = &rest[1..length];
            match (op, operands) {
                // OpExecutionMode LocalSize.
                (16, &[_, 17, x, y, z]) => kept.workgroup = [x, y, z],
                // OpDecorate Binding.
                (71, &[_, 33, _]) => kept.bindings += 1,
                // OpControlBarrier.
                (224, _) => kept.barriers += 1,
                // OpAtomicStore to OpAtomicXor.
                (228..=242, _) => kept.atomics += 1,
                // OpLoopMerge.
                (246, _) => kept.loops += 1,
                _ => {}
            }
            rest = &rest[length..];
        }
        kept
    }

    /// What MSL has. It tells the product of the workgroup's sizes, and binds the lengths of buffers besides.
    fn in_msl(text: &str, workgroup: [u32; 3]) -> Self {
        let lanes = format!("max_total_threads_per_threadgroup({})", workgroup.iter().product::<u32>());
        let explicit = text.matches("_explicit(").count();
        Self {
            workgroup: if text.contains(&lanes) { workgroup } else { [0; 3] },
            bindings: text.matches("[[user(fake0)]]").count() - text.matches("& _buffer_sizes [[").count(),
            loops: text.matches("while(true)").count(),
            barriers: text.matches("threadgroup_barrier(").count(),
            atomics: explicit - text.matches("atomic_load_explicit(").count(),
        }
    }

    /// What HLSL has. The number of workgroups comes in a buffer of its own, and shared words of a workgroup are read by
    /// adding no bits to them.
    fn in_hlsl(text: &str, workgroup: [u32; 3]) -> Self {
        let [x, y, z] = workgroup;
        let lanes = format!("[numthreads({x}, {y}, {z})]");
        Self {
            workgroup: if text.contains(&lanes) { workgroup } else { [0; 3] },
            bindings: text.matches(": register(").count() - 1,
            loops: text.matches("while(true)").count(),
            barriers: text.matches("BarrierWithGroupSync(").count(),
            atomics: text.matches("Interlocked").count() - text.matches("InterlockedOr(").count(),
        }
    }
}

/// A stage with the constants of a plan: as wgpu translates it, but for what only a pipeline decides.
struct Translated {
    kept: Kept,
    spirv: Vec<u32>,
    msl: String,
    hlsl: Vec<String>,
}

impl Translated {
    fn new(stage: &Stage, constants: &PipelineConstants) -> Self {
        let name = stage.name;
        let module = naga::front::wgsl::parse_str(stage.source).unwrap();
        let info = validator(name).validate(&module).unwrap();
        let entry = Some((naga::ShaderStage::Compute, "main"));
        let (module, info) = process_overrides(&module, &info, entry, constants).unwrap();
        let (module, info) = (&*module, &*info);
        let options = spv::Options {
            zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
            ..Default::default()
        };
        let spirv = spv::write_vec(module, info, &options, None).unwrap_or_else(|e| panic!("{name}: {e}"));
        let options = msl::Options {
            lang_version: (2, 4),
            fake_missing_bindings: true,
            zero_initialize_workgroup_memory: false,
            ..Default::default()
        };
        let msl = msl::write_string(module, info, &options, &msl::PipelineOptions::default());
        let (msl, _) = msl.unwrap_or_else(|e| panic!("{name}: {e}"));
        // 5.1 is what is left where Microsoft's newer compiler is not installed; it knows no subgroups.
        let models = [hlsl::ShaderModel::V6_4, hlsl::ShaderModel::V5_1];
        let known = if name == BROADCAST { 1 } else { models.len() };
        let hlsl = models.into_iter().take(known).map(|shader_model| {
            let options = hlsl::Options {
                shader_model,
                fake_missing_bindings: true,
                zero_initialize_workgroup_memory: false,
                // Without it the number of workgroups would be the number of this one.
                special_constants_binding: Some(hlsl::BindTarget::default()),
                ..Default::default()
            };
            let mut text = String::new();
            let pipeline = hlsl::PipelineOptions::default();
            let written = hlsl::Writer::new(&mut text, &options, &pipeline).write(module, info, None);
            written.unwrap_or_else(|e| panic!("{name}, {shader_model:?}: {e}"));
            text
        });
        Self { kept: Kept::of(module, info), spirv, msl, hlsl: hlsl.collect() }
    }

    /// Whether every language has what the stage has.
    fn check(&self) -> Result<(), String> {
        let same = |language: &str, found: Kept| match found == self.kept {
            true => Ok(()),
            false => Err(format!("{language} has {found:?}, the stage {:?}", self.kept)),
        };
        same("SPIR-V", Kept::in_spirv(&self.spirv))?;
        same("MSL", Kept::in_msl(&self.msl, self.kept.workgroup))?;
        self.hlsl.iter().try_for_each(|text| same("HLSL", Kept::in_hlsl(text, self.kept.workgroup)))
    }
}

#[test]
fn every_shader_becomes_spirv_msl_and_hlsl() {
    for stage in stages::ALL {
        let name = stage.name;
        let mut seen: Vec<(PipelineConstants, Vec<u32>)> = Vec::new();
        for constants in constants(name) {
            let translated = Translated::new(stage, &constants);
            translated.check().unwrap_or_else(|why| panic!("{name}, {constants:?}: {why}"));
            assert_eq!(translated.kept.bindings, stage.bindings.len(), "{name}");
            let lanes = translated.kept.workgroup.iter().product::<u32>();
            if let (Some(x), Some(y)) = (constants.get("LANES_X"), constants.get("LANES_Y")) {
                assert_eq!(f64::from(lanes), x * y, "{name}, {constants:?}");
            }
            // Four stages go from row to row, or from cluster to cluster, by the number of workgroups.
            if stage.source.contains("num_workgroups") {
                assert!(translated.hlsl.iter().all(|text| text.contains("(_NagaConstants.")), "{name}");
            }
            seen.push((constants, translated.spirv));
        }
        for (i, (constants, words)) in seen.iter().enumerate() {
            let others = seen[..i].iter().filter(|(other, _)| other != constants);
            assert!(
                others.into_iter().all(|(_, other)| other != words),
                "{name} is the same for other constants"
            );
        }
    }
}

/// Of `text` what is left without the last part that begins with `part`.
fn without(text: &str, part: &str) -> String {
    let at = text.rfind(part).unwrap_or_else(|| panic!("{part} is not there"));
    [&text[..at], &text[at + part.len()..]].concat()
}

#[test]
fn a_translation_that_lost_something_is_told() {
    let stage = &stages::assign_float::STAGE;
    let constants = &constants(stage.name)[0];
    let lost = |change: &dyn Fn(&mut Translated), language: &str| {
        let mut translated = Translated::new(stage, constants);
        assert_eq!(translated.check(), Ok(()));
        change(&mut translated);
        let told = translated.check().expect_err("something is lost");
        assert!(told.starts_with(language), "{told}");
    };
    lost(&|translated| translated.msl = without(&translated.msl, "while(true)"), "MSL");
    lost(&|translated| translated.msl.clear(), "MSL");
    lost(
        &|translated| translated.hlsl[1] = without(&translated.hlsl[1], "GroupMemoryBarrierWithGroupSync("),
        "HLSL",
    );
    lost(&|translated| translated.hlsl[0] = without(&translated.hlsl[0], "Interlocked"), "HLSL");
    // Another plan's.
    let others = Translated::new(stage, &self::constants(stage.name)[2]);
    lost(&|translated| translated.hlsl[0].clone_from(&others.hlsl[0]), "HLSL");
    lost(&|translated| translated.spirv.clone_from(&others.spirv), "SPIR-V");
    // A main that does nothing.
    let empty = "@compute @workgroup_size(8, 8) fn main() {}";
    let empty = Stage { name: "empty", source: empty, bindings: &[] };
    let empty = Translated::new(&empty, &PipelineConstants::default());
    lost(&|translated| translated.spirv.clone_from(&empty.spirv), "SPIR-V");
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
    let tint = |name: &str, source: &str| {
        let path = folder.path().join(format!("{name}.wgsl"));
        // A directive that WGSL asks for and naga does not know yet.
        let enable = if name == BROADCAST { "enable subgroups;\n" } else { "" };
        std::fs::write(&path, format!("{enable}{source}")).unwrap();
        let output = Command::new("tint").args(["--format", "wgsl"]).arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(output.stdout) } else { Err(said) }
    };
    for Stage { name, source, .. } in stages::ALL.iter().copied() {
        let taken = tint(name, source).unwrap_or_else(|said| panic!("{name}: {said}"));
        assert!(String::from_utf8_lossy(&taken).contains("fn main("), "{name}: nothing came back");
        let spoiled = source.replacen("fn main(", "fn main(spoiled, ", 1);
        assert!(tint(name, &spoiled).is_err(), "{name}: whatever it is given, tint takes it");
    }
}
