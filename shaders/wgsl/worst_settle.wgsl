// Settles one digit of the key of the last row wanted, and clears the bins for the next.

@group(0) @binding(0) var<storage, read_write> query: Query;
@group(0) @binding(1) var<storage, read_write> bins: array<u32>;

const LANES = 256u;
const EACH = BINS / LANES;
var<workgroup> runs: array<u32, LANES>;
var<workgroup> wanted: u32;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
    var count = 0u;
    for (var i = 0u; i < EACH; i++) {
        count += bins[lane * EACH + i];
    }
    runs[lane] = count;
    if lane == 0u {
        wanted = query.wanted;
    }
    workgroupBarrier();
    var before = 0u;
    for (var i = 0u; i < lane; i++) {
        before += runs[i];
    }
    let shift = shift_of(query.digit);
    // One invocation's run holds the row wanted; with too few rows the last takes its highest bin.
    let last = lane == LANES - 1u && before + count < wanted;
    if (before < wanted && wanted <= before + count) || last {
        var bin = lane * EACH;
        while bin < lane * EACH + EACH - 1u && before + bins[bin] < wanted {
            before += bins[bin];
            bin++;
        }
        // Ten-bit digits have half the bins.
        bin = min(bin, (1u << bits_of(query.digit)) - 1u);
        if query.digit >= 3u {
            query.row |= bin << shift;
        } else {
            query.score |= bin << shift;
        }
        // Too few rows: every later digit is the highest too, so that all of them are found.
        query.wanted = select(wanted - before, 0xffffffffu, last);
    }
    storageBarrier();
    workgroupBarrier();
    for (var i = 0u; i < EACH; i++) {
        bins[lane * EACH + i] = 0u;
    }
    if lane == 0u {
        query.digit++;
    }
}
