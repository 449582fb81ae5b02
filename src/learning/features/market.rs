//! The whole market at one cut, as a pair's features see it: medians, ranks, breadth, and BTC's own moves.

use crate::domain::analysis::btc::BTC;
use crate::domain::inputs::DayInputs;
use crate::domain::moment::MarketTime;
use crate::domain::ranking::RankingFilters;
use crate::domain::report::{Analysis, Report};
use std::sync::Arc;

/// A value of each listed pair, ascending.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sorted(Vec<f64>);

impl Sorted {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.filter(|v| v.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Self(sorted)
    }

    /// The middle value (mean of both for an even count); NaN when empty.
    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// Linear interpolation between order statistics; NaN when empty.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let Some(last) = self.0.len().checked_sub(1) else { return f64::NAN };
        let at = share * last as f64;
        let (low, high) = (self.0[at.floor() as usize], self.0[at.ceil() as usize]);
        low + (high - low) * at.fract()
    }

    /// Share of the values below `value`, ties half, 0-1; NaN when empty.
    pub(crate) fn rank(&self, value: f64) -> f64 {
        if self.0.is_empty() {
            return f64::NAN;
        }
        let below = self.0.partition_point(|v| *v < value);
        let through = self.0.partition_point(|v| *v <= value);
        (below + through) as f64 / (2 * self.0.len()) as f64
    }
}

/// The market at one cut. Listed pairs only, but for BTC.
#[derive(Debug, Clone)]
pub struct Market {
    pub as_of: MarketTime,
    pub pairs: usize,
    /// BTC's analysis, where it was analyzable.
    pub btc: Option<Arc<Analysis>>,
    /// 4 h changes, percent.
    pub(crate) change_4h: Sorted,
    /// 24 h changes, percent.
    pub(crate) change_24h: Sorted,
    /// 24 h ranges, percent.
    pub(crate) range_24h: Sorted,
    pub(crate) atr_pct: Sorted,
    pub(crate) volume_24h: Sorted,
    /// Volume ratios, percent.
    pub(crate) volume_ratio: Sorted,
    /// Mean 24 h ranges over 7 days.
    pub(crate) range_7d: Sorted,
    /// Realised volatilities of a day, percent, over 1 day.
    pub(crate) rv_1d: Sorted,
    pub(crate) rv_7d: Sorted,
    pub(crate) rv_30d: Sorted,
    /// Share with a positive 24 h change, 0-1.
    pub(crate) breadth_24h: f64,
    /// Share with a positive 4 h change.
    pub(crate) breadth_4h: f64,
    /// Mean share of hits over the last day, NaN when unknown.
    pub(crate) hits_1d: f64,
    pub(crate) hits_2d: f64,
    pub(crate) hits_3d: f64,
    pub(crate) hits_7d: f64,
    pub hits_14d: f64,
    pub(crate) hits_30d: f64,
}

pub(crate) fn atr_pct(a: &Analysis) -> f64 {
    100.0 * a.indicators.atr_14 / a.current_price
}

impl Market {
    /// The market in one cycle's reports.
    pub fn of(as_of: MarketTime, reports: &[Report], filters: &RankingFilters) -> Self {
        let analyses = reports.iter().filter_map(|r| r.analysis.as_ref());
        let listed: Vec<&Arc<Analysis>> = analyses.filter(|a| filters.pass(a)).collect();
        let sorted = |of: fn(&Analysis) -> f64| Sorted::of(listed.iter().map(|a| of(a)));
        let share = |of: fn(&Analysis) -> bool| mean(listed.iter().map(|a| f64::from(u8::from(of(a)))));
        let days = |of: fn(&DayInputs) -> Option<f64>| mean(listed.iter().filter_map(|a| of(&a.inputs.days)));
        let btc = reports.iter().find(|r| r.symbol.as_str() == BTC).and_then(|r| r.analysis.clone());
        Self {
            as_of,
            pairs: listed.len(),
            btc,
            change_4h: sorted(|a| a.inputs.change_4h),
            change_24h: sorted(|a| a.inputs.change_24h),
            range_24h: sorted(|a| a.indicators.volatility_24h),
            atr_pct: sorted(atr_pct),
            volume_24h: sorted(|a| a.volume_24h),
            volume_ratio: sorted(|a| a.indicators.volume_ratio),
            range_7d: sorted(|a| a.inputs.days.range_7d.unwrap_or(f64::NAN)),
            rv_1d: sorted(|a| a.inputs.bars.rv_1d.unwrap_or(f64::NAN)),
            rv_7d: sorted(|a| a.inputs.days.rv_7d.unwrap_or(f64::NAN)),
            rv_30d: sorted(|a| a.inputs.days.rv_30d.unwrap_or(f64::NAN)),
            breadth_24h: share(|a| a.inputs.change_24h > 0.0),
            breadth_4h: share(|a| a.inputs.change_4h > 0.0),
            hits_1d: days(|d| d.hits_1d),
            hits_2d: days(|d| d.hits_2d),
            hits_3d: days(|d| d.hits_3d),
            hits_7d: days(|d| d.hits_7d),
            hits_14d: days(|d| d.hits_14d),
            hits_30d: days(|d| d.hits_30d),
        }
    }
}

impl Market {
    /// BTC's 24 h change in one cycle's reports, percent; NaN when unknown.
    pub(crate) fn btc_change_24h(reports: &[Report]) -> f64 {
        let btc = reports.iter().find(|r| r.symbol.as_str() == BTC);
        btc.and_then(|r| r.analysis.as_ref()).map_or(f64::NAN, |a| a.inputs.change_24h)
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), v| (sum + v, count + 1));
    sum / f64::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_quantiles_and_ranks() {
        let sorted = Sorted::of([3.0, 1.0, f64::NAN, 2.0, 2.0].into_iter());
        assert_eq!((sorted.median(), sorted.quantile(0.0), sorted.quantile(1.0)), (2.0, 1.0, 3.0));
        assert_eq!((sorted.rank(1.0), sorted.rank(2.0), sorted.rank(9.0)), (0.125, 0.5, 1.0));
        assert!(Sorted::default().median().is_nan() && Sorted::default().rank(1.0).is_nan());
    }
}
