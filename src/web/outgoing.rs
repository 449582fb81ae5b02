//! Answers on their way: packed at once, given to the socket in small parts, and together of bounded size. A client that
//! asks for much and reads nothing holds its answer, not more, and all such clients together a bounded part of the memory.

use crate::web::caller::caller;
use crate::web::encoding::Encoding;
use crate::web::network::Client;
use crate::web::problem::{ApiError, Cause};
use actix_web::ResponseError;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Answers on their way to all clients, bytes: a hundred of the largest ones.
const ALL: usize = 96 * 1024 * 1024;
/// The same with the first answer of clients that have none yet: they do not wait for those who hold theirs back, but where
/// thousands of addresses do so, nobody is served above this.
const MOST: usize = 160 * 1024 * 1024;
/// The same to one client: a browser has six.
const EACH: usize = 24 * 1024 * 1024;
/// Answers up to this size are free: health checks, and refusals.
const FREE: usize = 16 * 1024;
/// What the socket is given at once, bytes: it copies it.
const PART: usize = 16 * 1024;
/// Smaller answers are not packed: it would save no packet.
const PACKED_FROM: usize = 200;

#[derive(Debug, Default)]
struct Held {
    all: usize,
    each: HashMap<Client, usize>,
}

/// One lock over both counts: an answer is let through by both or by none.
#[derive(Debug, Default)]
pub(crate) struct Outgoing(Mutex<Held>);

/// The part of an answer in what is on its way; dropping it gives it back.
struct Share {
    outgoing: Arc<Outgoing>,
    client: Client,
    bytes: usize,
}

impl Outgoing {
    fn take(self: &Arc<Self>, client: Client, bytes: usize) -> Option<Share> {
        let mut held = self.0.lock();
        let own = held.each.get(&client).copied().unwrap_or(0);
        let (own_most, most) = if own > 0 { (EACH, ALL) } else { (usize::MAX, MOST) };
        if own + bytes > own_most || held.all + bytes > most {
            return None;
        }
        held.all += bytes;
        held.each.insert(client, own + bytes);
        Some(Share { outgoing: Arc::clone(self), client, bytes })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.outgoing.0.lock();
        held.all -= self.bytes;
        if let Some(own) = held.each.get_mut(&self.client) {
            *own -= self.bytes;
            if *own == 0 {
                held.each.remove(&self.client);
            }
        }
    }
}

/// A body that is given out in parts.
struct Parts {
    rest: Bytes,
    _share: Option<Share>,
}

impl MessageBody for Parts {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(PART);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    ["text/", "application/", "image/svg"].iter().any(|text| kind.starts_with(text))
}

/// Packs a body where its client takes it so.
fn packed(body: Bytes, encoding: Option<Encoding>, headers: &mut HeaderMap) -> Bytes {
    if body.len() < PACKED_FROM || headers.contains_key(header::CONTENT_ENCODING) || !is_text(headers) {
        return body;
    }
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    let Some((encoding, packed)) = encoding.and_then(|e| Some((e, e.pack(&body).ok()?))) else { return body };
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
    packed.into()
}

/// Packs answers and counts them until they are taken.
pub(crate) async fn hold(
    outgoing: Data<Outgoing>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let encoding = Encoding::best(req.headers());
    let answer = next.call(req).await?.map_into_boxed_body();
    let (req, answer) = answer.into_parts();
    let (mut answer, body) = answer.into_parts();
    // Streams are the live socket's, which has bounds of its own.
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(stream) => return Ok(ServiceResponse::new(req, answer.set_body(stream))),
    };
    let rest = packed(body, encoding, answer.headers_mut());
    if rest.is_empty() {
        return Ok(ServiceResponse::new(req, answer.set_body(BoxBody::new(rest))));
    }
    let share = (rest.len() > FREE).then(|| outgoing.take(caller(&req).client(), rest.len()));
    if let Some(None) = share {
        metrics::counter!("impulso_http_limited_total").increment(1);
        let busy = ApiError::from(Cause::AnswersUnread).error_response();
        return Ok(ServiceResponse::new(req, busy));
    }
    let parts = Parts { rest, _share: share.flatten() };
    Ok(ServiceResponse::new(req, answer.set_body(BoxBody::new(parts))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_its_way_is_bounded_for_each_and_for_all() {
        let outgoing = Arc::new(Outgoing::default());
        let client = |n: u8| Client::V4([10, 0, 0, n]);
        let half = EACH / 2;
        let first = outgoing.take(client(1), half).unwrap();
        let second = outgoing.take(client(1), half).unwrap();
        assert!(outgoing.take(client(1), 1).is_none() && outgoing.take(client(2), ALL - EACH).is_some());
        drop(first);
        assert!(outgoing.take(client(1), half).is_some());
        let many: Vec<_> = (10..20).map(|n| outgoing.take(client(n), EACH / 2).unwrap()).collect();
        assert!(outgoing.take(client(10), EACH / 2).is_none(), "all together");
        let firsts: Vec<_> = (30..60).map_while(|n| outgoing.take(client(n), EACH / 4)).collect();
        let held = outgoing.0.lock().all;
        assert!(firsts.len() < 30 && held <= MOST && held + EACH / 4 > MOST, "whoever they are: {held}");
        drop((second, many, firsts));
        let held = outgoing.0.lock();
        assert!(held.all == 0 && held.each.is_empty());
    }
}
