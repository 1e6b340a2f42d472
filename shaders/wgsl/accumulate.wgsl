// Adds every moved row to its new cluster's sums and takes it from the old one's. Twin: core kmeans/cpu/update.rs.
//
// Integer atomics: the order of additions changes nothing. A row changes a sum by at most 63, so i32 suffices for
// 34,087,042 rows between two gathers; the host sees to that.
//
// Indices: a move holds a row of this dispatch and labels under n_clusters (or NONE), and `pending` is at most the
// rows of the dispatch.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> tally: TallyRead;
@group(0) @binding(4) var<storage, read> moves: array<vec2<u32>>;
// [cluster][byte of the word][word]: neighbours in a workgroup add to neighbouring words.
@group(0) @binding(5) var<storage, read_write> sums: array<atomic<i32>>;
@group(0) @binding(6) var<storage, read_write> counts: array<atomic<i32>>;
@group(0) @binding(7) var<storage, read_write> changed: array<atomic<u32>>;

const LANES = 64u;

@compute @workgroup_size(LANES)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let words = params.columns / 4u;
    for (var i = group.x; i < tally.pending; i += groups.x) {
        let row = moves[i].x;
        let old = moves[i].y;
        let to = labels[row];
        if lane == 0u {
            atomicAdd(&counts[to], 1);
            atomicStore(&changed[to], 1u);
            if old != NONE {
                atomicSub(&counts[old], 1);
                atomicStore(&changed[old], 1u);
            }
        }
        for (var word = lane; word < words; word += LANES) {
            let packed = bitcast<i32>(rows[row * words + word]);
            for (var byte = 0u; byte < 4u; byte++) {
                let q = extractBits(packed, 8u * byte, 8u);
                let column = byte * words + word;
                atomicAdd(&sums[to * params.columns + column], q);
                if old != NONE {
                    atomicSub(&sums[old * params.columns + column], q);
                }
            }
        }
    }
}
