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

// What goes to slot `slot` of the tile, of four rows (or centroids) at a time.
fn slot_of(rows: ptr<function, array<vec4<u32>, 4>>, slot: u32) -> vec4<u32> {
    return vec4(rows[0][slot], rows[1][slot], rows[2][slot], rows[3][slot]);
}
