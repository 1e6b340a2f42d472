// The tally of an assign as later stages read it; the same layout as Tally, without atomics.

struct TallyRead {
    objective_low: u32,
    objective_high: u32,
    moved: u32,
    pending: u32,
    n_changed: u32,
    padding_0: u32,
    padding_1: u32,
    padding_2: u32,
}
