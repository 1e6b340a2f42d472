//! Runs other programs: echoed, timed out where they may wait for a network, counted where they are tests.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tests {
    pub passed: u64,
    pub failed: u64,
}

impl std::ops::AddAssign for Tests {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Runs a command, output and all, and fails unless it succeeds.
///
/// # Errors
/// If it cannot be started or ends with another status than 0.
pub fn run(command: &mut Command) -> Result<()> {
    echo(command);
    let status =
        command.stdin(Stdio::null()).status().with_context(|| format!("cannot start {}", show(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", show(command));
    }
    Ok(())
}

/// Runs a command that may wait for a network and ends it after `limit`.
///
/// # Errors
/// Like [`run`], and when the time is up.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    echo(command);
    let mut child =
        command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {}", show(command)))?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(());
            }
            bail!("{} ended with {status}", show(command));
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("{} was still waiting after {} s", show(command), limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Runs a test command, passes its output on and adds up what it counts itself.
///
/// # Errors
/// If it cannot be started; a failing test is no error here but counted, with the command's success beside it.
pub fn run_tests(command: &mut Command) -> Result<(Tests, bool)> {
    echo(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", show(command)))?;
    let mut tests = Tests::default();
    let output = child.stdout.take().context("the output of a child that was started with a pipe")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(&line)?;
        stdout.write_all(b"\n")?;
        tests += count(&String::from_utf8_lossy(&line));
    }
    Ok((tests, child.wait()?.success()))
}

/// What a command prints, or `None` if it cannot be run or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program by this name can be started.
pub fn exists(program: &str) -> bool {
    output(Command::new(program).arg("--version")).is_some()
}

/// Reads the closing lines of one test binary, `test result: ok. 3 passed; 0 failed; 0 ignored; …`, and of Node.js,
/// `ℹ pass 3` and `ℹ fail 0`.
fn count(line: &str) -> Tests {
    let mut tests = Tests::default();
    if let Some(rest) = line.strip_prefix("ℹ ") {
        let mut words = rest.split_whitespace();
        match (words.next(), words.next().and_then(|word| word.parse().ok())) {
            (Some("pass"), Some(number)) => tests.passed = number,
            (Some("fail" | "cancelled"), Some(number)) => tests.failed = number,
            _ => {}
        }
        return tests;
    }
    let Some(rest) = line.strip_prefix("test result: ") else { return tests };
    for part in rest.split(['.', ';']) {
        let mut words = part.split_whitespace();
        match (words.next().and_then(|word| word.parse().ok()), words.next()) {
            (Some(number), Some("passed")) => tests.passed = number,
            (Some(number), Some("failed")) => tests.failed = number,
            _ => {}
        }
    }
    tests
}

/// Prints a command before it runs.
fn echo(command: &Command) {
    println!("$ {}", show(command));
}

/// A command as one would type it: the variables it sets, the program, the arguments.
fn show(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), value?.to_string_lossy())));
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    variables.chain(words.map(|word| word.to_string_lossy().into_owned())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_counted_and_other_lines_are_not() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(count(line), Tests { passed: 12, failed: 3 });
        assert_eq!(count("ℹ pass 41"), Tests { passed: 41, failed: 0 });
        assert_eq!(count("ℹ fail 2"), Tests { passed: 0, failed: 2 });
        assert_eq!(count("ℹ tests 43"), Tests::default());
        assert_eq!(count("test result_is_kept ... ok"), Tests::default());
        assert_eq!(count("7 passed; 0 failed"), Tests::default());
    }
}
