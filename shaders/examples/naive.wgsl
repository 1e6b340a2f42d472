// What assign would be without tiles: one row an invocation, every byte read from global memory. Only to be measured
// against.

struct Shape {
    n_rows: u32,
    vectors: u32,
    n_clusters: u32,
    padding: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> centroids: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> biases: array<i32>;
@group(0) @binding(4) var<storage, read_write> labels: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= shape.n_rows {
        return;
    }
    var best = -0x7fffffff - 1;
    var label = 0u;
    for (var cluster = 0u; cluster < shape.n_clusters; cluster++) {
        var score = biases[cluster];
        for (var i = 0u; i < shape.vectors; i++) {
            let q = rows[id.x * shape.vectors + i];
            let c = centroids[cluster * shape.vectors + i];
            score += dot4I8Packed(q.x, c.x) + dot4I8Packed(q.y, c.y);
            score += dot4I8Packed(q.z, c.z) + dot4I8Packed(q.w, c.w);
        }
        if score > best {
            best = score;
            label = cluster;
        }
    }
    labels[id.x] = label;
}
