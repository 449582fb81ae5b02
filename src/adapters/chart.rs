//! Chart images for alerts: candlesticks, volume, last price and resistance as a small PNG.

use crate::actors::ports::alerts::ChartMaker;
use crate::domain::candle::Candle;
use bytes::Bytes;
use jiff::Timestamp;
use plotters::coord::Shift;
use plotters::prelude::*;
use std::sync::OnceLock;

/// Pixels. Telegram and Discord show a picture about this wide in a chat without scaling it up.
const SIZE: (u32, u32) = (640, 320);
/// Most candles that are drawn; more are joined so that each stays wide enough to be seen.
const MAX_CANDLES: usize = 120;
/// Part of the height for the prices; the rest is for the volume, which is only to be compared by eye.
const PRICE_SHARE: f64 = 0.76;
/// Name under which the font is registered.
const FONT: &str = "impulso";

/// A white ground: chat programs show pictures in light and dark themes alike.
const PAPER: RGBColor = RGBColor(255, 255, 255);
const INK: RGBColor = RGBColor(31, 41, 55);
const GRID: RGBColor = RGBColor(229, 231, 235);
const UP: RGBColor = RGBColor(22, 163, 74);
const DOWN: RGBColor = RGBColor(220, 38, 38);
const LAST: RGBColor = RGBColor(37, 99, 235);
const RESISTANCE: RGBColor = RGBColor(217, 119, 6);

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;
type Failure = Box<dyn std::error::Error>;

#[derive(Debug, Clone, Copy, Default)]
pub struct Charts;

impl ChartMaker for Charts {
    fn draw(&self, title: &str, candles: &[Candle], resistance: Option<f64>) -> Option<Bytes> {
        if candles.len() < 2 || !candles.iter().all(drawable) || !font_ready() {
            return None;
        }
        let picture = Picture::new(candles, resistance);
        let mut pixels = vec![0; SIZE.0 as usize * SIZE.1 as usize * 3];
        let drawn = picture.paint(title, &mut pixels).and_then(|()| encode(&pixels));
        drawn.inspect_err(|error| tracing::debug!(%error, "chart not drawn")).ok().map(Bytes::from)
    }
}

fn drawable(candle: &Candle) -> bool {
    let prices = [candle.open, candle.high, candle.low, candle.close];
    prices.iter().all(|p| p.is_finite() && *p >= 0.0) && candle.quote_volume.is_finite()
}

/// Ubuntu Light (Ubuntu font licence 1.0), as shipped by `epaint_default_fonts` (MIT or Apache-2.0).
fn font_ready() -> bool {
    /// Fonts are registered once for the whole process: plotters keeps them in a global of its own.
    static READY: OnceLock<bool> = OnceLock::new();
    *READY.get_or_init(|| {
        let style = plotters::style::FontStyle::Normal;
        plotters::style::register_font(FONT, style, epaint_default_fonts::UBUNTU_LIGHT).is_ok()
    })
}

/// At most `MAX_CANDLES` candles, neighbours joined.
fn joined(candles: &[Candle]) -> Vec<Candle> {
    let group = candles.len().div_ceil(MAX_CANDLES).max(1);
    let join = |part: &[Candle]| {
        let mut whole = *part.first()?;
        for candle in &part[1..] {
            whole.high = whole.high.max(candle.high);
            whole.low = whole.low.min(candle.low);
            whole.close = candle.close;
            whole.quote_volume += candle.quote_volume;
        }
        Some(whole)
    };
    candles.chunks(group).filter_map(join).collect()
}

/// What is drawn, with its bounds.
struct Picture {
    candles: Vec<Candle>,
    resistance: Option<f64>,
    low: f64,
    high: f64,
    last: f64,
}

