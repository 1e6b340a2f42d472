// Counts, for one digit of their keys, the rows eligible for refill that share the digits settled so far:
// SPEC.md, 1.5. With worst_settle after each digit, the key of the last row wanted is known after six.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> own_best: array<i32>;
@group(0) @binding(2) var<storage, read> scores: array<i32>;
@group(0) @binding(3) var<storage, read> query: Query;
@group(0) @binding(4) var<storage, read_write> bins: array<atomic<u32>>;

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
        if query.unbounded == 0u && !above {
            continue;
        }
        let word = select(score, at, query.digit >= 3u);
        let settled = select(query.score, query.row, query.digit >= 3u);
        let top = shift_of(query.digit) + bits_of(query.digit);
        // A shift by 32 is none in WGSL, so the highest digit is asked for apart.
        let same = top == 32u || (word >> (top & 31u)) == (settled >> (top & 31u));
        if same && (query.digit < 3u || score == query.score) {
            let bin = extractBits(word, shift_of(query.digit), bits_of(query.digit));
            atomicAdd(&bins[bin], 1u);
        }
    }
}
