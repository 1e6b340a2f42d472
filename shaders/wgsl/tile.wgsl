// The tiled product of assign: rows and centroids go through workgroup memory, STEP vec4<u32> of each at a time, and
// every word that lies there serves a whole row or column of invocations. For inner_packed.wgsl and inner_float.wgsl,
// which say what a slot of the tile holds.

// Sizes have names: naga stops at an unnamed one that comes before a named one.
// One more than there are: else the words of a row would all be stored to the same bank.
override ROW_STRIDE = ROW_FOURS + 1;
override CENTROID_STRIDE = CENTROID_FOURS + 1;
override ROW_SLOTS = STEP * SLOTS * ROW_STRIDE;
override CENTROID_SLOTS = STEP * SLOTS * CENTROID_STRIDE;

// [slot][four rows], and the same of centroids.
var<workgroup> row_tile: array<vec4<u32>, ROW_SLOTS>;
var<workgroup> centroid_tile: array<vec4<u32>, CENTROID_SLOTS>;

@compute @workgroup_size(LANES_X, LANES_Y)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) lane: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    assign(group, lane, index);
}

// Adds the products of STEP vec4<u32> from `at` on.
fn add_columns(
    sums: ptr<function, array<Sum, 16>>,
    first: u32,
    panel: u32,
    at: u32,
    lane: vec3<u32>,
    index: u32,
) {
    workgroupBarrier();
    fill(first, panel, at, index);
    workgroupBarrier();
    add_step(sums, 0u, lane);
    if STEP >= 2u {
        add_step(sums, 1u, lane);
    }
    if STEP == 4u {
        add_step(sums, 2u, lane);
        add_step(sums, 3u, lane);
    }
}

// Loads STEP vec4<u32> of all rows and centroids of the tile: an invocation one part of one of four rows, and of four
// centroids. There are invocations enough, and a loop would count against the turns.
fn fill(first: u32, panel: u32, at: u32, index: u32) {
    let four = index / (STEP * PARTS);
    let step = index / PARTS % STEP;
    let part = index % PARTS;
    let slot = step * SLOTS + part * (SLOTS / PARTS);
    if four < ROW_FOURS {
        store_rows(slot * ROW_STRIDE + four, (first + four * 4u) * params.vectors + at + step, part);
    }
    if four < CENTROID_FOURS {
        store_centroids(slot * CENTROID_STRIDE + four, (panel + four * 4u) * params.vectors + at + step, part);
    }
}

// One slot's products of all rows and centroids of the invocation. Sums lie as [row vector][centroid vector][row].
fn add_slot(sums: ptr<function, array<Sum, 16>>, slot: u32, lane: vec3<u32>) {
    let a = row_tile[slot * ROW_STRIDE + lane.y];
    let b = centroid_tile[slot * CENTROID_STRIDE + lane.x];
    var more = b;
    add_four(sums, 0u, a, b);
    if CENTROID_VECTORS == 2u {
        more = centroid_tile[slot * CENTROID_STRIDE + LANES_X + lane.x];
        add_four(sums, 4u, a, more);
    }
    if ROW_VECTORS == 2u {
        let rest = row_tile[slot * ROW_STRIDE + LANES_Y + lane.y];
        add_four(sums, 8u, rest, b);
        if CENTROID_VECTORS == 2u {
            add_four(sums, 12u, rest, more);
        }
    }
}

// Four rows with four centroids.
fn add_four(sums: ptr<function, array<Sum, 16>>, to: u32, a: vec4<u32>, b: vec4<u32>) {
    (*sums)[to] = multiply_add((*sums)[to], a.x, b);
    (*sums)[to + 1u] = multiply_add((*sums)[to + 1u], a.y, b);
    (*sums)[to + 2u] = multiply_add((*sums)[to + 2u], a.z, b);
    (*sums)[to + 3u] = multiply_add((*sums)[to + 3u], a.w, b);
}
