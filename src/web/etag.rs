//! `ETag` and `If-None-Match`: an answer that the client has already is a 304 without a body.

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, EntityTag, Header, HeaderMap, HeaderValue, IfNoneMatch};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use ring::digest::{SHA256, digest};

/// Weak: the same content may go out compressed in several ways.
fn tag(content_type: Option<&HeaderValue>, body: &[u8]) -> EntityTag {
    let mut hash = digest(&SHA256, body).as_ref()[..12].to_vec();
    hash.extend(content_type.map(|kind| kind.len() as u8));
    EntityTag::new_weak(hex::encode(hash))
}

fn known(sent: &IfNoneMatch, tag: &EntityTag) -> bool {
    match sent {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|t| t.weak_eq(tag)),
    }
}

/// What may be kept and asked about again: whole answers that do not forbid it.
fn may_be_kept(status: StatusCode, headers: &HeaderMap) -> bool {
    let told = headers.get(header::CACHE_CONTROL).is_some_and(|v| v.as_bytes().starts_with(b"no-store"));
    status == StatusCode::OK && !told
}

/// Puts an `ETag` on answers and shortens those that the client has.
pub async fn validate(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let reads = [Method::GET, Method::HEAD].contains(req.method());
    let sent = req.headers().contains_key(header::IF_NONE_MATCH).then(|| IfNoneMatch::parse(&req));
    let answer = next.call(req).await?.map_into_boxed_body();
    if !reads || !may_be_kept(answer.status(), answer.headers()) {
        return Ok(answer);
    }
    let (req, answer) = answer.into_parts();
    let (mut answer, body) = answer.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(stream) => return Ok(ServiceResponse::new(req, answer.set_body(stream))),
    };
    let tag = tag(answer.headers().get(header::CONTENT_TYPE), &body);
    let text = HeaderValue::try_from(tag.to_string())?;
    answer.headers_mut().insert(header::ETAG, text);
    if !answer.headers().contains_key(header::CACHE_CONTROL) {
        answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    if !matches!(sent, Some(Ok(sent)) if known(&sent, &tag)) {
        return Ok(ServiceResponse::new(req, answer.set_body(BoxBody::new(body))));
    }
    let mut short = HttpResponse::new(StatusCode::NOT_MODIFIED);
    for name in [header::ETAG, header::CACHE_CONTROL, header::VARY, header::LINK] {
        for value in answer.headers().get_all(&name) {
            short.headers_mut().append(name.clone(), value.clone());
        }
    }
    Ok(ServiceResponse::new(req, short))
}
