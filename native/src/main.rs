//! The command line of clusterclip.

use std::process::ExitCode;

fn main() -> ExitCode {
    clusterclip::main()
}
