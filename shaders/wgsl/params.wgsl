// What every stage is told of the rows it works on; placed before each stage that needs it.

// The label of a row that has none yet.
const NONE = 0xffffffffu;

struct Params {
    // Rows of this block that are there; the block is padded with rows of zeros to a whole number of tiles.
    n_rows: u32,
    // The first row of this dispatch, and the row after its last, counted in the block.
    first: u32,
    end: u32,
    // The block's first row, counted on the device.
    base: u32,
    // Bytes of a row, and how many vec4<u32> they make.
    columns: u32,
    vectors: u32,
    n_clusters: u32,
    // The clusters that a dispatch scores: whole tiles, but for the last.
    first_cluster: u32,
    end_cluster: u32,
    padding_0: u32,
    padding_1: u32,
    padding_2: u32,
}
