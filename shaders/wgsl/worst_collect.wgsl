// Lists score, row and label of the eligible rows whose keys are not above the one settled: at most as many as
// were wanted, for keys differ.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> own_best: array<i32>;
@group(0) @binding(2) var<storage, read> scores: array<i32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read> query: Query;
@group(0) @binding(5) var<storage, read_write> found: array<Found>;
@group(0) @binding(6) var<storage, read_write> n_found: atomic<u32>;

struct Found {
    score: i32,
    own_best: i32,
    row: u32,
    label: u32,
}

const LANES = 256u;

@compute @workgroup_size(LANES)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    for (var row = id.x; row < params.n_rows; row += groups.x * LANES) {
        if scores[row] >= own_best[row] {
            continue;
        }
        let score = bitcast<u32>(scores[row]) ^ 0x80000000u;
        let at = params.base + row;
        let above = score > query.after_score || (score == query.after_score && at > query.after_row);
        let below = score < query.score || (score == query.score && at <= query.row);
        if below && (query.unbounded == 1u || above) {
            let place = atomicAdd(&n_found, 1u);
            // Never more than wanted; the guard keeps a broken device within its list.
            if place < arrayLength(&found) {
                found[place] = Found(scores[row], own_best[row], at, labels[row]);
            }
        }
    }
}
