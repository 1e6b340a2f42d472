// Inner loop of assign for devices whose every load from memory costs as much as many products: Mesa's software adapter
// loads lane by lane, from workgroup memory too. In f32 on small integers, exact while sums stay under 2^24.
//
// A workgroup is one subgroup of 8 invocations and 8 rows, without a tile. Each invocation loads 16 columns of one row
// and of four centroids, spreads each byte once, and passes the row's on to the others: 5 loads for 512 products.
//
// For LANES_X = 8, LANES_Y = 1, ROW_VECTORS = 2, CENTROID_VECTORS = 1 and STEP = 1 alone, and a device whose subgroups
// are all of 8 invocations.

alias Sum = vec4<f32>;

// The invocation's row: its place in the subgroup, for that is how the others ask for it.
var<private> own: u32;

@compute @workgroup_size(LANES_X, LANES_Y)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) lane: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
    @builtin(subgroup_invocation_id) place: u32,
) {
    own = place & 7u;
    assign(group, lane, index);
}

fn whole(sum: Sum) -> vec4<i32> {
    return vec4<i32>(sum);
}

// Adds the products of the 16 columns at `at`.
fn add_columns(
    sums: ptr<function, array<Sum, 16>>,
    first: u32,
    panel: u32,
    at: u32,
    lane: vec3<u32>,
    index: u32,
) {
    let row = rows[(first + own) * params.vectors + at];
    let start = (panel + lane.x * 4u) * params.vectors + at;
    let four = array(
        centroids[start],
        centroids[start + params.vectors],
        centroids[start + 2u * params.vectors],
        centroids[start + 3u * params.vectors],
    );
    add_word(sums, row.x, vec4(four[0].x, four[1].x, four[2].x, four[3].x));
    add_word(sums, row.y, vec4(four[0].y, four[1].y, four[2].y, four[3].y));
    add_word(sums, row.z, vec4(four[0].z, four[1].z, four[2].z, four[3].z));
    add_word(sums, row.w, vec4(four[0].w, four[1].w, four[2].w, four[3].w));
}

fn add_word(sums: ptr<function, array<Sum, 16>>, row: u32, four: vec4<u32>) {
    add_byte(sums, row, four, 24u);
    add_byte(sums, row, four, 16u);
    add_byte(sums, row, four, 8u);
    add_byte(sums, row, four, 0u);
}

// One column: the byte goes to the top, and back with its sign. Sums lie as [four rows][four centroids][row].
fn add_byte(sums: ptr<function, array<Sum, 16>>, row: u32, four: vec4<u32>, up: u32) {
    let a = f32(bitcast<i32>(row << up) >> 24u);
    let b = vec4<f32>(bitcast<vec4<i32>>(four << vec4(up)) >> vec4(24u));
    (*sums)[0] = fma(vec4(subgroupBroadcast(a, 0u)), b, (*sums)[0]);
    (*sums)[1] = fma(vec4(subgroupBroadcast(a, 1u)), b, (*sums)[1]);
    (*sums)[2] = fma(vec4(subgroupBroadcast(a, 2u)), b, (*sums)[2]);
    (*sums)[3] = fma(vec4(subgroupBroadcast(a, 3u)), b, (*sums)[3]);
    (*sums)[8] = fma(vec4(subgroupBroadcast(a, 4u)), b, (*sums)[8]);
    (*sums)[9] = fma(vec4(subgroupBroadcast(a, 5u)), b, (*sums)[9]);
    (*sums)[10] = fma(vec4(subgroupBroadcast(a, 6u)), b, (*sums)[10]);
    (*sums)[11] = fma(vec4(subgroupBroadcast(a, 7u)), b, (*sums)[11]);
}
