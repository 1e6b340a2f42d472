// Inner loop of assign in f32 on small integers: exact, fused or not and in any order, while sums stay under 2^24.

// Bytes are spread: a vec4<u32> of a row, 16 columns, fills 16 slots of the tile.
const SLOTS = 16u;
// An invocation loads one of the four words and spreads it: so that all take part in the conversion.
const PARTS = 4u;

alias Sum = vec4<f32>;

// One row's column with the same column of four centroids. The tile holds bits of f32.
fn multiply_add(sum: Sum, a: u32, b: vec4<u32>) -> Sum {
    return fma(vec4(bitcast<f32>(a)), bitcast<vec4<f32>>(b), sum);
}

fn whole(sum: Sum) -> vec4<i32> {
    return vec4<i32>(sum);
}

// Fills the slots from `to` on with a word of four rows (or centroids), of which the first's vec4<u32> is at `start`.
fn store_rows(to: u32, start: u32, part: u32) {
    let words = vec4(
        rows[start][part],
        rows[start + params.vectors][part],
        rows[start + 2u * params.vectors][part],
        rows[start + 3u * params.vectors][part],
    );
    row_tile[to] = bytes_of(words, 24u);
    row_tile[to + ROW_STRIDE] = bytes_of(words, 16u);
    row_tile[to + 2u * ROW_STRIDE] = bytes_of(words, 8u);
    row_tile[to + 3u * ROW_STRIDE] = bytes_of(words, 0u);
}

fn store_centroids(to: u32, start: u32, part: u32) {
    let words = vec4(
        centroids[start][part],
        centroids[start + params.vectors][part],
        centroids[start + 2u * params.vectors][part],
        centroids[start + 3u * params.vectors][part],
    );
    centroid_tile[to] = bytes_of(words, 24u);
    centroid_tile[to + CENTROID_STRIDE] = bytes_of(words, 16u);
    centroid_tile[to + 2u * CENTROID_STRIDE] = bytes_of(words, 8u);
    centroid_tile[to + 3u * CENTROID_STRIDE] = bytes_of(words, 0u);
}

// One byte of each word: it goes to the top, and back with its sign.
fn bytes_of(words: vec4<u32>, up: u32) -> vec4<u32> {
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
