//! The README's Rust is what a doctest runs.

use std::fs;
use std::path::Path;

/// A file of the repository.
fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of the blocks that begin with the line `fence`, but for empty ones.
fn blocks<'a>(lines: impl Iterator<Item = &'a str>, fence: &str) -> Vec<Vec<&'a str>> {
    let mut blocks = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in lines {
        match &mut open {
            None if line == fence => open = Some(Vec::new()),
            None => {}
            Some(_) if line == "```" => blocks.extend(open.take()),
            Some(block) => block.extend(Some(line).filter(|line| !line.is_empty())),
        }
    }
    blocks
}

/// GitHub would show the hidden lines that make it a doctest, so it stands twice.
#[test]
fn the_sampler_of_the_readme_is_the_doctest_of_the_sampler() {
    let (readme, sampler) = (read("README.md"), read("core/src/sampler/mod.rs"));
    let shown = blocks(readme.lines(), "```rust");
    let [shown] = &shown[..] else { panic!("{} blocks of Rust that can be run", shown.len()) };
    let docs = sampler.lines().filter_map(|line| line.strip_prefix("/// "));
    let tried = blocks(docs, "```");
    assert!(!shown.is_empty());
    assert!(
        tried.iter().any(|tried| tried.starts_with(shown)),
        "the README shows\n{}\nand doctests are\n{tried:#?}",
        shown.join("\n")
    );
}