impl Picture {
    fn new(candles: &[Candle], resistance: Option<f64>) -> Self {
        let candles = joined(candles);
        let low = candles.iter().map(|c| c.low).fold(f64::INFINITY, f64::min);
        let high = candles.iter().map(|c| c.high).fold(f64::NEG_INFINITY, f64::max);
        let last = candles.last().map_or(high, |c| c.close);
        // A resistance far away would press the candles into a line.
        let near = |r: &f64| r.is_finite() && *r > 0.0 && *r <= high + (high - low).max(high * 0.01) * 0.6;
        let resistance = resistance.filter(near);
        let high = resistance.map_or(high, |r| high.max(r));
        let room = ((high - low) * 0.06).max(high * 0.001).max(f64::MIN_POSITIVE);
        Self { candles, resistance, low: low - room, high: high + room, last }
    }

    fn paint(&self, title: &str, pixels: &mut [u8]) -> Result<(), Failure> {
        let root = BitMapBackend::with_buffer(pixels, SIZE).into_drawing_area();
        root.fill(&PAPER)?;
        let title: String = title.chars().filter(|c| !c.is_control()).take(60).collect();
        let body = root.titled(&title, (FONT, 17).into_font().color(&INK))?;
        let (prices, volumes) = body.split_vertically(f64::from(body.dim_in_pixel().1) * PRICE_SHARE);
        self.prices(&prices)?;
        self.volumes(&volumes)?;
        root.present()?;
        Ok(())
    }

    fn width(&self) -> f64 {
        self.candles.len() as f64
    }

    fn prices(&self, area: &Area<'_>) -> Result<(), Failure> {
        let mut chart = ChartBuilder::on(area)
            .margin_left(16)
            .margin_right(6)
            .set_label_area_size(LabelAreaPosition::Right, 78)
            .build_cartesian_2d(0.0..self.width(), self.low..self.high)?;
        let digits = digits(self.high - self.low);
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(GRID)
            .y_labels(6)
            .y_label_style((FONT, 13).into_font().color(&INK))
            .y_label_formatter(&|price| format!("{price:.digits$}"))
            .draw()?;
        chart.draw_series(self.candles.iter().enumerate().flat_map(|(i, candle)| {
            let (x, color) = (i as f64, color(candle));
            let (bottom, top) = (candle.open.min(candle.close), candle.open.max(candle.close));
            let wick = vec![(x + 0.5, candle.low), (x + 0.5, candle.high)];
            [
                PathElement::new(wick, color).into_dyn(),
                Rectangle::new([(x + 0.15, bottom), (x + 0.85, top)], color.filled()).into_dyn(),
            ]
        }))?;
        // The words stand apart even where both lines are at one height.
        let lines = [Some((self.last, LAST, "", 4)), self.resistance.map(|r| (r, RESISTANCE, "R ", 104))];
        for (price, color, mark, right) in lines.into_iter().flatten() {
            let line = PathElement::new(vec![(0.0, price), (self.width(), price)], color);
            chart.draw_series(std::iter::once(line))?;
            let style = (FONT, 13).into_font().color(&color);
            let words = format!("{mark}{price:.digits$}");
            let (x, y) = chart.backend_coord(&(0.0, price));
            let origin = area.get_pixel_range();
            let at = (x - origin.0.start + right, (y - origin.1.start - 14).max(0));
            area.draw(&Text::new(words, at, style))?;
        }
        Ok(())
    }

    fn volumes(&self, area: &Area<'_>) -> Result<(), Failure> {
        let most = self.candles.iter().map(|c| c.quote_volume).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        let mut chart = ChartBuilder::on(area)
            .margin_left(16)
            .margin_right(6)
            .set_label_area_size(LabelAreaPosition::Right, 78)
            .set_label_area_size(LabelAreaPosition::Bottom, 20)
            .build_cartesian_2d(0.0..self.width(), 0.0..most * 1.1)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(GRID)
            .x_labels(7)
            .x_label_style((FONT, 13).into_font().color(&INK))
            .x_label_formatter(&|x| self.time(*x))
            .y_labels(2)
            .y_label_style((FONT, 13).into_font().color(&INK))
            .y_label_formatter(&|volume| crate::i18n::number::short_volume(*volume))
            .draw()?;
        chart.draw_series(self.candles.iter().enumerate().map(|(i, candle)| {
            let x = i as f64;
            Rectangle::new(
                [(x + 0.15, 0.0), (x + 0.85, candle.quote_volume)],
                color(candle).mix(0.55).filled(),
            )
        }))?;
        Ok(())
    }

