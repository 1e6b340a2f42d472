//! Engines against the definition, and bytes against the values they stand for.

use super::{BytePanels, ByteRows, Engine, multiply_with};
use crate::gemm::{Kernel, padded};

fn values(count: usize, seed: u64) -> Vec<f32> {
    (0..count as u64)
        .map(|i| clusterclip_core::keys::hash(&[seed, i]) as i32 as f32 * f32::EPSILON / 64.0)
        .collect()
}

/// Every engine of this processor, slower ones too.
fn engines() -> Vec<Engine> {
    let mut engines: Vec<Engine> = Kernel::all().into_iter().flat_map(Engine::all).collect();
    engines.dedup();
    engines
}

/// The steps of a row by the definition, in f64: bytes, scale and zero.
fn steps(row: &[f32]) -> (Vec<i64>, f32, i64) {
    let least = row.iter().copied().fold(0.0, f32::min);
    let span = row.iter().copied().fold(0.0, f32::max) - least;
    let steps = f64::from(255.0 / span);
    let place = |x: f32| (f64::from(x) * steps).round_ties_even() as i64;
    let zero = -place(least);
    (row.iter().map(|&x| (place(x) + zero).clamp(0, 255)).collect(), span / 255.0, zero)
}

#[test]
fn every_engine_gives_the_sums_of_the_definition_to_the_bit() {
    for (rows, depth, columns) in [(1, 1, 1), (5, 33, 31), (13, 300, 32), (30, 520, 70), (100, 64, 100)] {
        let (mut a, b) = (values(rows * depth, 1), values(columns * depth, 2));
        // Shifted, as after a GELU: zero is not the middle step.
        a.iter_mut().for_each(|x| *x += 0.5);
        let mut start = values(padded(columns), 3);
        start[columns..].fill(0.0);
        let panels = BytePanels::transposed(&b, columns, depth);
        let mut left = ByteRows::default();
        left.quantise(Kernel::best(), &a, depth, rows, depth);
        let stride = padded(columns);
        for start in [None, Some(&start[..])] {
            for engine in engines() {
                let mut out = vec![f32::NAN; rows * stride];
                multiply_with(engine, &left, &panels, start, (&mut out, stride));
                for (i, got) in out.chunks_exact(stride).enumerate() {
                    let (bytes, scale, zero) = steps(&a[i * depth..][..depth]);
                    for (j, &got) in got[..columns].iter().enumerate() {
                        let column = &b[j * depth..][..depth];
                        let largest = column.iter().fold(0.0f32, |most, x| most.max(x.abs()));
                        let byte = |x: f32| (x * (127.0 / largest)).round_ties_even() as i64;
                        let sum: i64 = bytes.iter().zip(column).map(|(a, &x)| (a - zero) * byte(x)).sum();
                        let want =
                            (sum as f32).mul_add(scale * (largest / 127.0), start.map_or(0.0, |s| s[j]));
                        assert_eq!(
                            got.to_bits(),
                            want.to_bits(),
                            "{engine:?} {rows} {depth} {columns}: {i} {j}"
                        );
                    }
                    assert!(got[columns..].iter().all(|&x| x == 0.0), "{engine:?}: what fills up is zero");
                }
            }
        }
    }
}

#[test]
fn the_largest_bytes_and_the_deepest_sums_do_not_overflow() {
    let depth = 1 << 16;
    let panels = BytePanels::transposed(&[vec![1.0; depth], vec![-1.0; depth]].concat(), 2, depth);
    let mut left = ByteRows::default();
    left.quantise(Kernel::best(), &[vec![2.0; depth], vec![-2.0; depth]].concat(), depth, 2, depth);
    for engine in engines() {
        let mut out = vec![f32::NAN; 2 * padded(2)];
        multiply_with(engine, &left, &panels, None, (&mut out, padded(2)));
        for (got, want) in [(out[0], 2.0), (out[1], -2.0), (out[padded(2)], -2.0), (out[padded(2) + 1], 2.0)]
        {
            let want = want * depth as f32;
            assert!((got - want).abs() < 1e-2 * depth as f32, "{engine:?}: {got} for {want}");
        }
    }
}

#[test]
fn a_row_of_zeros_or_without_numbers_is_told_apart() {
    let panels = BytePanels::transposed(&values(40, 5), 1, 40);
    let mut left = ByteRows::default();
    let mut row = vec![0.0; 40];
    let mut product = |row: &[f32], engine| {
        left.quantise(Kernel::best(), row, 40, 1, 40);
        let mut out = vec![7.0; padded(1)];
        multiply_with(engine, &left, &panels, Some(&[3.0; 32]), (&mut out, padded(1)));
        out[0]
    };
    for engine in engines() {
        row.fill(0.0);
        assert_eq!(product(&row, engine), 3.0, "{engine:?}: nothing is added to the start");
        for none in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -f32::NAN] {
            row[7] = none;
            assert!(product(&row, engine).is_nan(), "{engine:?}: no number comes of {none}");
        }
        row.fill(f32::NAN);
        assert!(product(&row, engine).is_nan(), "{engine:?}: no number comes of none");
    }
}
