// The search for the worst rows, shared by its three stages. Rows are ordered by a key of two words: the score
// with its sign bit flipped, then the row counted on the device; digits of it are settled from the top.

struct Query {
    // Only keys above this one count, unless `unbounded` is 1.
    after_score: u32,
    after_row: u32,
    unbounded: u32,
    // How many rows are still to be found with the digits settled so far.
    wanted: u32,
    // The key of the last row wanted, as far as it is settled.
    score: u32,
    row: u32,
    // The digit in hand.
    digit: u32,
    padding: u32,
}

// Digits of a key: three of each word.
const DIGITS = 6u;
const BINS = 2048u;

// The lowest bit of a digit in its word: 11, 11 and 10 bits.
fn shift_of(digit: u32) -> u32 {
    return array(21u, 10u, 0u)[digit % 3u];
}

fn bits_of(digit: u32) -> u32 {
    return array(11u, 11u, 10u)[digit % 3u];
}
