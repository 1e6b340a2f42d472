//! Runs the program so that it can be met in a chosen stage.
//!
//! Its standard error is a pipe that holds a single message (a packet pipe of one page): it goes on working
//! only until it has said two more things than were read. So after the line `cluster begins` was read, it is
//! in that stage, or waits at its end to say that it is done, however fast the machine.

use std::fs::File;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};

use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};
use rustix::process::{Pid, Signal, kill_process};

use crate::program::Ended;

/// The smallest pipe there is: one message.
const ONE_PAGE: usize = 4096;

/// The running program.
pub struct Stepped {
    child: Child,
    pipe: File,
    said: String,
}

impl Stepped {
    /// Starts a command.
    ///
    /// # Panics
    /// If it cannot be started, or the system has no such pipes.
    pub fn start(command: &mut Command) -> Self {
        let (read, write) = pipe_with(PipeFlags::DIRECT | PipeFlags::CLOEXEC).expect("a packet pipe");
        fcntl_setpipe_size(&write, ONE_PAGE).expect("a pipe of one page");
        let child =
            command.stdout(Stdio::null()).stderr(Stdio::from(write)).spawn().expect("the program starts");
        // The command holds the other end of the pipe until it is changed or dropped.
        command.stderr(Stdio::null());
        Self { child, pipe: read.into(), said: String::new() }
    }

    /// Reads until the program says that its `count`-th stage (from 0) begins; `None` if it ends before.
    pub fn until_stage(&mut self, count: usize) -> Option<String> {
        loop {
            if let Some(stage) = stages(&self.said).nth(count) {
                return Some(stage.to_owned());
            }
            if !self.read() {
                return None;
            }
        }
    }

    /// Sends what Ctrl-C sends.
    ///
    /// # Panics
    /// If the program has ended and was waited for.
    pub fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("the program is there");
    }

    /// Ends the program as `kill -9` does.
    ///
    /// # Panics
    /// If it cannot be ended, or was not ended by that signal.
    pub fn kill(mut self) {
        self.child.kill().expect("the program is there");
        let status = self.child.wait().expect("the program ends");
        assert_eq!(status.signal(), Some(9), "{}", self.said);
    }

    /// Lets the program run to its end.
    ///
    /// # Panics
    /// If it cannot be waited for.
    pub fn finish(mut self) -> Ended {
        while self.read() {}
        let status = self.child.wait().expect("the program ends");
        Ended { code: status.code(), stdout: String::new(), stderr: self.said }
    }

    fn read(&mut self) -> bool {
        let mut page = [0; ONE_PAGE];
        let length = self.pipe.read(&mut page).expect("the pipe can be read");
        self.said += &String::from_utf8_lossy(&page[..length]);
        length > 0
    }
}

/// The stages that have begun, by the complete lines that say so.
pub fn stages(said: &str) -> impl Iterator<Item = &str> {
    let whole = said.rfind('\n').map_or("", |end| &said[..end]);
    whole.lines().filter_map(|line| {
        let (stage, rest) = line.split_once(' ')?;
        rest.trim_start().starts_with("begins").then_some(stage)
    })
}
