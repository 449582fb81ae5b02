//! What a number of a model can be.

/// Largest number of a model's parts. Inputs are brought to about 1 and results are log odds, of which 50 is certainty: beyond
/// this a file was made to say what it is told, or is broken.
const SANE: f64 = 1_000.0;

/// Can it be a weight or a log odds.
pub(super) fn is_sane(number: f64) -> bool {
    number.abs() <= SANE
}
