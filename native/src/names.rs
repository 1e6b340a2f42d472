//! What people who type call what the libraries speak of.

use clusterclip_core::error::{dashed, renamed};
use clusterclip_engine::store::StageName;

/// A message with options in place of parameters, and commands in place of stages.
pub fn spoken(message: &str) -> String {
    StageName::FLOW.into_iter().fold(renamed(message, dashed), |text, stage| {
        let described = stage.described();
        let found = text.split_once(&format!("{described} in `"));
        let found = found.and_then(|(before, rest)| Some((before, rest.split_once('`')?)));
        if let Some((before, (dir, after))) = found {
            return format!("{before}`{}`{after}", command(stage, dir));
        }
        text.replace(&described, &format!("`clusterclip {stage}`"))
    })
}

/// The command that makes the results of a stage in a folder.
fn command(stage: StageName, dir: &str) -> String {
    match stage {
        StageName::Cluster | StageName::Sample => format!("clusterclip {stage} {dir}"),
        StageName::Embed => format!("clusterclip embed INPUT --out {dir}"),
        StageName::Export => format!("clusterclip run INPUT --out {dir} --export FORM"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clusterclip_core::error::{Param, described};
    use clusterclip_engine::store::StoreError;

    use super::*;

    #[test]
    fn stages_become_commands_and_parameters_options() {
        let missing = StoreError::Missing { path: PathBuf::from("out"), stage: StageName::Cluster };
        let text = "out holds no results of `clusterclip cluster`: run that there first";
        assert_eq!(spoken(&missing.to_string()), text);
        let again = format!("{} in `a b` makes it again", StageName::Export.described());
        assert_eq!(spoken(&again), "`clusterclip run INPUT --out a b --export FORM` makes it again");
        assert_eq!(spoken(&described(Param::WorldSize)), "--world-size");
    }
}
