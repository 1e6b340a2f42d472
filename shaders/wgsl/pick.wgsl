// Finds the row of a block of SEED_ROWS rows at which the summed weights exceed what is wanted: SPEC.md, 1.6.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> own_best: array<i32>;
@group(0) @binding(2) var<storage, read> scores: array<i32>;
// In: first row in the block of rows, remainder (low, high). Out: the row, or NONE.
@group(0) @binding(3) var<storage, read_write> wanted: Wanted;

struct Wanted {
    first: u32,
    low: u32,
    high: u32,
    row: u32,
}

const SEED_ROWS = 256u;
var<workgroup> weights: array<u32, SEED_ROWS>;

@compute @workgroup_size(SEED_ROWS)
fn main(@builtin(local_invocation_index) lane: u32) {
    let row = wanted.first + lane;
    var weight = 0u;
    if row < params.n_rows && own_best[row] > scores[row] {
        weight = bitcast<u32>(own_best[row]) - bitcast<u32>(scores[row]);
    }
    weights[lane] = weight;
    workgroupBarrier();
    if lane == 0u {
        var low = wanted.low;
        var high = wanted.high;
        var found = NONE;
        for (var i = 0u; i < SEED_ROWS; i++) {
            if high == 0u && low < weights[i] {
                found = wanted.first + i;
                break;
            }
            // What is left is at least this weight, so nothing goes under zero.
            if low < weights[i] {
                high--;
            }
            low -= weights[i];
        }
        wanted.row = found;
    }
}
