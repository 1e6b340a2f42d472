//! Puts the shaders together, checks them, and writes down for Rust what they say of themselves: bindings,
//! constants, layouts. An invalid shader, or a Rust struct that lies in memory otherwise than its WGSL twin, ends
//! the build.

#![allow(
    clippy::disallowed_methods,
    reason = "what is banned in a browser is not banned where the crate is built"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use naga::valid::{Capabilities, SubgroupOperationSet, ValidationFlags, Validator};
use naga::{AddressSpace, Expression, Literal, Module, StorageAccess, TypeInner};

/// Each stage and the files it is made of, in wgsl/.
const STAGES: &[(&str, &[&str])] = &[
    ("assign_packed", &["params", "tally", "assign", "tile", "inner_packed"]),
    ("assign_float", &["params", "tally", "assign", "tile", "inner_float"]),
    ("assign_broadcast", &["params", "tally", "assign", "inner_broadcast"]),
    ("accumulate", &["params", "tally_read", "accumulate"]),
    ("changed", &["params", "tally", "changed"]),
    ("gather", &["params", "tally_read", "gather"]),
    ("worst", &["params", "query", "worst"]),
    ("worst_settle", &["query", "worst_settle"]),
    ("worst_collect", &["params", "query", "worst_collect"]),
    ("relabel", &["params", "relabel"]),
    ("seed_step", &["params", "seed_step"]),
    ("pick", &["params", "pick"]),
];

fn main() {
    println!("cargo::rerun-if-changed=wgsl");
    let folder = Path::new("wgsl");
    let mut rust = String::new();
    for (stage, parts) in STAGES {
        let source: String = parts
            .iter()
            .map(|part| {
                let path = folder.join(part).with_extension("wgsl");
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            })
            .collect::<Vec<_>>()
            .join("\n");
        let module = naga::front::wgsl::parse_str(&source)
            .unwrap_or_else(|error| panic!("shader {stage}:\n{}", error.emit_to_string(&source)));
        validator(stage)
            .validate(&module)
            .unwrap_or_else(|error| panic!("shader {stage}:\n{}", error.emit_to_string(&source)));
        describe(&mut rust, stage, &source, &module);
    }
    let names: Vec<String> = STAGES.iter().map(|(stage, _)| format!("&{stage}::STAGE")).collect();
    let _ = writeln!(rust, "/// Every stage.\npub static ALL: &[&Stage] = &[{}];", names.join(", "));
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("stages.rs"), rust).expect("OUT_DIR can be written");
}

/// Allows a stage what every device has, and the one that passes values within a subgroup just that.
fn validator(stage: &str) -> Validator {
    let passes = stage == "assign_broadcast";
    let mut capabilities = Capabilities::empty();
    capabilities.set(Capabilities::SUBGROUP, passes);
    let mut validator = Validator::new(ValidationFlags::all(), capabilities);
    if passes {
        validator
            .subgroup_stages(naga::valid::ShaderStages::COMPUTE)
            .subgroup_operations(SubgroupOperationSet::BALLOT);
    }
    validator
}

/// Writes one stage's module: `STAGE`, its constants, and checks of its structs.
fn describe(rust: &mut String, stage: &str, source: &str, module: &Module) {
    let mut bindings: Vec<(u32, &str, String)> = Vec::new();
    let mut structs = Vec::new();
    for (_, variable) in module.global_variables.iter() {
        let Some(binding) = &variable.binding else { continue };
        assert_eq!(binding.group, 0, "shader {stage}: one group holds all bindings");
        let access = match variable.space {
            AddressSpace::Uniform => "Uniform",
            AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => "ReadWrite",
            AddressSpace::Storage { .. } => "Read",
            space => panic!("shader {stage}: a binding in {space:?}"),
        };
        bindings.push((binding.binding, access, variable.name.clone().unwrap_or_default()));
        let shared = match module.types[variable.ty].inner {
            TypeInner::Array { base, .. } => base,
            _ => variable.ty,
        };
        if !structs.contains(&shared) {
            structs.push(shared);
        }
    }
    bindings.sort();
    let places = bindings.iter().map(|(place, ..)| *place);
    assert!(places.eq(0..bindings.len() as u32), "shader {stage}: bindings count from 0");

    let list: Vec<String> = bindings
        .iter()
        .map(|(_, access, name)| format!("Binding {{ name: {name:?}, access: Access::{access} }}"))
        .collect();
    let _ = writeln!(
        rust,
        "/// See wgsl/ for what it does.\n#[allow(missing_docs, reason = \"the shaders say what their constants are\")]\n\
         pub mod {stage} {{\n    use super::{{Access, Binding, Stage}};\n    \
         pub static STAGE: Stage = Stage {{\n        name: {stage:?},\n        source: {source:?},\n        \
         bindings: &[{}],\n    }};",
        list.join(", ")
    );
    for (_, constant) in module.constants.iter() {
        if let (Some(name), Expression::Literal(Literal::U32(value))) =
            (&constant.name, &module.global_expressions[constant.init])
        {
            let _ = writeln!(rust, "    pub const {name}: u32 = {value};");
        }
    }
    for handle in structs {
        let ty = &module.types[handle];
        let (TypeInner::Struct { members, span }, Some(name)) = (&ty.inner, &ty.name) else { continue };
        let twin = format!("crate::kmeans::layout::{name}");
        let _ = writeln!(
            rust,
            "    const _: () = assert!(size_of::<{twin}>() == {span}, \"{name} is {span} bytes in WGSL\");"
        );
        for member in members {
            let (field, offset) = (member.name.as_deref().unwrap_or_default(), member.offset);
            let _ = writeln!(
                rust,
                "    const _: () = assert!(std::mem::offset_of!({twin}, {field}) == {offset}, \
                 \"{name}.{field} lies at {offset} in WGSL\");"
            );
        }
    }
    rust.push_str("}\n");
}
