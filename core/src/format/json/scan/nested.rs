//! Arrays and objects that are passed over.

use super::super::fault::{Fault, Reason};
use super::Scanner;

impl Scanner<'_> {
    /// Passes over an array or an object, however deep.
    pub(super) fn skip_nested(&mut self) -> Result<(), Fault> {
        let mut open = Open::default();
        while let Some(next) = self.bytes[self.at..].iter().position(|&byte| NESTS[byte as usize]) {
            self.at += next + 1;
            match self.bytes[self.at - 1] {
                b'"' => drop(self.string()?),
                byte @ (b'{' | b'[') => open.push(byte == b'{'),
                byte => {
                    if open.pop() != (byte == b'}') {
                        return Err(Fault { column: self.at, reason: Reason::Bracket });
                    }
                    if open.depth == 0 {
                        return Ok(());
                    }
                }
            }
        }
        self.at = self.bytes.len();
        Err(self.fault(Reason::Ends("an array or an object")))
    }
}

/// The bytes that matter in what is passed over.
const NESTS: [bool; 256] = {
    let mut nests = [false; 256];
    let bytes = *b"\"{}[]";
    let mut at = 0;
    while at < bytes.len() {
        nests[bytes[at] as usize] = true;
        at += 1;
    }
    nests
};

/// The brackets that are open: a bit each, whether it is a brace.
#[derive(Default)]
struct Open {
    /// Those below the topmost 64, in groups of 64.
    below: Vec<u64>,
    bits: u64,
    depth: usize,
}

impl Open {
    fn push(&mut self, brace: bool) {
        if self.depth.is_multiple_of(64) && self.depth > 0 {
            self.below.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(brace);
        self.depth += 1;
    }

    /// The kind of the innermost one, which is closed.
    fn pop(&mut self) -> bool {
        let brace = self.bits & 1 == 1;
        self.bits >>= 1;
        self.depth -= 1;
        if self.depth.is_multiple_of(64) {
            self.bits = self.below.pop().unwrap_or_default();
        }
        brace
    }
}
