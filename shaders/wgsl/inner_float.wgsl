// Inner loop of assign in f32 on small integers: exact, fused or not and in any order, while sums stay under 2^24.

// Bytes are spread: a vec4<u32> of a row, 16 columns, fills 16 slots of the tile.
const SLOTS = 16u;

alias Sum = vec4<f32>;

// One row's column with the same column of four centroids. The tile holds bits of f32.
fn multiply_add(sum: Sum, a: u32, b: vec4<u32>) -> Sum {
    return sum + bitcast<f32>(a) * bitcast<vec4<f32>>(b);
}

fn whole(sum: Sum) -> vec4<i32> {
    return vec4<i32>(sum);
}

// What goes to slot `slot` of the tile, of four rows (or centroids) at a time.
fn slot_of(rows: ptr<function, array<vec4<u32>, 4>>, slot: u32) -> vec4<u32> {
    let word = slot >> 2u;
    let words = vec4(rows[0][word], rows[1][word], rows[2][word], rows[3][word]);
    // The byte goes to the top, and back with its sign.
    let bytes = bitcast<vec4<i32>>(words << vec4(24u - 8u * (slot & 3u))) >> vec4(24u);
    return bitcast<vec4<u32>>(vec4<f32>(bytes));
}
