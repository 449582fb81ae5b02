//! Routes of the simulator itself: faults, connections, listings, status. For tools of whoever runs it: a page of elsewhere that
//! a browser on this machine shows must not break the market.

use crate::simulator::faults::FaultSpec;
use crate::simulator::market::universe::{Draw, made_up};
use crate::simulator::rest::answer::error;
use crate::simulator::state::State;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::atomic::Ordering;

#[derive(Deserialize)]
struct FaultOrder {
    fault: String,
    target: String,
    seconds: f64,
}

#[derive(Deserialize)]
struct ListingOrder {
    symbol: String,
    action: String,
}

/// Adds the routes under /admin.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/admin")
            .wrap(from_fn(no_pages))
            .route("/faults", web::post().to(order))
            .route("/faults", web::get().to(faults))
            .route("/connections", web::get().to(connections))
            .route("/status", web::get().to(status))
            .route("/listings", web::post().to(listing)),
    );
}

/// Is the Host an address or this machine: a name of elsewhere may have been made to point here.
fn is_own_host(host: &str) -> bool {
    let port = |(_, port): &(&str, &str)| port.bytes().all(|b| b.is_ascii_digit());
    let name = host.rsplit_once(':').filter(port).map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

/// Refuses what a web page asks for: browsers tell its Origin, tools send none.
async fn no_pages(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let header = |name: &str| req.headers().get(name).map(|v| v.to_str().unwrap_or("?").to_owned());
    let own = is_own_host(&header("host").unwrap_or_default());
    if own && header("origin").is_none() && header("sec-fetch-site").is_none_or(|from| from == "none") {
        return Ok(next.call(req).await?.map_into_boxed_body());
    }
    Ok(req.into_response(error(403, -1, "the admin routes are for tools, not for web pages")))
}

async fn order(body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    let Ok(order) = serde_json::from_slice::<FaultOrder>(&body) else {
        return error(
            400,
            -1,
            "send {\"fault\": NAME, \"target\": \"all\"|SYMBOL|CONNECTION, \"seconds\": NUMBER}",
        );
    };
    let spec = match FaultSpec::new(&order.fault, &order.target, order.seconds, 0.0) {
        Ok(spec) => spec,
        Err(bad) => return error(400, -1, &bad.to_string()),
    };
    let known = spec.target == "all"
        || state.market.pair(&spec.target).is_some()
        || state.registry().clients.values().any(|c| c.id == spec.target);
    if !known {
        return error(
            400,
            -1,
            "target is unknown; allowed are all, a symbol, or an id of GET /admin/connections",
        );
    }
    match state.faults().add(spec, state.machine_ms()) {
        Some(id) => HttpResponse::Ok().json(json!({"id": id})),
        None => error(400, -1, "256 faults are planned already; wait until some are over"),
    }
}

async fn faults(state: web::Data<State>) -> HttpResponse {
    let list = state.faults().list();
    HttpResponse::Ok().json(json!({"now_ms": state.machine_ms(), "faults": list}))
}

async fn connections(state: web::Data<State>) -> HttpResponse {
    let registry = state.registry();
    let now = state.machine_ms();
    let list: Vec<Value> = registry
        .clients
        .values()
        .map(|c| json!({"id": c.id, "streams": c.streams.len(), "age_ms": now.saturating_sub(c.opened_ms)}))
        .collect();
    HttpResponse::Ok().json(list)
}

async fn status(state: web::Data<State>) -> HttpResponse {
    let registry = state.registry();
    HttpResponse::Ok().json(json!({
        "market_time": state.market_now(), "start": state.market.start, "speed": state.speed,
        "base_interval": state.market.base, "pairs": state.market.pairs().len(),
        "connections": registry.clients.len(), "connections_opened": registry.opened,
        "streams": registry.streams.len(), "frames": registry.frames,
        "slow_clients_dropped": registry.overflows, "requests": state.requests.load(Ordering::Relaxed),
    }))
}

async fn listing(body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    let Ok(order) = serde_json::from_slice::<ListingOrder>(&body) else {
        return error(400, -1, "send {\"symbol\": NAME, \"action\": \"list\"|\"delist\"}");
    };
    let now = state.market_now();
    let market = &state.market;
    let done = match (order.action.as_str(), market.pair(&order.symbol)) {
        ("list", Some(pair)) => pair.list(now),
        ("delist", Some(pair)) => pair.delist(now),
        ("list", None) if market.synthetic => match order.symbol.strip_suffix("USDT") {
            Some(base) if !base.is_empty() => {
                let draw = Draw { seed: market.seed, lag_min: market.lag_min };
                market.add(made_up(base, "USDT", draw, now))
            }
            _ => return error(400, -1, "a new symbol must end in USDT"),
        },
        ("list" | "delist", None) => {
            return error(400, -1, "the symbol is not known; recorded markets take no new ones");
        }
        _ => return error(400, -1, "action is unknown; allowed are list and delist"),
    };
    if done {
        HttpResponse::Ok().json(json!({"symbol": order.symbol, "action": order.action, "market_time": now}))
    } else {
        error(400, -1, "the symbol has that state already")
    }
}
