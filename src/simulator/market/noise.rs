//! Randomness without a state: every draw is a hash of a seed and of what it is for.

/// A new, well mixed seed of `seed` and `salt` (the finaliser of SplitMix64).
pub(crate) const fn mix(seed: u64, salt: u64) -> u64 {
    let mut z = seed ^ salt.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Seed of a text, by FNV-1a.
pub(crate) fn of_text(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3))
}

/// The hash as a number in 0..1.
pub fn unit(hash: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double")]
    let value = (hash >> 11) as f64;
    value / 9_007_199_254_740_992.0
}

/// The hash as a nearly normal number: mean 0, variance 1, within +-3.5 (four 16-bit uniforms summed).
pub(crate) fn gauss(hash: u64) -> f64 {
    let sum: u64 = (0..4).map(|i| (hash >> (16 * i)) & 0xFFFF).sum();
    #[expect(clippy::cast_precision_loss, reason = "at most 18 bits")]
    let mean = sum as f64 / 65_536.0 - 2.0;
    mean * 1.732_050_807_568_877_2
}

/// Steps of one block of `edges`: a power of two, since the midpoints are filled in by halving.
pub(crate) const BLOCK: usize = 1_024;

/// Values at the 1,025 edges of block `index`: midpoint displacement between two anchors of deviation `scale`.
///
/// Each split draws its own share of the variance, so that calm and wild stretches stay together
/// (volatility clustering). Neighbouring blocks share their anchor: the line is continuous.
pub(crate) fn edges(seed: u64, index: i64, scale: f64) -> Vec<f64> {
    let mut line = vec![0.0; BLOCK + 1];
    line[0] = gauss(mix(seed, index.cast_unsigned())) * scale;
    line[BLOCK] = gauss(mix(seed, (index + 1).cast_unsigned())) * scale;
    let inner = mix(seed ^ 0xA5A5, index.cast_unsigned());
    split(&mut line, 0, BLOCK, scale * 0.6, inner, 1);
    line
}

fn split(line: &mut [f64], from: usize, to: usize, scale: f64, seed: u64, node: u64) {
    if to - from < 2 {
        return;
    }
    let middle = usize::midpoint(from, to);
    let draw = mix(seed, node);
    line[middle] = f64::midpoint(line[from], line[to]) + gauss(draw) * scale;
    let wildness = (0.3 * gauss(mix(draw, 7))).exp();
    let next = scale * std::f64::consts::FRAC_1_SQRT_2 * 0.95;
    split(line, from, middle, next * wildness, seed, node * 2);
    split(line, middle, to, next / wildness, seed, node * 2 + 1);
}
