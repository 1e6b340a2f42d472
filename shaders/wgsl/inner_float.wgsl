// Inner loop of assign in f32 on small integers: exact, fused or not and in any order, while sums stay under 2^24.

// Bytes are spread: a vec4<u32> of a row, 16 columns, fills 16 slots of the tile.
const SLOTS = 16u;

alias Sum = vec4<f32>;

// One row's column with the same column of four centroids. The tile holds bits of f32.
fn multiply_add(sum: Sum, a: u32, b: vec4<u32>) -> Sum {
    return fma(vec4(bitcast<f32>(a)), bitcast<vec4<f32>>(b), sum);
}

fn whole(sum: Sum) -> vec4<i32> {
    return vec4<i32>(sum);
}

// The slots that four rows (or centroids) fill: one column each.
fn store_rows(four: u32, step: u32, loaded: array<vec4<u32>, 4>) {
    let start = step * SLOTS * ROW_FOURS + four;
    row_tile[start] = bytes_of(loaded, 0u, 24u);
    row_tile[start + ROW_FOURS] = bytes_of(loaded, 0u, 16u);
    row_tile[start + 2u * ROW_FOURS] = bytes_of(loaded, 0u, 8u);
    row_tile[start + 3u * ROW_FOURS] = bytes_of(loaded, 0u, 0u);
    row_tile[start + 4u * ROW_FOURS] = bytes_of(loaded, 1u, 24u);
    row_tile[start + 5u * ROW_FOURS] = bytes_of(loaded, 1u, 16u);
    row_tile[start + 6u * ROW_FOURS] = bytes_of(loaded, 1u, 8u);
    row_tile[start + 7u * ROW_FOURS] = bytes_of(loaded, 1u, 0u);
    row_tile[start + 8u * ROW_FOURS] = bytes_of(loaded, 2u, 24u);
    row_tile[start + 9u * ROW_FOURS] = bytes_of(loaded, 2u, 16u);
    row_tile[start + 10u * ROW_FOURS] = bytes_of(loaded, 2u, 8u);
    row_tile[start + 11u * ROW_FOURS] = bytes_of(loaded, 2u, 0u);
    row_tile[start + 12u * ROW_FOURS] = bytes_of(loaded, 3u, 24u);
    row_tile[start + 13u * ROW_FOURS] = bytes_of(loaded, 3u, 16u);
    row_tile[start + 14u * ROW_FOURS] = bytes_of(loaded, 3u, 8u);
    row_tile[start + 15u * ROW_FOURS] = bytes_of(loaded, 3u, 0u);
}

fn store_centroids(four: u32, step: u32, loaded: array<vec4<u32>, 4>) {
    let start = step * SLOTS * CENTROID_FOURS + four;
    centroid_tile[start] = bytes_of(loaded, 0u, 24u);
    centroid_tile[start + CENTROID_FOURS] = bytes_of(loaded, 0u, 16u);
    centroid_tile[start + 2u * CENTROID_FOURS] = bytes_of(loaded, 0u, 8u);
    centroid_tile[start + 3u * CENTROID_FOURS] = bytes_of(loaded, 0u, 0u);
    centroid_tile[start + 4u * CENTROID_FOURS] = bytes_of(loaded, 1u, 24u);
    centroid_tile[start + 5u * CENTROID_FOURS] = bytes_of(loaded, 1u, 16u);
    centroid_tile[start + 6u * CENTROID_FOURS] = bytes_of(loaded, 1u, 8u);
    centroid_tile[start + 7u * CENTROID_FOURS] = bytes_of(loaded, 1u, 0u);
    centroid_tile[start + 8u * CENTROID_FOURS] = bytes_of(loaded, 2u, 24u);
    centroid_tile[start + 9u * CENTROID_FOURS] = bytes_of(loaded, 2u, 16u);
    centroid_tile[start + 10u * CENTROID_FOURS] = bytes_of(loaded, 2u, 8u);
    centroid_tile[start + 11u * CENTROID_FOURS] = bytes_of(loaded, 2u, 0u);
    centroid_tile[start + 12u * CENTROID_FOURS] = bytes_of(loaded, 3u, 24u);
    centroid_tile[start + 13u * CENTROID_FOURS] = bytes_of(loaded, 3u, 16u);
    centroid_tile[start + 14u * CENTROID_FOURS] = bytes_of(loaded, 3u, 8u);
    centroid_tile[start + 15u * CENTROID_FOURS] = bytes_of(loaded, 3u, 0u);
}

// One byte of word `word`: it goes to the top, and back with its sign.
fn bytes_of(loaded: array<vec4<u32>, 4>, word: u32, up: u32) -> vec4<u32> {
    let words = vec4(loaded[0][word], loaded[1][word], loaded[2][word], loaded[3][word]);
    let bytes = bitcast<vec4<i32>>(words << vec4(up)) >> vec4(24u);
    return bitcast<vec4<u32>>(vec4<f32>(bytes));
}

// All slots of a step, written out: drivers leave a loop of this size as it is.
fn add_step(sums: ptr<function, array<Sum, 16>>, step: u32, lane: vec3<u32>) {
    add_slot(sums, step * SLOTS + 0u, lane);
    add_slot(sums, step * SLOTS + 1u, lane);
    add_slot(sums, step * SLOTS + 2u, lane);
    add_slot(sums, step * SLOTS + 3u, lane);
    add_slot(sums, step * SLOTS + 4u, lane);
    add_slot(sums, step * SLOTS + 5u, lane);
    add_slot(sums, step * SLOTS + 6u, lane);
    add_slot(sums, step * SLOTS + 7u, lane);
    add_slot(sums, step * SLOTS + 8u, lane);
    add_slot(sums, step * SLOTS + 9u, lane);
    add_slot(sums, step * SLOTS + 10u, lane);
    add_slot(sums, step * SLOTS + 11u, lane);
    add_slot(sums, step * SLOTS + 12u, lane);
    add_slot(sums, step * SLOTS + 13u, lane);
    add_slot(sums, step * SLOTS + 14u, lane);
    add_slot(sums, step * SLOTS + 15u, lane);
}
