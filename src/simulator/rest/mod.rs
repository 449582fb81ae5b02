//! REST routes of the exchange: weights, limits, faults and error shapes; the answers are in the modules below.

pub(crate) mod answer;
pub mod info;
pub(crate) mod market_data;

use crate::simulator::faults::FaultKind;
use crate::simulator::limits::Verdict;
use crate::simulator::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use answer::{Answer, Params, error, number};
use serde_json::json;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How late answers are under the fault `slow`: felt by whoever waits, and below the 15 s after which a client gives up.
const SLOW: Duration = Duration::from_secs(2);

/// Handler of all of /api/v3.
pub async fn handle(req: HttpRequest, query: web::Query<Params>, state: web::Data<State>) -> HttpResponse {
    state.requests.fetch_add(1, Ordering::Relaxed);
    let route = req.match_info().get("route").unwrap_or_default().to_owned();
    let symbol = query.get("symbol").cloned().unwrap_or_default();
    let now = state.machine_ms();
    if let Some(refusal) = fault(&state, &symbol, now) {
        return refusal;
    }
    let slow = state.faults().hit(FaultKind::Slow, &[&symbol], now).is_some();
    if slow {
        tokio::time::sleep(SLOW).await;
    }
    let ip = req.peer_addr().map_or(std::net::IpAddr::from([0, 0, 0, 0]), |a| a.ip());
    let verdict = state.ledger().request(ip, weight(&route, &query), now);
    let used = match verdict {
        Verdict::Pass(used) => used,
        Verdict::TooMany { retry_after_s, .. } => return limited(429, retry_after_s),
        Verdict::Banned { retry_after_s } => return limited(418, retry_after_s),
    };
    if req.method() != actix_web::http::Method::GET {
        return error(405, -1000, "Request method is not supported; use GET.");
    }
    let micros = req
        .headers()
        .get("X-MBX-TIME-UNIT")
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.eq_ignore_ascii_case("MICROSECOND"));
    let mut response = match answer(&state, &route, &query, micros) {
        None => {
            HttpResponse::NotFound().content_type("text/html").body("<html><body>404 Not found</body></html>")
        }
        Some(Ok(value)) => HttpResponse::Ok().json(value),
        Some(Err((code, msg))) => error(400, code, &msg),
    };
    for name in ["x-mbx-used-weight", "x-mbx-used-weight-1m"] {
        if let Ok(value) = actix_web::http::header::HeaderValue::from_str(&used.to_string()) {
            response.headers_mut().insert(actix_web::http::header::HeaderName::from_static(name), value);
        }
    }
    response
}

fn limited(status: u16, retry_after_s: u64) -> HttpResponse {
    let body = json!({"code": -1003, "msg": "Too much request weight used; please use WebSocket streams for live updates."});
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::TOO_MANY_REQUESTS);
    HttpResponse::build(status).insert_header(("Retry-After", retry_after_s.to_string())).json(body)
}

fn fault(state: &State, symbol: &str, now: u64) -> Option<HttpResponse> {
    let faults = state.faults();
    let left = |kind| faults.hit(kind, &[symbol], now).map(|f| (f.until_ms - now).div_ceil(1_000));
    if let Some(seconds) = left(FaultKind::Banned) {
        return Some(limited(418, seconds));
    }
    if let Some(seconds) = left(FaultKind::TooMany) {
        return Some(limited(429, seconds));
    }
    left(FaultKind::ServerError).map(|_| error(503, -1000, "Service unavailable."))
}

/// Weight of a request by the exchange's table.
fn weight(route: &str, query: &Params) -> u32 {
    let one = query.contains_key("symbol");
    let many = query.get("symbols").map(|s| s.matches('"').count() / 2);
    match route {
        "exchangeInfo" => 20,
        "klines" | "uiKlines" | "avgPrice" => 2,
        "trades" => 25,
        "aggTrades" => 4,
        "depth" => match query.get("limit").and_then(|l| l.parse::<u32>().ok()).unwrap_or(100) {
            0..=100 => 5,
            101..=500 => 25,
            501..=1_000 => 50,
            _ => 250,
        },
        "ticker/24hr" => match (one, many) {
            (true, _) | (_, Some(0..=20)) => 2,
            (_, Some(21..=100)) => 40,
            _ => 80,
        },
        "ticker/price" | "ticker/bookTicker" => {
            if one {
                2
            } else {
                4
            }
        }
        "ticker" => u32::try_from(4 * many.unwrap_or(1).min(50)).unwrap_or(200),
        _ => 1,
    }
}

fn answer(state: &State, route: &str, query: &Params, micros: bool) -> Option<Answer> {
    let unit = if micros { 1_000 } else { 1 };
    Some(match route {
        "ping" => Ok(json!({})),
        "time" => Ok(json!({"serverTime": state.shown(state.market_now()).ms() * unit})),
        "exchangeInfo" => info::exchange_info(state, query),
        "klines" | "uiKlines" => market_data::klines(state, query, unit),
        "ticker/24hr" | "ticker" => market_data::tickers(state, query, unit),
        "ticker/price" => {
            market_data::each(state, query, |p, k| json!({"symbol": p.symbol, "price": number(k.bar.close)}))
        }
        "ticker/bookTicker" => market_data::each(state, query, |p, k| {
            let (bid, ask) = p.book(k.bar.close);
            json!({"symbol": p.symbol, "bidPrice": number(bid), "bidQty": "1.00000000",
                   "askPrice": number(ask), "askQty": "1.00000000"})
        }),
        "avgPrice" => market_data::average(state, query),
        "depth" => market_data::depth(state, query),
        "trades" => market_data::trades(state, query, unit, false),
        "aggTrades" => market_data::trades(state, query, unit, true),
        _ => return None,
    })
}
