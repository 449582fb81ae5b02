//! Stream connections against a small real WebSocket server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use impulso::actors::ports::{ConnectError, Frame, Outgoing, SocketError, StreamConnector, StreamSocket};
use impulso::adapters::binance::socket::{BinanceSockets, SocketSettings};
use impulso::adapters::net;
use impulso::i18n::Text;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

const PATIENCE: Duration = Duration::from_secs(20);

async fn listener(connect_timeout: Duration) -> (TcpListener, BinanceSockets) {
    net::install();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = SocketSettings {
        connect_timeout,
        max_message_bytes: 10_000,
        ..SocketSettings::new(&format!("ws://{}/", listener.local_addr().unwrap()))
    };
    (listener, BinanceSockets::new(settings))
}

/// A connected pair: our socket and the server's side.
async fn pair() -> (StreamSocket, WebSocketStream<TcpStream>) {
    let (listener, sockets) = listener(PATIENCE).await;
    let server = async { accept_async(listener.accept().await.unwrap().0).await.unwrap() };
    let (ours, theirs) = tokio::join!(sockets.connect("/stream?streams=!miniTicker@arr"), server);
    (ours.unwrap(), theirs)
}

async fn next(socket: &mut StreamSocket) -> Option<Result<Frame, SocketError>> {
    tokio::time::timeout(PATIENCE, socket.frames.next()).await.expect("a frame in time")
}

async fn heard(server: &mut WebSocketStream<TcpStream>) -> Message {
    tokio::time::timeout(PATIENCE, server.next()).await.expect("a message in time").unwrap().unwrap()
}

#[actix_rt::test]
async fn frames_arrive_and_messages_leave() {
    let (mut ours, mut theirs) = pair().await;
    theirs.send(Message::text("{\"a\":1}")).await.unwrap();
    assert_eq!(next(&mut ours).await, Some(Ok(Frame::Text(Bytes::from_static(b"{\"a\":1}")))));
    ours.sender.send(Outgoing::Text("hello".into())).await.unwrap();
    // Writing happens while frames are polled.
    let (_, text) = tokio::join!(
        tokio::time::timeout(Duration::from_millis(300), ours.frames.next()),
        heard(&mut theirs)
    );
    assert_eq!(text, Message::text("hello"));
}

#[actix_rt::test]
async fn a_ping_is_answered_once_with_its_payload_while_only_reading() {
    let (mut ours, mut theirs) = pair().await;
    theirs.send(Message::Ping(Bytes::from_static(b"1700000000"))).await.unwrap();
    assert_eq!(next(&mut ours).await, Some(Ok(Frame::Ping(Bytes::from_static(b"1700000000")))));
    // Nothing is polled from here on: the pong must have left already.
    assert_eq!(heard(&mut theirs).await, Message::Pong(Bytes::from_static(b"1700000000")));
    theirs.send(Message::text("x")).await.unwrap();
    next(&mut ours).await;
    let more = tokio::time::timeout(Duration::from_millis(200), theirs.next()).await;
    assert!(more.is_err(), "one pong only: {more:?}");
}

#[actix_rt::test]
async fn a_close_ends_the_stream_with_its_reason() {
    use tokio_tungstenite::tungstenite::protocol::CloseFrame;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
    let (mut ours, mut theirs) = pair().await;
    let frame = CloseFrame { code: CloseCode::Policy, reason: "24 h".into() };
    theirs.close(Some(frame)).await.unwrap();
    assert_eq!(next(&mut ours).await, Some(Ok(Frame::Close(Text::verbatim("code 1008: 24 h")))));
    assert_eq!(next(&mut ours).await, None);
}

#[actix_rt::test]
async fn a_cut_ends_the_stream_with_an_error() {
    let (mut ours, theirs) = pair().await;
    drop(theirs);
    assert!(matches!(next(&mut ours).await, Some(Err(SocketError::Broken(_)) | Ok(Frame::Close(_)))));
    assert_eq!(next(&mut ours).await, None);
}

#[actix_rt::test]
async fn a_frame_above_the_bound_breaks_the_protocol() {
    let (mut ours, mut theirs) = pair().await;
    theirs.send(Message::text("x".repeat(20_000))).await.unwrap();
    assert!(matches!(next(&mut ours).await, Some(Err(SocketError::Protocol(_)))));
    assert_eq!(next(&mut ours).await, None);
}

#[actix_rt::test]
async fn closing_in_order_reaches_the_other_side() {
    let (mut ours, mut theirs) = pair().await;
    ours.sender.send(Outgoing::Close).await.unwrap();
    let (_, message) =
        tokio::join!(tokio::time::timeout(Duration::from_secs(2), ours.frames.next()), heard(&mut theirs));
    assert!(matches!(message, Message::Close(_)));
}

#[actix_rt::test]
async fn a_dropped_stream_closes_the_connection() {
    let (ours, mut theirs) = pair().await;
    drop(ours);
    let end = tokio::time::timeout(PATIENCE, theirs.next()).await.expect("an end in time");
    assert!(!matches!(end, Some(Ok(Message::Text(_)))));
}

#[actix_rt::test]
async fn failures_to_connect_are_told_apart() {
    let (listener, sockets) = listener(Duration::from_millis(500)).await;
    // Takes the connection but never answers the handshake.
    let mute = sockets.connect("/stream").await.unwrap_err();
    assert_eq!(mute, ConnectError::Timeout { after_ms: 500 });
    let refusing = async {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        // The mute connection above comes first.
        let _mute = listener.accept().await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 4_096];
        let _ = stream.read(&mut head).await.unwrap();
        let answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream
    };
    let patient = SocketSettings::new(&format!("ws://{}", listener.local_addr().unwrap()));
    let patient = BinanceSockets::new(SocketSettings { connect_timeout: PATIENCE, ..patient });
    let (refused, _stream) = tokio::join!(patient.connect("/stream"), refusing);
    assert_eq!(refused.unwrap_err(), ConnectError::Refused { status: 429, retry_after_ms: Some(9_000) });
    drop(listener);
    assert!(matches!(sockets.connect("/stream").await, Err(ConnectError::Transport(_))));
    let wrong = BinanceSockets::new(SocketSettings::new("https://example.invalid"));
    let error = wrong.connect("/stream").await.unwrap_err();
    assert!(matches!(error, ConnectError::Address { .. }) && error.to_string().contains("wss://"));
}

#[actix_rt::test]
async fn wss_speaks_tls() {
    use tokio::io::AsyncReadExt;
    let (listener, _) = listener(PATIENCE).await;
    let url = format!("wss://localhost:{}", listener.local_addr().unwrap().port());
    let sockets = BinanceSockets::new(SocketSettings::new(&url));
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 3];
        stream.read_exact(&mut hello).await.unwrap();
        // A TLS record of a handshake; the connection is cut in answer.
        assert_eq!(hello[..2], [0x16, 0x03]);
    };
    let (result, ()) = tokio::join!(sockets.connect("/stream"), server);
    assert!(matches!(result, Err(ConnectError::Transport(_))), "{result:?}");
}
