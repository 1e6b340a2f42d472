//! Runs other programs: echoed, timed out where they may wait for a network, counted where they are tests.

use std::cell::RefCell;
use std::fmt::Display;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
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

thread_local! {
    /// Where this thread and the commands that it runs print, if not to the terminal.
    static LOG: RefCell<Option<File>> = const { RefCell::new(None) };
}

/// Does some work whose output goes to a file: what is said here, and what commands print.
pub fn logged<T>(log: File, work: impl FnOnce() -> T) -> T {
    LOG.set(Some(log));
    let done = work();
    LOG.set(None);
    done
}

/// Prints a line.
pub fn say(line: impl Display) {
    put(format!("{line}\n").as_bytes());
}

/// Prints bytes. What cannot be written is lost, as on a terminal that was closed.
fn put(bytes: &[u8]) {
    LOG.with_borrow_mut(|log| match log {
        Some(file) => drop(file.write_all(bytes)),
        None => drop(std::io::stdout().lock().write_all(bytes)),
    });
}

/// Runs a command, output and all, and fails unless it succeeds.
///
/// # Errors
/// If it cannot be started or ends with another status than 0.
pub fn run(command: &mut Command) -> Result<()> {
    let mut child = start(command)?;
    check(command, child.wait()?)
}

/// Runs a command that may wait for a network and ends it after `limit`.
///
/// # Errors
/// Like [`run`], and when the time is up.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = start(command)?;
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return check(command, status);
        }
        if begun.elapsed() > limit {
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
    let mut child = start_with(command, Some(Stdio::piped()))?;
    let mut tests = Tests::default();
    let output = child.stdout.take().context("the output of a child that was started with a pipe")?;
    for line in BufReader::new(output).split(b'\n') {
        let mut line = line?;
        tests += count(&String::from_utf8_lossy(&line));
        line.push(b'\n');
        put(&line);
    }
    Ok((tests, child.wait()?.success()))
}

/// Starts a command that prints where this thread does.
fn start(command: &mut Command) -> Result<Child> {
    start_with(command, None)
}

fn start_with(command: &mut Command, stdout: Option<Stdio>) -> Result<Child> {
    say(format_args!("$ {}", show(command)));
    LOG.with_borrow(|log| {
        if let Some(file) = log {
            command.stdout(file.try_clone()?).stderr(file.try_clone()?);
        }
        anyhow::Ok(())
    })?;
    if let Some(stdout) = stdout {
        command.stdout(stdout);
    }
    command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {}", show(command)))
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("{} ended with {status}", show(command));
    }
    Ok(())
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
    fn what_is_logged_is_in_the_file_in_order() {
        let path = std::env::temp_dir().join(format!("clusterclip-log-{}", std::process::id()));
        let open = || File::options().create(true).append(true).open(&path).unwrap();
        logged(open(), || {
            say("before");
            run(Command::new("rustc").arg("--version")).unwrap();
            say("after");
        });
        say("not in the file");
        let lines = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!((lines[0], lines[1], lines[3]), ("before", "$ rustc --version", "after"));
        assert!(lines[2].starts_with("rustc ") && lines.len() == 4, "{lines:?}");
    }

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
