//! Kernels against each other and against the definition.

use super::{Kernel, Panels, multiply, padded};
use crate::error::ModelError;

fn values(count: usize, seed: u64) -> Vec<f32> {
    (0..count as u64)
        .map(|i| clusterclip_core::keys::hash(&[seed, i]) as i32 as f32 * f32::EPSILON / 64.0)
        .collect()
}

#[test]
fn every_kernel_gives_the_chain_of_fused_products_to_the_bit() {
    for (rows, depth, columns) in [(1, 1, 1), (5, 33, 31), (13, 300, 32), (30, 520, 70), (200, 64, 100)] {
        let (a, b) = (values(rows * depth, 1), values(columns * depth, 2));
        let mut start = values(padded(columns), 3);
        start[columns..].fill(0.0);
        let panels = Panels::transposed(&b, columns, depth);
        let stride = padded(columns);
        for start in [None, Some(&start[..])] {
            for kernel in Kernel::all() {
                let mut out = vec![f32::NAN; rows * stride];
                multiply(kernel, (&a, depth), rows, &panels, start, (&mut out, stride));
                for (i, row) in out.chunks_exact(stride).enumerate() {
                    for (j, &got) in row.iter().enumerate() {
                        let first = start.map_or(0.0, |start| start[j]);
                        let want = match j < columns {
                            true => (0..depth)
                                .fold(first, |sum, t| a[i * depth + t].mul_add(b[j * depth + t], sum)),
                            false => 0.0,
                        };
                        assert_eq!(
                            got.to_bits(),
                            want.to_bits(),
                            "{kernel:?} {rows} {depth} {columns}: {i} {j}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn both_ways_to_pack_agree() {
    let (depth, columns) = (40, 50);
    let b = values(depth * columns, 4);
    let transposed: Vec<f32> = (0..columns * depth).map(|i| b[i % depth * columns + i / depth]).collect();
    let mut packed = Panels::default();
    packed.pack(&b, columns, depth, columns);
    assert_eq!(packed.values(), Panels::transposed(&transposed, columns, depth).values());
}

#[test]
fn a_kernel_that_is_not_there_is_refused_by_name() {
    assert_eq!(Kernel::named("portable"), Ok(Kernel::Portable));
    assert_eq!(Kernel::named("abacus"), Err(ModelError::Kernel { name: "abacus".into() }));
}
