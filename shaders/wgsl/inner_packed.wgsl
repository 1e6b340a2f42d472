// Inner loop of assign on packed bytes: four products an instruction where the device has it.

// Bytes stay packed: a vec4<u32> of a row fills 4 slots of the tile.
const SLOTS = 4u;

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

// The slots that four rows (or centroids) fill.
fn store_rows(four: u32, step: u32, loaded: array<vec4<u32>, 4>) {
    let start = step * SLOTS * ROW_FOURS + four;
    row_tile[start] = words_of(loaded, 0u);
    row_tile[start + ROW_FOURS] = words_of(loaded, 1u);
    row_tile[start + 2u * ROW_FOURS] = words_of(loaded, 2u);
    row_tile[start + 3u * ROW_FOURS] = words_of(loaded, 3u);
}

fn store_centroids(four: u32, step: u32, loaded: array<vec4<u32>, 4>) {
    let start = step * SLOTS * CENTROID_FOURS + four;
    centroid_tile[start] = words_of(loaded, 0u);
    centroid_tile[start + CENTROID_FOURS] = words_of(loaded, 1u);
    centroid_tile[start + 2u * CENTROID_FOURS] = words_of(loaded, 2u);
    centroid_tile[start + 3u * CENTROID_FOURS] = words_of(loaded, 3u);
}

fn words_of(loaded: array<vec4<u32>, 4>, word: u32) -> vec4<u32> {
    return vec4(loaded[0][word], loaded[1][word], loaded[2][word], loaded[3][word]);
}

// All slots of a step, written out: drivers leave a loop of this size as it is.
fn add_step(sums: ptr<function, array<Sum, 16>>, step: u32, lane: vec3<u32>) {
    add_slot(sums, step * SLOTS + 0u, lane);
    add_slot(sums, step * SLOTS + 1u, lane);
    add_slot(sums, step * SLOTS + 2u, lane);
    add_slot(sums, step * SLOTS + 3u, lane);
}
