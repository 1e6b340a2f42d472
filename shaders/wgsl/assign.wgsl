// Gives every row the centroid of highest score, the lowest on ties: SPEC.md, 1.3. Twin: core kmeans/cpu/plan.rs.
//
// A workgroup takes 4 · ROW_FOURS rows and passes over all centroids, 4 · CENTROID_FOURS at a time; an invocation
// scores 4 · ROW_VECTORS rows with 4 · CENTROID_VECTORS centroids in registers and keeps the best of each row, so
// that no score but the best leaves the registers. How products come about is another file's, which also has the
// entry point: tile.wgsl, through workgroup memory, or inner_broadcast.wgsl. A dispatch may hold a part of the
// clusters, ascending from the first: devices stop shaders that run too long, and Mesa's software one after 65,535
// turns of loops, without a word.
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
// Score and cluster of the rows of this dispatch, kept between dispatches with parts of the clusters.
@group(0) @binding(8) var<storage, read_write> bests: array<vec2<i32>>;

// Invocations across centroids and across rows.
override LANES_X = 8u;
override LANES_Y = 8u;
// Rows and centroids of an invocation, in fours: 1 or 2.
override ROW_VECTORS = 2u;
override CENTROID_VECTORS = 2u;
// vec4<u32> of a row that the tile holds at a time: 1, 2 or 4.
override STEP = 2u;
// Whether rows are longer than EXACT: sums then go to totals every so often, which takes as many registers again.
override SPLIT = true;

override LANES = LANES_X * LANES_Y;
override ROW_FOURS = LANES_Y * ROW_VECTORS;
override CENTROID_FOURS = LANES_X * CENTROID_VECTORS;

// vec4<u32> of a row whose sums are exact in f32: 128 of them are 2048 columns, whose products stay under 2^24.
const EXACT = 128u;
const LOWEST = -0x7fffffff - 1;

var<workgroup> lane_best: array<vec2<i32>, LANES>;
var<workgroup> objective: array<atomic<u32>, 2>;
var<workgroup> moved: atomic<u32>;
var<workgroup> moves_from: u32;

fn assign(group: vec3<u32>, lane: vec3<u32>, index: u32) {
    let first = params.first + group.x * ROW_FOURS * 4u;
    var best: array<i32, 8>;
    var best_at: array<u32, 8>;
    for (var i = 0u; i < 8u; i++) {
        best[i] = LOWEST;
    }
    for (var panel = params.first_cluster; panel < params.end_cluster; panel += CENTROID_FOURS * 4u) {
        // Zeros that are written out: Chromium's compiler does not clear, in later turns of a loop, what is only declared.
        var total = array<vec4<i32>, 16>();
        if SPLIT {
            for (var start = 0u; start < params.vectors; start += EXACT) {
                var sums = array<Sum, 16>();
                add_products(&sums, first, panel, start, min(start + EXACT, params.vectors), lane, index);
                carry_all(&total, &sums);
            }
        } else {
            var sums = array<Sum, 16>();
            add_products(&sums, first, panel, 0u, params.vectors, lane, index);
            carry_all(&total, &sums);
        }
        // Ascending centroids and a strict comparison: the lowest of a lane wins its ties.
        keep_best(&best, &best_at, &total, 0u, panel, 0u, lane);
        if ROW_VECTORS == 2u {
            keep_best(&best, &best_at, &total, 8u, panel, 0u, lane);
        }
        if CENTROID_VECTORS == 2u {
            keep_best(&best, &best_at, &total, 4u, panel, LANES_X, lane);
            if ROW_VECTORS == 2u {
                keep_best(&best, &best_at, &total, 12u, panel, LANES_X, lane);
            }
        }
    }
    // Copies: what follows indexes them in loops, which would keep the originals out of registers.
    var lane_score = best;
    var lane_at = best_at;
    // The best of each row over the lanes, then what moved.
    var mine: array<vec2<i32>, 8>;
    for (var i = 0u; i < 4u * ROW_VECTORS; i++) {
        workgroupBarrier();
        lane_best[index] = vec2(lane_score[i], bitcast<i32>(lane_at[i]));
        workgroupBarrier();
        if lane.x == 0u {
            var found = lane_best[index];
            for (var x = 1u; x < LANES_X; x++) {
                let other = lane_best[index + x];
                if other.x > found.x || (other.x == found.x && other.y < found.y) {
                    found = other;
                }
            }
            // Clusters of earlier dispatches are lower, so they win ties.
            let row = row_of(first, lane, i);
            if row < params.end {
                let before = bests[row - params.first];
                if params.first_cluster > 0u && before.x >= found.x {
                    found = before;
                }
                bests[row - params.first] = found;
            }
            mine[i] = found;
        }
    }
    if params.end_cluster < params.n_clusters {
        return;
    }
    finish(first, lane, index, mine);
}

// Adds the products of vec4<u32> `begin` to `end` of the rows and a panel of centroids.
fn add_products(
    sums: ptr<function, array<Sum, 16>>,
    first: u32,
    panel: u32,
    begin: u32,
    end: u32,
    lane: vec3<u32>,
    index: u32,
) {
    for (var at = begin; at < end; at += STEP) {
        add_columns(sums, first, panel, at, lane, index);
    }
}

fn carry_all(total: ptr<function, array<vec4<i32>, 16>>, sums: ptr<function, array<Sum, 16>>) {
    carry(total, sums, 0u);
    carry(total, sums, 4u);
    carry(total, sums, 8u);
    carry(total, sums, 12u);
}

// Adds four sums to the totals.
fn carry(total: ptr<function, array<vec4<i32>, 16>>, sums: ptr<function, array<Sum, 16>>, at: u32) {
    (*total)[at] += whole((*sums)[at]);
    (*total)[at + 1u] += whole((*sums)[at + 1u]);
    (*total)[at + 2u] += whole((*sums)[at + 2u]);
    (*total)[at + 3u] += whole((*sums)[at + 3u]);
}

// Compares four rows' scores with four centroids, `skipped` lanes' fours after the first, with the best so far.
fn keep_best(
    best: ptr<function, array<i32, 8>>,
    best_at: ptr<function, array<u32, 8>>,
    total: ptr<function, array<vec4<i32>, 16>>,
    at: u32,
    panel: u32,
    skipped: u32,
    lane: vec3<u32>,
) {
    let centroid = panel + (skipped + lane.x) * 4u;
    let bias = vec4(biases[centroid], biases[centroid + 1u], biases[centroid + 2u], biases[centroid + 3u]);
    let row = (at >> 3u) * 4u;
    keep_better(best, best_at, row, (*total)[at] + bias, centroid);
    keep_better(best, best_at, row + 1u, (*total)[at + 1u] + bias, centroid);
    keep_better(best, best_at, row + 2u, (*total)[at + 2u] + bias, centroid);
    keep_better(best, best_at, row + 3u, (*total)[at + 3u] + bias, centroid);
}

fn keep_better(
    best: ptr<function, array<i32, 8>>,
    best_at: ptr<function, array<u32, 8>>,
    row: u32,
    scores: vec4<i32>,
    centroid: u32,
) {
    // The highest of four, the lowest on ties, then against the best so far.
    let left = select(vec2(scores.x, 0), vec2(scores.y, 1), scores.y > scores.x);
    let right = select(vec2(scores.z, 2), vec2(scores.w, 3), scores.w > scores.z);
    let four = select(left, right, right.x > left.x);
    if four.x > (*best)[row] {
        (*best)[row] = four.x;
        (*best_at)[row] = centroid + u32(four.y);
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
