// What assign would be without tiles: one row an invocation, every byte read from global memory. Only to be measured
// against. `Sum` and `products` come from the benchmark: packed dot products, or f32.

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
        var sum = Sum();
        for (var i = 0u; i < shape.vectors; i++) {
            let q = rows[id.x * shape.vectors + i];
            let c = centroids[cluster * shape.vectors + i];
            sum += products(q.x, c.x) + products(q.y, c.y);
            sum += products(q.z, c.z) + products(q.w, c.w);
        }
        let score = i32(sum) + biases[cluster];
        if score > best {
            best = score;
            label = cluster;
        }
    }
    labels[id.x] = label;
}
