//! The pure core: TA-Lib and scoring vectors, properties of the analysis, the alert policy.
mod support;

mod domain {
    mod alert_properties;
    mod alerts;
    mod market_moves;
    mod properties;
    mod vectors;
}
