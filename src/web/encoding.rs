//! How answers are packed: what a client takes, and the packing itself.

use actix_web::http::header::{self, HeaderMap};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

/// Answers are packed while a client waits: higher levels cost more than the bytes that they save.
const ZSTD_LEVEL: i32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Zstd,
    Gzip,
}

impl Encoding {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// Does the client take this one, and how gladly.
    fn weight(self, headers: &HeaderMap) -> f32 {
        let texts = headers.get_all(header::ACCEPT_ENCODING).filter_map(|v| v.to_str().ok());
        let weights = texts.flat_map(|text| text.split(',')).filter_map(|part| {
            let (name, rest) = part.split_once(';').unwrap_or((part, ""));
            let q = rest.trim().strip_prefix("q=").map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            name.trim().eq_ignore_ascii_case(self.name()).then_some(q)
        });
        weights.fold(0.0, f32::max)
    }

    pub(crate) fn is_taken(self, headers: &HeaderMap) -> bool {
        self.weight(headers) > 0.0
    }

    /// The one that the client likes best; `None` where it takes neither.
    pub(crate) fn best(headers: &HeaderMap) -> Option<Self> {
        let (zstd, gzip) = (Self::Zstd.weight(headers), Self::Gzip.weight(headers));
        match (zstd > 0.0, gzip > zstd) {
            (_, true) => Some(Self::Gzip),
            (true, false) => Some(Self::Zstd),
            (false, false) => None,
        }
    }

    pub(crate) fn pack(self, body: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd => zstd::bulk::compress(body, ZSTD_LEVEL),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(body)?;
                encoder.finish()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn the_best_that_is_taken() {
        let best = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(text));
            Encoding::best(&headers)
        };
        assert_eq!(best("gzip, deflate, br, zstd"), Some(Encoding::Zstd));
        assert_eq!(best("br, GZIP"), Some(Encoding::Gzip));
        assert_eq!(best("zstd;q=0.5, gzip;q=0.8"), Some(Encoding::Gzip));
        assert_eq!((best("zstd;q=0"), best("br"), best("identity"), best("")), (None, None, None, None));
    }
}
