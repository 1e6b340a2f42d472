// Gives chosen rows another label: SPEC.md, 1.5. Their sums are moved by the host, so no sum changes here.

@group(0) @binding(0) var<uniform> params: Params;
// Row, counted on the device, and its new cluster; the first pair holds their number.
@group(0) @binding(1) var<storage, read> moves: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read_write> labels: array<u32>;

const LANES = 64u;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= moves[0].x {
        return;
    }
    let chosen = moves[id.x + 1u];
    // Rows of other blocks wrap to large numbers or lie past the end.
    let row = chosen.x - params.base;
    if row < params.n_rows {
        labels[row] = chosen.y;
    }
}
