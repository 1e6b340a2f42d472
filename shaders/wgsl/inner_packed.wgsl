// Inner loop of assign on packed bytes: four products an instruction where the device has it.

// Bytes stay packed: a vec4<u32> of a row fills 4 slots of the tile.
const SLOTS = 4u;
// An invocation loads all four words at once.
const PARTS = 1u;

alias Sum = vec4<i32>;

// One row's word with the same word of four centroids.
fn multiply_add(sum: Sum, a: u32, b: vec4<u32>) -> Sum {
    return sum + vec4(
        dot4I8Packed(a, b.x), dot4I8Packed(a, b.y), dot4I8Packed(a, b.z), dot4I8Packed(a, b.w),
    );
}

// Sums are exact in i32 for rows of any length: 63 · 127 · 2^18 < 2^31.
fn whole(sum: Sum) -> vec4<i32> {
    return sum;
}

// Fills the slots from `to` on with four rows (or centroids), of which the first's vec4<u32> is at `start`.
fn store_rows(to: u32, start: u32, part: u32) {
    let a = rows[start];
    let b = rows[start + params.vectors];
    let c = rows[start + 2u * params.vectors];
    let d = rows[start + 3u * params.vectors];
    row_tile[to] = vec4(a.x, b.x, c.x, d.x);
    row_tile[to + ROW_STRIDE] = vec4(a.y, b.y, c.y, d.y);
    row_tile[to + 2u * ROW_STRIDE] = vec4(a.z, b.z, c.z, d.z);
    row_tile[to + 3u * ROW_STRIDE] = vec4(a.w, b.w, c.w, d.w);
}

fn store_centroids(to: u32, start: u32, part: u32) {
    let a = centroids[start];
    let b = centroids[start + params.vectors];
    let c = centroids[start + 2u * params.vectors];
    let d = centroids[start + 3u * params.vectors];
    centroid_tile[to] = vec4(a.x, b.x, c.x, d.x);
    centroid_tile[to + CENTROID_STRIDE] = vec4(a.y, b.y, c.y, d.y);
    centroid_tile[to + 2u * CENTROID_STRIDE] = vec4(a.z, b.z, c.z, d.z);
    centroid_tile[to + 3u * CENTROID_STRIDE] = vec4(a.w, b.w, c.w, d.w);
}

// All slots of a step, written out: drivers leave a loop of this size as it is.
fn add_step(sums: ptr<function, array<Sum, 16>>, step: u32, lane: vec3<u32>) {
    add_slot(sums, step * SLOTS + 0u, lane);
    add_slot(sums, step * SLOTS + 1u, lane);
    add_slot(sums, step * SLOTS + 2u, lane);
    add_slot(sums, step * SLOTS + 3u, lane);
}
