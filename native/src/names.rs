//! What people who type call the parameters of the libraries.

use clusterclip_core::error::Param;

/// The option of a parameter: `--` and its words joined by `-`.
pub fn cli_names(param: Param) -> String {
    format!("--{}", param.name().replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_dashes() {
        assert_eq!(cli_names(Param::WorldSize), "--world-size");
    }
}