    /// Clock time of the candle at `x`; the first label tells whose time it is.
    fn time(&self, x: f64) -> String {
        if x < self.width() * 0.02 {
            return "UTC".to_owned();
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
        let candle = self.candles.get(x.max(0.0) as usize).or(self.candles.last());
        let at = candle.and_then(|c| Timestamp::from_millisecond(c.open_time.ms()).ok());
        at.map_or_else(String::new, |at| at.strftime("%H:%M").to_string())
    }
}

fn color(candle: &Candle) -> RGBColor {
    if candle.close >= candle.open { UP } else { DOWN }
}

/// Digits behind the point that tell prices of this range apart.
fn digits(range: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10")]
    let digits = (2.0 - range.log10().floor()).clamp(0.0, 10.0) as usize;
    digits
}

fn encode(pixels: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, SIZE.0, SIZE.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Best);
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::MarketTime;

    fn walk(count: u32, base: f64) -> Vec<Candle> {
        let mut price = base;
        (0..count)
            .map(|i| {
                let open = price;
                price *= 1.0 + 0.004 * f64::from(i).mul_add(0.7, 0.3).sin() + 0.0004;
                Candle {
                    open,
                    high: open.max(price) * 1.002,
                    low: open.min(price) * 0.997,
                    close: price,
                    quote_volume: 1e6 * (1.2 + (f64::from(i) * 0.21).cos()),
                    ..Candle::flat(MarketTime::from_ms(1_750_000_000_000 + i64::from(i) * 900_000), price)
                }
            })
            .collect()
    }

    fn assert_picture(png: &[u8]) {
        assert!(png.len() < 40_000, "{} bytes", png.len());
        let info = png::Decoder::new(png).read_info().unwrap();
        assert_eq!((info.info().width, info.info().height), SIZE);
    }

    #[test]
    fn draws_a_day_of_any_length_and_price() {
        for (name, candles, resistance) in [
            ("day", walk(96, 64_250.0), Some(68_500.0)),
            ("minutes", walk(1_440, 0.000_012), Some(f64::NAN)),
            ("two", walk(2, 1.5), Some(9e9)),
            ("flat", vec![Candle::flat(MarketTime::EPOCH, 5.0); 30], None),
            ("zero", vec![Candle::flat(MarketTime::EPOCH, 0.0); 3], Some(0.0)),
        ] {
            let png = Charts.draw("FUERTE BTCUSDT 币 · 15m", &candles, resistance).expect(name);
            if let Some(folder) = std::env::var_os("IMPULSO_CHART_DIR") {
                std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), &png).unwrap();
            }
            assert_picture(&png);
        }
    }

    #[test]
    fn too_little_or_broken_data_gives_none() {
        assert!(Charts.draw("x", &walk(1, 1.0), None).is_none());
        let mut broken = walk(5, 1.0);
        broken[2].high = f64::NAN;
        assert!(Charts.draw("x", &broken, None).is_none());
    }

    #[test]
    fn joining_keeps_extremes_and_volume() {
        let all = walk(1_000, 10.0);
        let few = joined(&all);
        assert!(few.len() <= MAX_CANDLES && few.len() > 100);
        let high = |c: &[Candle]| c.iter().map(|c| c.high).fold(0.0, f64::max);
        let volume = |c: &[Candle]| c.iter().map(|c| c.quote_volume).sum::<f64>();
        assert_eq!(high(&all), high(&few));
        assert!((volume(&all) - volume(&few)).abs() < 1.0);
        assert_eq!(all.last().unwrap().close, few.last().unwrap().close);
    }
}
