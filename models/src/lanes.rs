//! Arithmetic on rows that gives the same bytes on every processor.
//!
//! Sums run in [`LANES`] chains, joined by halves, whatever the vectors of the processor hold. Everything is an
//! exactly rounded operation; the compiler may pick any instruction for it and cannot change a bit.

/// Chains of a sum.
const LANES: usize = 16;

/// Defines a function whose body is compiled for AVX-512, AVX2 with FMA and the plain target; its first argument is the
/// kernel that chooses between them.
macro_rules! vectorised {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block) => {
        $(#[$meta])*
        $vis fn $name(kernel: $crate::gemm::Kernel, $($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn body($($arg: $ty),*) $(-> $ret)? $body
            match kernel {
                #[cfg(target_arch = "x86_64")]
                $crate::gemm::Kernel::Avx512 => {
                    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
                    fn avx512($($arg: $ty),*) $(-> $ret)? {
                        body($($arg),*)
                    }
                    // SAFETY: a kernel is used only where the processor has its instructions.
                    unsafe { avx512($($arg),*) }
                }
                #[cfg(target_arch = "x86_64")]
                $crate::gemm::Kernel::Avx2 => {
                    #[target_feature(enable = "avx2,fma")]
                    fn avx2($($arg: $ty),*) $(-> $ret)? {
                        body($($arg),*)
                    }
                    // SAFETY: as above.
                    unsafe { avx2($($arg),*) }
                }
                _ => body($($arg),*),
            }
        }
    };
}

pub(crate) use vectorised;

/// Joins the chains of a sum by halves.
#[inline(always)]
pub(crate) fn join(mut lanes: [f32; LANES], of: impl Fn(f32, f32) -> f32) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = of(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// Calls `of` on every value and the chain it belongs to.
#[inline(always)]
pub(crate) fn fold(values: &[f32], start: f32, of: impl Fn(f32, f32) -> f32) -> [f32; LANES] {
    let mut lanes = [start; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for i in 0..LANES {
            lanes[i] = of(lanes[i], chunk[i]);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane = of(*lane, value);
    }
    lanes
}

/// e^x for x from −87 to 88, to about one unit in the last place; below, what it is at −87.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Adding 1.5 · 2^23 rounds to an integer n, which stands in the last bits; taking it away gives n.
    const ROUND: f32 = 12_582_912.0;
    let x = if x > -87.0 { x } else { -87.0 };
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    // ln 2 in two parts, the first exact in few bits.
    let r = n.mul_add(-0.693_145_75, x);
    let r = n.mul_add(-1.428_606_8e-6, r);
    let mut p = 1.0 / 720.0f32;
    for c in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = p.mul_add(r, c);
    }
    // n is from −126 to 127: 2^n is a normal number, n + 127 in its exponent.
    p * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

/// The error function, to 2 · 10⁻⁷: an odd rational function within ±4, where it has reached ±1.
#[inline(always)]
fn erf(x: f32) -> f32 {
    const P: [f32; 7] = [
        -2.726_142e-10,
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_5e-5,
        -7.349_906e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    const Q: [f32; 5] = [-1.456_607_2e-5, -2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_473_9e-2];
    let x = x.clamp(-4.0, 4.0);
    let square = x * x;
    let (mut p, mut q) = (P[0], Q[0]);
    for c in &P[1..] {
        p = p.mul_add(square, *c);
    }
    for c in &Q[1..] {
        q = q.mul_add(square, *c);
    }
    x * p / q
}

#[inline(always)]
fn gelu_of(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

vectorised! {
    /// x becomes x · Φ(x), with the error function.
    pub(crate) fn gelu(row: &mut [f32]) {
        for x in row {
            *x = gelu_of(*x);
        }
    }
}

vectorised! {
    /// The gate: out = gelu(first half) · second half.
    pub(crate) fn gate(row: &[f32], out: &mut [f32]) {
        let (first, second) = row.split_at(out.len());
        for ((out, &x), &y) in out.iter_mut().zip(first).zip(second) {
            *out = gelu_of(x) * y;
        }
    }
}

vectorised! {
    /// Scores become e^(score − largest); returns their sum.
    pub(crate) fn softmax(row: &mut [f32]) -> f32 {
        let largest = join(fold(row, f32::NEG_INFINITY, |a, b| if b > a { b } else { a }), |a, b| if b > a { b } else { a });
        for x in row.iter_mut() {
            *x = exp(*x - largest);
        }
        join(fold(row, 0.0, |a, b| a + b), |a, b| a + b)
    }
}

vectorised! {
    /// row − slope · |place − j| for each column j.
    pub(crate) fn slope_down(row: &mut [f32], place: i32, slope: f32) {
        for (j, x) in row.iter_mut().enumerate() {
            *x -= (place - j as i32).unsigned_abs() as f32 * slope;
        }
    }
}

vectorised! {
    /// row += other.
    pub(crate) fn add(row: &mut [f32], other: &[f32]) {
        for (x, &y) in row.iter_mut().zip(other) {
            *x += y;
        }
    }
}

vectorised! {
    /// row += factor · other.
    pub(crate) fn add_scaled(row: &mut [f32], other: &[f32], factor: f32) {
        for (x, &y) in row.iter_mut().zip(other) {
            *x = y.mul_add(factor, *x);
        }
    }
}

vectorised! {
    /// out = factor · row.
    pub(crate) fn scale_into(row: &[f32], factor: f32, out: &mut [f32]) {
        for (out, &x) in out.iter_mut().zip(row) {
            *out = x * factor;
        }
    }
}

vectorised! {
    /// Layer normalisation: mean 0 and variance 1, then scaled and shifted.
    pub(crate) fn layer_norm(row: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
        let n = row.len() as f32;
        let mean = join(fold(row, 0.0, |a, b| a + b), |a, b| a + b) / n;
        for x in row.iter_mut() {
            *x -= mean;
        }
        let variance = join(fold(row, 0.0, |a, x| x.mul_add(x, a)), |a, b| a + b) / n;
        let scale = 1.0 / (variance + epsilon).sqrt();
        for ((x, &weight), &bias) in row.iter_mut().zip(weight).zip(bias) {
            *x = (*x * scale).mul_add(weight, bias);
        }
    }
}

/// Gives a row unit norm; returns false, and leaves zeros, where it has none.
pub(crate) fn normalise(row: &mut [f32]) -> bool {
    let norm = row.iter().fold(0.0, |sum, &x| sum + f64::from(x) * f64::from(x)).sqrt();
    if norm == 0.0 || !norm.is_finite() {
        row.fill(0.0);
        return false;
    }
    for x in row {
        *x = (f64::from(*x) / norm) as f32;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gemm::Kernel;

    /// erf by its series, in f64: enough terms for |x| under 5.
    fn erf_series(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    fn exp_series(x: f64) -> f64 {
        let half = |x: f64| (1..40).rev().fold(1.0, |sum, n| 1.0 + sum * x / f64::from(n));
        (0..7).fold(half(x / 128.0), |e, _| e * e)
    }

    #[test]
    fn exp_is_right_to_a_unit_or_two() {
        for i in -8700..=800 {
            let x = i as f32 / 100.0;
            let (got, want) = (f64::from(exp(x)), exp_series(f64::from(x)));
            assert!((got - want).abs() <= 2.4e-7 * want, "e^{x} is {want}, not {got}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-1e30), exp(-87.0));
    }

    #[test]
    fn erf_is_right_to_three_ten_millionths() {
        for i in -480..=480 {
            let x = i as f32 / 100.0;
            let (got, want) = (f64::from(erf(x)), erf_series(f64::from(x)));
            assert!((got - want).abs() < 3e-7, "erf({x}) is {want}, not {got}");
        }
    }

    #[test]
    fn softmax_sums_what_it_leaves_and_takes_the_largest_for_one() {
        let mut row: Vec<f32> = (0..37).map(|i| (i * i % 23) as f32 * 0.5 - 200.0).collect();
        let sum = softmax(Kernel::best(), &mut row);
        assert_eq!(row.iter().copied().fold(0.0, f32::max), 1.0);
        assert!((sum - row.iter().sum::<f32>()).abs() < 1e-5);
    }

    #[test]
    fn a_normalised_layer_has_mean_zero_and_variance_one() {
        let mut row: Vec<f32> = (0..41).map(|i| (i * 7 % 11) as f32).collect();
        layer_norm(Kernel::best(), &mut row, &[1.0; 41], &[0.0; 41], 1e-12);
        let mean = row.iter().sum::<f32>() / 41.0;
        let variance = row.iter().map(|x| x * x).sum::<f32>() / 41.0;
        assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-5, "{mean} {variance}");
    }

    #[test]
    fn a_row_without_a_norm_is_told() {
        let mut row = [3.0, 4.0];
        assert!(normalise(&mut row));
        assert_eq!(row, [0.6, 0.8]);
        assert!(!normalise(&mut [0.0, 0.0]));
    }
}
