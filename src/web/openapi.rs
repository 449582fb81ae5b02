//! `GET /openapi.json`: the document comes from the code.

use crate::web::api::{candles, ranking, status, symbols};
use actix_web::HttpResponse;
use utoipa::OpenApi;

/// All routes that give data.
#[derive(OpenApi)]
#[openapi(
    info(title = "Impulso", description = "Momentum scanner for USDT pairs"),
    paths(
        ranking::ranking,
        symbols::symbols,
        symbols::symbol,
        candles::candles,
        status::status,
        status::healthz,
        status::readyz,
        status::metrics,
        document,
    )
)]
pub struct ApiDoc;

/// The OpenAPI 3.1 document.
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, body = Object)))]
pub async fn document() -> HttpResponse {
    HttpResponse::Ok().json(ApiDoc::openapi())
}
