// Lists the clusters that gained or lost a row, ascending. One workgroup; each invocation looks through a run of
// clusters, and its place in the list is what those before it found.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> tally: Tally;
@group(0) @binding(2) var<storage, read_write> changed: array<u32>;
@group(0) @binding(3) var<storage, read_write> clusters: array<u32>;

const LANES = 256u;
var<workgroup> found: array<u32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
    let run = (params.n_clusters + LANES - 1u) / LANES;
    let first = min(lane * run, params.n_clusters);
    let end = min(first + run, params.n_clusters);
    var count = 0u;
    for (var cluster = first; cluster < end; cluster++) {
        count += changed[cluster];
    }
    found[lane] = count;
    workgroupBarrier();
    var place = 0u;
    for (var before = 0u; before < lane; before++) {
        place += found[before];
    }
    for (var cluster = first; cluster < end; cluster++) {
        if changed[cluster] == 1u {
            clusters[place] = cluster;
            place++;
            changed[cluster] = 0u;
        }
    }
    if lane == LANES - 1u {
        tally.n_changed = place;
    }
}
