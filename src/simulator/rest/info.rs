//! exchangeInfo.

use crate::simulator::market::pair::Pair;
use crate::simulator::rest::answer::{Answer, Params, number};
use crate::simulator::state::State;
use serde_json::{Value, json};

/// The answer to /api/v3/exchangeInfo.
///
/// # Errors
/// -1100 for malformed parameters, -1121 for unknown symbols.
pub fn exchange_info(state: &State, query: &Params) -> Answer {
    let now = state.market_now();
    let with_sets = query.get("showPermissionSets").is_none_or(|v| v != "false");
    let wanted: Option<Vec<String>> = match (query.get("symbol"), query.get("symbols")) {
        (Some(one), _) => Some(vec![one.clone()]),
        (None, Some(list)) => Some(serde_json::from_str(list).map_err(|_| {
            (-1100, "Illegal characters found in parameter 'symbols'; legal is [\"A\",\"B\"].".to_owned())
        })?),
        (None, None) => None,
    };
    let spot_asked = query.get("permissions").is_none_or(|p| p.contains("SPOT"));
    let status = query.get("symbolStatus");
    let pairs = match wanted {
        Some(names) => names
            .iter()
            .map(|n| {
                let pair = state.market.pair(n).filter(|p| p.status_at(now).is_some());
                pair.ok_or_else(|| (-1121, "Invalid symbol.".to_owned()))
            })
            .collect::<Result<Vec<_>, _>>()?,
        None => state.market.pairs(),
    };
    let symbols: Vec<Value> = pairs
        .iter()
        .filter_map(|p| p.status_at(now).map(|s| (p, s)))
        .filter(|(p, s)| {
            status.is_none_or(|w| w == s) && (p.spot || !query.contains_key("permissions")) && spot_asked
        })
        .map(|(p, s)| symbol(p, s, with_sets))
        .collect();
    Ok(json!({
        "timezone": "UTC",
        "serverTime": state.shown(now),
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": state.weight_limit},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100},
            {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5,
             "limit": crate::simulator::limits::RAW_LIMIT},
        ],
        "exchangeFilters": [],
        "symbols": symbols,
    }))
}

fn symbol(pair: &Pair, status: &str, with_sets: bool) -> Value {
    let notional = if pair.key().is_multiple_of(2) {
        json!({"filterType": "NOTIONAL", "minNotional": number(pair.min_notional), "applyMinToMarket": true,
               "maxNotional": "9000000.00000000", "applyMaxToMarket": false, "avgPriceMins": 5})
    } else {
        json!({"filterType": "MIN_NOTIONAL", "minNotional": number(pair.min_notional), "applyToMarket": true,
               "avgPriceMins": 5})
    };
    let tick = number(pair.tick);
    let mut filters = vec![
        json!({"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000.00000000", "tickSize": tick}),
        json!({"filterType": "LOT_SIZE", "minQty": number(pair.lot), "maxQty": "900000000.00000000",
               "stepSize": number(pair.lot)}),
        json!({"filterType": "ICEBERG_PARTS", "limit": 100}),
        notional,
        json!({"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200}),
    ];
    if pair.key().is_multiple_of(7) {
        filters.push(json!({"filterType": "T_PLUS_SELL_9", "endTime": -1}));
    }
    let turn = usize::try_from(pair.key() % 5).unwrap_or(0);
    filters.rotate_left(turn);
    json!({
        "symbol": pair.symbol, "status": status,
        "baseAsset": pair.base_asset, "baseAssetPrecision": 8,
        "quoteAsset": pair.quote_asset, "quotePrecision": 8, "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8, "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
        "icebergAllowed": true, "ocoAllowed": true, "otoAllowed": true,
        "quoteOrderQtyMarketAllowed": true, "allowTrailingStop": true, "cancelReplaceAllowed": true,
        "isSpotTradingAllowed": pair.spot, "isMarginTradingAllowed": false,
        "filters": filters, "permissions": [],
        "permissionSets": if with_sets && pair.spot { json!([["SPOT", "TRD_GRP_004"]]) } else { json!([]) },
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    })
}
