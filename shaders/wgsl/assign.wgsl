// Gives every row the centroid of highest score, the lowest on ties: SPEC.md, 1.3. Twin: core kmeans/cpu/plan.rs.
//
// A workgroup takes TILE_ROWS rows and passes over all centroids, TILE_CENTROIDS at a time; an invocation scores
// 4 · ROW_VECTORS rows with 4 · CENTROID_VECTORS centroids in registers and keeps the best of each row, so that
// no score but the best leaves the registers.
//
// Indices: rows are padded to 128 and centroids to 128 (whole tiles of every size), and `vectors` is a multiple of
// 4, as STEP divides it; so loads stay in the buffers. Stores are guarded by `end`, which is at most n_rows.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> centroids: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> biases: array<i32>;
@group(0) @binding(4) var<storage, read_write> labels: array<u32>;
@group(0) @binding(5) var<storage, read_write> scores: array<i32>;
@group(0) @binding(6) var<storage, read_write> tally: Tally;
@group(0) @binding(7) var<storage, read_write> moves: array<vec2<u32>>;

// Invocations across centroids and across rows.
override LANES_X = 8u;
override LANES_Y = 8u;
// Rows and centroids of an invocation, in fours: 1 or 2.
override ROW_VECTORS = 2u;
override CENTROID_VECTORS = 2u;
// vec4<u32> of a row that the tile holds at a time: 1, 2 or 4.
override STEP = 2u;
// vec4<u32> of a row after which sums go to i32: 128 of them are 2048 columns, whose products stay under 2^24.
override SPLIT = 128u;

override LANES = LANES_X * LANES_Y;
override ROW_FOURS = LANES_Y * ROW_VECTORS;
override CENTROID_FOURS = LANES_X * CENTROID_VECTORS;

const LOWEST = -0x7fffffff - 1;

// [slot][four rows], and the same of centroids.
var<workgroup> row_tile: array<vec4<u32>, STEP * SLOTS * ROW_FOURS>;
var<workgroup> centroid_tile: array<vec4<u32>, STEP * SLOTS * CENTROID_FOURS>;
var<workgroup> lane_best: array<vec2<i32>, LANES>;
var<workgroup> objective: array<atomic<u32>, 2>;
var<workgroup> moved: atomic<u32>;
var<workgroup> moves_from: u32;

@compute @workgroup_size(LANES_X, LANES_Y)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) lane: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let first = params.first + group.x * ROW_FOURS * 4u;
    var best: array<i32, 8>;
    var best_at: array<u32, 8>;
    for (var i = 0u; i < 8u; i++) {
        best[i] = LOWEST;
    }
    for (var panel = 0u; panel < params.n_clusters; panel += CENTROID_FOURS * 4u) {
        var total: array<vec4<i32>, 16>;
        for (var start = 0u; start < params.vectors; start += SPLIT) {
            var sums: array<Sum, 16>;
            for (var at = start; at < min(start + SPLIT, params.vectors); at += STEP) {
                workgroupBarrier();
                fill(first, panel, at, index);
                workgroupBarrier();
                for (var slot = 0u; slot < STEP * SLOTS; slot++) {
                    for (var c = 0u; c < CENTROID_VECTORS; c++) {
                        let b = centroid_tile[slot * CENTROID_FOURS + c * LANES_X + lane.x];
                        for (var r = 0u; r < ROW_VECTORS; r++) {
                            let a = row_tile[slot * ROW_FOURS + r * LANES_Y + lane.y];
                            let to = (r * 2u + c) * 4u;
                            sums[to] = multiply_add(sums[to], a.x, b);
                            sums[to + 1u] = multiply_add(sums[to + 1u], a.y, b);
                            sums[to + 2u] = multiply_add(sums[to + 2u], a.z, b);
                            sums[to + 3u] = multiply_add(sums[to + 3u], a.w, b);
                        }
                    }
                }
            }
            for (var i = 0u; i < 16u; i++) {
                total[i] += whole(sums[i]);
            }
        }
        // Ascending centroids and a strict comparison: the lowest of a lane wins its ties.
        for (var c = 0u; c < CENTROID_VECTORS; c++) {
            for (var j = 0u; j < 4u; j++) {
                let centroid = panel + (c * LANES_X + lane.x) * 4u + j;
                let bias = biases[centroid];
                for (var i = 0u; i < 4u * ROW_VECTORS; i++) {
                    let score = total[((i >> 2u) * 2u + c) * 4u + (i & 3u)][j] + bias;
                    if score > best[i] {
                        best[i] = score;
                        best_at[i] = centroid;
                    }
                }
            }
        }
    }
    // The best of each row over the lanes, then what moved.
    var mine: array<vec2<i32>, 8>;
    for (var i = 0u; i < 4u * ROW_VECTORS; i++) {
        workgroupBarrier();
        lane_best[index] = vec2(best[i], bitcast<i32>(best_at[i]));
        workgroupBarrier();
        if lane.x == 0u {
            var found = lane_best[index];
            for (var x = 1u; x < LANES_X; x++) {
                let other = lane_best[index + x];
                if other.x > found.x || (other.x == found.x && other.y < found.y) {
                    found = other;
                }
            }
            mine[i] = found;
        }
    }
    finish(first, lane, index, mine);
}

