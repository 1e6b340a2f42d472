// What an assign counts; placed before the stages that count.

struct Tally {
    // Sum of all scores, 64 bits in two words.
    objective_low: atomic<u32>,
    objective_high: atomic<u32>,
    // Rows that moved: in this assign, and in this dispatch.
    moved: atomic<u32>,
    pending: atomic<u32>,
    // Clusters that gained or lost a row.
    n_changed: u32,
    padding_0: u32,
    padding_1: u32,
    padding_2: u32,
}
