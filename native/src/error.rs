//! What the process says and returns when it fails.

use std::process::ExitCode;

use clusterclip_core::monitor::{CancelFlag, Cancelled};
use clusterclip_core::sampler::SamplerError;
use clusterclip_engine::error::UsageError;

use crate::signal::INTERRUPTED;

/// Standard output was closed by its reader (`| head`): nothing is wrong, and nobody is left to tell.
#[derive(Debug, thiserror::Error)]
#[error("standard output was closed")]
pub struct OutputClosed;

/// Tells a failure on standard error and says which exit code it has.
pub fn tell(error: &anyhow::Error, cancel: &CancelFlag) -> ExitCode {
    if error.is::<OutputClosed>() {
        return ExitCode::SUCCESS;
    }
    // A worker that was stopped may report what it was doing instead of why: the flag is the truth.
    if cancel.is_cancelled() || error.chain().any(|cause| cause.is::<Cancelled>()) {
        eprintln!("interrupted: finished stages are kept; the same command goes on from there");
        return ExitCode::from(INTERRUPTED);
    }
    eprintln!("error: {}", sentence(error));
    let usage = error.downcast_ref().is_some_and(SamplerError::is_usage);
    if usage || error.is::<UsageError>() {
        eprintln!("\nFor more information, try '--help'.");
        return ExitCode::from(2);
    }
    ExitCode::FAILURE
}

/// The chain of causes as one sentence; a cause that its effect already quotes is not said twice.
fn sentence(error: &anyhow::Error) -> String {
    let mut sentence = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if sentence.is_empty() {
            sentence = cause;
        } else if !sentence.contains(&cause) {
            sentence = format!("{sentence}: {cause}");
        }
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_cause_is_said_once() {
        let cause = anyhow::anyhow!("no space left");
        let quoted = cause.context("cannot write x: no space left");
        assert_eq!(sentence(&quoted), "cannot write x: no space left");
        assert_eq!(sentence(&anyhow::anyhow!("why").context("what")), "what: why");
    }
}
