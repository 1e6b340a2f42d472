//! Files changed at random, in ways that files are damaged and forged: by a seed, so that a case can be made again.

/// Numbers by chance: SplitMix64.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Begins with a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number under `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Numbers at which lengths, offsets and shapes go wrong.
const NUMBERS: [u64; 14] = [
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x3FFF_FFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0x7FFF_FFFF_FFFF_FFFF,
    0xFFFF_FFFF_FFFF_FFFF,
];

/// The same as text, where a format writes numbers out; and what begins or ends things in such formats.
const WORDS: [&str; 22] = [
    "0",
    "-1",
    "1e999",
    "4294967296",
    "9223372036854775807",
    "18446744073709551616",
    "null",
    "[",
    "]",
    "{",
    "}",
    "\"",
    ",",
    ":",
    "\n",
    "\r\n",
    "\\u",
    "\u{feff}",
    "\0",
    "\u{fffd}",
    "\t",
    "''",
];

/// The longest file that becomes of a change.
const LONGEST: usize = 64 << 10;

/// One of the files with a few changes; some may be taken from another of them.
pub fn mutated(files: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.of(files).clone();
    for _ in 0..1 + random.below(4) {
        change(&mut bytes, files, random);
        bytes.truncate(LONGEST);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, files: &[Vec<u8>], random: &mut Random) {
    if bytes.is_empty() {
        bytes.push(0);
    }
    let at = place(bytes.len(), random);
    let length = 1 + random.below((bytes.len() - at).min(64));
    match random.below(10) {
        0 | 1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = random.next() as u8,
        3 | 4 => {
            let width = 1 << random.below(4);
            let number = random.of(&NUMBERS).to_le_bytes();
            bytes.iter_mut().skip(at).zip(&number[..width]).for_each(|(byte, &new)| *byte = new);
        }
        5 => drop(bytes.drain(at..at + length)),
        6 => {
            let word = random.of(&WORDS).as_bytes();
            let replaced = at..at + random.below(2) * length;
            drop(bytes.splice(replaced, word.iter().copied()));
        }
        7 => {
            let part = bytes[at..at + length].to_vec();
            let times = 1 << random.below(10);
            drop(bytes.splice(at..at, part.repeat(times)));
        }
        8 => {
            let other = random.of(files);
            if !other.is_empty() {
                let from = random.below(other.len());
                let part = &other[from..other.len().min(from + 256)];
                drop(bytes.splice(at..at + length, part.iter().copied()));
            }
        }
        _ => bytes.truncate(at),
    }
}

/// A place in a file: anywhere, or near an end, where a byte says most.
fn place(length: usize, random: &mut Random) -> usize {
    let near = length.min(256);
    match random.below(3) {
        0 => random.below(length),
        1 => random.below(near),
        _ => length - 1 - random.below(near),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_files_and_they_differ() {
        let files = [b"{\"text\": \"one\"}\n".repeat(9), b"[1, 2]".to_vec()];
        let made = |seed| {
            let mut random = Random::new(seed);
            (0..200).map(|_| mutated(&files, &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
        let changed = made(3).iter().filter(|file| !files.contains(file)).count();
        assert!(changed > 180, "{changed} of 200 are other files");
    }
}