// Loads STEP vec4<u32> of all rows and centroids of the tile, four rows (or centroids) an invocation.
fn fill(first: u32, panel: u32, at: u32, index: u32) {
    for (var i = index; i < STEP * ROW_FOURS; i += LANES) {
        let four = i / STEP;
        let step = i % STEP;
        let start = (first + four * 4u) * params.vectors + at + step;
        var loaded = array(
            rows[start],
            rows[start + params.vectors],
            rows[start + 2u * params.vectors],
            rows[start + 3u * params.vectors],
        );
        for (var slot = 0u; slot < SLOTS; slot++) {
            row_tile[(step * SLOTS + slot) * ROW_FOURS + four] = slot_of(&loaded, slot);
        }
    }
    for (var i = index; i < STEP * CENTROID_FOURS; i += LANES) {
        let four = i / STEP;
        let step = i % STEP;
        let start = (panel + four * 4u) * params.vectors + at + step;
        var loaded = array(
            centroids[start],
            centroids[start + params.vectors],
            centroids[start + 2u * params.vectors],
            centroids[start + 3u * params.vectors],
        );
        for (var slot = 0u; slot < SLOTS; slot++) {
            centroid_tile[(step * SLOTS + slot) * CENTROID_FOURS + four] = slot_of(&loaded, slot);
        }
    }
}

// Writes labels and scores, adds up the objective and lists the rows that moved.
fn finish(first: u32, lane: vec3<u32>, index: u32, found: array<vec2<i32>, 8>) {
    var mine = found;
    var old_label: array<u32, 8>;
    var place: array<u32, 8>;
    if index == 0u {
        atomicStore(&objective[0], 0u);
        atomicStore(&objective[1], 0u);
        atomicStore(&moved, 0u);
    }
    workgroupBarrier();
    for (var i = 0u; i < 4u * ROW_VECTORS; i++) {
        let row = row_of(first, lane, i);
        place[i] = NONE;
        if lane.x == 0u && row < params.end {
            old_label[i] = labels[row];
            labels[row] = bitcast<u32>(mine[i].y);
            scores[row] = mine[i].x;
            // A sum of 64 bits in two words: the carry goes up when the lower one wraps.
            let low = bitcast<u32>(mine[i].x);
            let old = atomicAdd(&objective[0], low);
            let carry = select(0u, 1u, old + low < old);
            atomicAdd(&objective[1], bitcast<u32>(mine[i].x >> 31u) + carry);
            if old_label[i] != bitcast<u32>(mine[i].y) {
                place[i] = atomicAdd(&moved, 1u);
            }
        }
    }
    workgroupBarrier();
    if index == 0u {
        let count = atomicLoad(&moved);
        moves_from = atomicAdd(&tally.pending, count);
        atomicAdd(&tally.moved, count);
        let low = atomicLoad(&objective[0]);
        let old = atomicAdd(&tally.objective_low, low);
        let carry = select(0u, 1u, old + low < old);
        atomicAdd(&tally.objective_high, atomicLoad(&objective[1]) + carry);
    }
    workgroupBarrier();
    for (var i = 0u; i < 4u * ROW_VECTORS; i++) {
        if place[i] != NONE {
            // A dispatch lists each of its rows once at most, and has room for all of them.
            moves[moves_from + place[i]] = vec2(row_of(first, lane, i), old_label[i]);
        }
    }
}

fn row_of(first: u32, lane: vec3<u32>, i: u32) -> u32 {
    return first + ((i >> 2u) * LANES_Y + lane.y) * 4u + (i & 3u);
}
