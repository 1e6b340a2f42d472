// Packs cluster, count and sums of every changed cluster into one record, and sets them back to zero: the host
// reads the records and nothing else.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> tally: TallyRead;
@group(0) @binding(2) var<storage, read> clusters: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<i32>;
@group(0) @binding(4) var<storage, read_write> sums: array<i32>;
// RECORD_HEAD words, then the sums in the order of columns.
@group(0) @binding(5) var<storage, read_write> records: array<i32>;

const LANES = 64u;
// Words before a record's sums: cluster, count, two unused.
const RECORD_HEAD = 4u;

@compute @workgroup_size(LANES)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let words = params.columns / 4u;
    for (var i = group.x; i < tally.n_changed; i += groups.x) {
        let cluster = clusters[i];
        let record = i * (params.columns + RECORD_HEAD);
        if lane == 0u {
            records[record] = i32(cluster);
            records[record + 1u] = counts[cluster];
            counts[cluster] = 0;
        }
        for (var column = lane; column < params.columns; column += LANES) {
            let sum = cluster * params.columns + (column & 3u) * words + (column >> 2u);
            records[record + RECORD_HEAD + column] = sums[sum];
            sums[sum] = 0;
        }
    }
}
