//! Pivot highs: bars whose high is greater than those of the five bars on either side.

use std::collections::VecDeque;

/// Bars on either side that must be lower (definition of the resistance factor).
pub(crate) const SIDE: i64 = 5;
/// How many bars back a pivot counts, the live bar included: as far as the canonical bars reach whenever a run began.
pub(crate) const REACH: i64 = 500;

/// Pivot highs by absolute bar index, oldest first. At most `REACH` / (`SIDE` + 1) + 1 of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pivots {
    highs: VecDeque<(i64, f64)>,
}

impl Pivots {
    /// Looks at the 2 x `SIDE` + 1 highs that end with bar `newest`, oldest first.
    pub(crate) fn push(&mut self, newest: i64, highs: &[f64]) {
        while self.highs.front().is_some_and(|&(index, _)| index <= newest - REACH) {
            self.highs.pop_front();
        }
        let side = SIDE as usize;
        let Some(&middle) = highs.get(side).filter(|_| highs.len() == 2 * side + 1) else { return };
        if highs.iter().enumerate().all(|(at, &high)| at == side || high < middle) {
            self.highs.push_back((newest - SIDE, middle));
        }
    }

    /// The lowest pivot high above `price` among the `REACH` bars that end with bar `live`.
    pub(crate) fn lowest_above(&self, price: f64, live: i64) -> Option<f64> {
        let near = self.highs.iter().filter(|&&(index, high)| index > live - REACH && high > price);
        near.map(|&(_, high)| high).reduce(f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pivot_needs_five_strictly_lower_bars_on_either_side() {
        let mut pivots = Pivots::default();
        let mut highs = [1.0; 11];
        highs[5] = 2.0;
        pivots.push(10, &highs);
        assert_eq!(pivots.lowest_above(1.5, 11), Some(2.0));
        assert_eq!(pivots.lowest_above(2.0, 11), None);
        assert_eq!(pivots.lowest_above(1.5, 505), None);
        let mut flat = Pivots::default();
        flat.push(10, &[2.0; 11]);
        assert_eq!(flat.lowest_above(1.0, 11), None);
    }
}
