//! The routes that give lists: as CSV as well.

/// A route, and where the rows are in its body (JSON pointers).
#[derive(Debug)]
pub struct List {
    pub route: &'static str,
    pub(crate) rows: &'static [&'static str],
}

const fn list(route: &'static str, rows: &'static [&'static str]) -> List {
    List { route, rows }
}

pub const LISTS: [List; 11] = [
    list("/api/v1/ranking", &["/levels/FUERTE", "/levels/ALTA", "/levels/MEDIA", "/levels/BAJA"]),
    list("/api/v1/symbols", &[""]),
    list("/api/v1/symbols/{symbol}/candles", &[""]),
    list("/api/v1/symbols/{symbol}/indicators", &[""]),
    list("/api/v1/symbols/{symbol}/scores", &[""]),
    list("/api/v1/alerts", &["/alerts"]),
    list("/api/v1/mutes", &[""]),
    list("/api/v1/watchlist", &[""]),
    list("/api/v1/channels", &[""]),
    list("/api/v1/performance", &["/levels"]),
    list("/api/v1/predictions", &["/predictions"]),
];
