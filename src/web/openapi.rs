//! `GET /openapi.json`: the document comes from the code.

use crate::web::api::{
    alerts, candles, chart, explain, measures, performance, predictions, ranking, sparklines, status, symbols,
};
use actix_web::HttpResponse;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// All routes that give data.
#[derive(OpenApi)]
#[openapi(
    info(title = "Impulso", description = "Momentum scanner for USDT pairs"),
    paths(
        ranking::ranking,
        symbols::symbols,
        symbols::symbol,
        candles::candles,
        chart::indicators,
        chart::scores,
        explain::explanation,
        alerts::alerts,
        alerts::mutes,
        alerts::mute,
        alerts::unmute,
        alerts::watchlist,
        alerts::watch,
        alerts::unwatch,
        alerts::channels,
        alerts::test,
        measures::measures,
        performance::performance,
        predictions::predictions,
        sparklines::sparklines,
        status::status,
        status::healthz,
        status::readyz,
        status::metrics,
        document,
    ),
    modifiers(&Token)
)]
pub struct ApiDoc;

/// How changes are authorised.
struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("token", scheme);
    }
}

/// The OpenAPI 3.1 document.
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, body = Object)))]
pub async fn document() -> HttpResponse {
    HttpResponse::Ok().json(ApiDoc::openapi())
}
