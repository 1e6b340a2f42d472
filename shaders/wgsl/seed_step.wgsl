// Scores every row with one more centroid of k-means++, keeps its best score, and sums the weights of each block
// of SEED_ROWS rows: SPEC.md, 1.6. Twin: core kmeans/cpu/seed.rs.
//
// Reading rows is what takes time here, so bytes are multiplied plainly, without packed instructions.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> centroids: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> biases: array<i32>;
@group(0) @binding(4) var<storage, read> own_best: array<i32>;
@group(0) @binding(5) var<storage, read_write> scores: array<i32>;
@group(0) @binding(6) var<storage, read_write> weights: array<vec2<u32>>;

// Rows whose weights are summed together: one workgroup's.
const SEED_ROWS = 256u;
// Invocations that share a row, and rows at a time.
const SHARE = 16u;
const TOGETHER = 16u;

var<workgroup> parts: array<i32, 256>;
var<workgroup> total: array<atomic<u32>, 2>;

@compute @workgroup_size(SHARE, TOGETHER)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) lane: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    if index == 0u {
        atomicStore(&total[0], 0u);
        atomicStore(&total[1], 0u);
    }
    for (var at = 0u; at < SEED_ROWS; at += TOGETHER) {
        // Blocks are padded to whole tiles, not to SEED_ROWS: rows past the end read the last one.
        let row = params.first + group.x * SEED_ROWS + at + lane.y;
        let start = min(row, params.n_rows - 1u) * params.vectors;
        var part = 0;
        for (var i = lane.x; i < params.vectors; i += SHARE) {
            let q = rows[start + i];
            let c = centroids[i];
            part += product(q.x, c.x) + product(q.y, c.y) + product(q.z, c.z) + product(q.w, c.w);
        }
        workgroupBarrier();
        parts[index] = part;
        workgroupBarrier();
        if lane.x == 0u && row < params.end {
            var score = biases[0];
            for (var i = 0u; i < SHARE; i++) {
                score += parts[index + i];
            }
            score = max(score, scores[row]);
            scores[row] = score;
            // The true difference is under 2^32, so wrapping words hold it.
            let own = own_best[row];
            let weight = select(0u, bitcast<u32>(own) - bitcast<u32>(score), own > score);
            let old = atomicAdd(&total[0], weight);
            if old + weight < old {
                atomicAdd(&total[1], 1u);
            }
        }
    }
    workgroupBarrier();
    if index == 0u {
        let block = (params.base + params.first) / SEED_ROWS + group.x;
        weights[block] = vec2(atomicLoad(&total[0]), atomicLoad(&total[1]));
    }
}

// Four byte products.
fn product(a: u32, b: u32) -> i32 {
    let shifts = vec4(24u, 16u, 8u, 0u);
    let x = (vec4(bitcast<i32>(a)) << shifts) >> vec4(24u);
    let y = (vec4(bitcast<i32>(b)) << shifts) >> vec4(24u);
    return dot(x, y);
}
