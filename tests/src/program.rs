//! The program under test: started, ended, held against what it should have said.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// How the program ended and what it said.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed as results.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

/// A command for the program at `path` in a folder, without the variables that change what it does.
pub fn command(path: &str, folder: &Path) -> Command {
    let mut command = Command::new(path);
    command
        .current_dir(folder)
        .env_remove("CLUSTERCLIP_KERNEL")
        .env_remove("CLUSTERCLIP_GPU_PLAN")
        .stdin(Stdio::null());
    command
}

/// Runs the program at `path` in `folder` to its end.
pub fn run<A: AsRef<OsStr>>(path: &str, folder: &Path, arguments: impl IntoIterator<Item = A>) -> Ended {
    finish(command(path, folder).args(arguments))
}

/// Runs a command to its end; what it prints is kept unless the command sends it elsewhere.
///
/// # Panics
/// If it cannot be started.
pub fn finish(command: &mut Command) -> Ended {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}")).into()
}

/// Starts a command, sends it what Ctrl-C sends once `ready` returns, and gives how it ended.
///
/// # Panics
/// If it cannot be started, or has not ended a minute later.
#[cfg(target_os = "linux")]
pub fn interrupted(command: &mut Command, ready: impl FnOnce()) -> Ended {
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, kill_process};

    let spawned = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    ready();
    kill_process(Pid::from_child(&child), Signal::INT).expect("it is there");
    let begun = Instant::now();
    while child.try_wait().expect("a status").is_none() {
        if begun.elapsed() > Duration::from_secs(60) {
            child.kill().expect("it is there");
            panic!("{command:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.wait_with_output().expect("its end").into()
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ended {
    /// Asserts that the program did what it was asked.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    pub fn assert_done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self.assert_calm()
    }

    /// Asserts that the program failed with this code, that what it said has all these parts, and that it
    /// printed no result.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    pub fn assert_failed(self, code: i32, says: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        for part in says {
            assert!(self.stderr.contains(part), "{part:?} is not in what it said: {self}");
        }
        assert_eq!(self.stdout, "", "a failure has no result");
        assert!(
            self.stderr.lines().any(|line| line.starts_with("error: ")),
            "no line begins `error: `: {self}"
        );
        self.assert_calm()
    }

    /// Asserts that it neither panicked nor drew where no terminal is.
    ///
    /// # Panics
    /// If it did.
    #[track_caller]
    pub fn assert_calm(self) -> Self {
        for word in ["panicked", "RUST_BACKTRACE", "unwrap()", "\u{1b}["] {
            assert!(!self.stderr.contains(word) && !self.stdout.contains(word), "{word:?}: {self}");
        }
        self
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit code {:?}\n--- stderr\n{}--- stdout\n{}---", self.code, self.stderr, self.stdout)
    }
}
