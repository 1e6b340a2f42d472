// The tiled product of assign: rows and centroids go through workgroup memory, STEP vec4<u32> of each at a time, and
// every word that lies there serves a whole row or column of invocations. For inner_packed.wgsl and inner_float.wgsl,
// which say what a slot of the tile holds.

// Sizes have names: naga stops at an unnamed one that comes before a named one.
override ROW_SLOTS = STEP * SLOTS * ROW_FOURS;
override CENTROID_SLOTS = STEP * SLOTS * CENTROID_FOURS;

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

// Loads STEP vec4<u32> of all rows and centroids of the tile: an invocation one of four rows, one of four centroids.
// There are invocations enough, and a loop would count against the turns.
fn fill(first: u32, panel: u32, at: u32, index: u32) {
    let four = index / STEP;
    let step = index % STEP;
    if four < ROW_FOURS {
        let start = (first + four * 4u) * params.vectors + at + step;
        let loaded = array(
            rows[start],
            rows[start + params.vectors],
            rows[start + 2u * params.vectors],
            rows[start + 3u * params.vectors],
        );
        store_rows(four, step, loaded);
    }
    if four < CENTROID_FOURS {
        let start = (panel + four * 4u) * params.vectors + at + step;
        let loaded = array(
            centroids[start],
            centroids[start + params.vectors],
            centroids[start + 2u * params.vectors],
            centroids[start + 3u * params.vectors],
        );
        store_centroids(four, step, loaded);
    }
}

// One slot's products of all rows and centroids of the invocation. Sums lie as [row vector][centroid vector][row].
fn add_slot(sums: ptr<function, array<Sum, 16>>, slot: u32, lane: vec3<u32>) {
    let a = row_tile[slot * ROW_FOURS + lane.y];
    let b = centroid_tile[slot * CENTROID_FOURS + lane.x];
    var more = b;
    add_four(sums, 0u, a, b);
    if CENTROID_VECTORS == 2u {
        more = centroid_tile[slot * CENTROID_FOURS + LANES_X + lane.x];
        add_four(sums, 4u, a, more);
    }
    if ROW_VECTORS == 2u {
        let rest = row_tile[slot * ROW_FOURS + LANES_Y + lane.y];
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
