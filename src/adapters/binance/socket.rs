//! Stream connections through tungstenite, ws:// and wss://.

use crate::actors::ports::{ConnectError, Frame, Outgoing, SocketError, StreamConnector, StreamSocket};
use crate::adapters::net::{dial, network};
use crate::i18n::{Text, no_connection, text};
use futures_util::future::LocalBoxFuture;
use futures_util::{SinkExt, StreamExt, stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

/// How stream connections behave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketSettings {
    /// Base address, such as `wss://data-stream.binance.vision`.
    pub base_url: String,
    /// Limit for name resolution, TCP, TLS and handshake.
    pub connect_timeout: Duration,
    /// Limit for writing one message; a peer that takes nothing is given up.
    pub write_timeout: Duration,
    /// Largest message, bytes: a mini ticker list of the whole market takes about 400 kB.
    pub max_message_bytes: usize,
    /// Control messages that wait to be written.
    pub outgoing: usize,
}

impl SocketSettings {
    /// Defaults for a base address; a slash at its end is dropped.
    pub fn new(base_url: &str) -> Self {
        Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            // The settings have their own limit to connect. Writing: control messages are under 4 kB, and a peer that
            // takes none for 10 s is gone. Messages: twenty times the largest. Outgoing: a whole list of 1,024 names
            // is six of them.
            connect_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
            max_message_bytes: 8 * 1024 * 1024,
            outgoing: 32,
        }
    }
}

/// Opens connections to one base address.
#[derive(Debug, Clone)]
pub struct BinanceSockets {
    settings: SocketSettings,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl BinanceSockets {
    /// Call `adapters::net::install` before the first `wss://` connection.
    pub const fn new(settings: SocketSettings) -> Self {
        Self { settings }
    }
}

impl StreamConnector for BinanceSockets {
    fn connect(&self, path_and_query: &str) -> LocalBoxFuture<'static, Result<StreamSocket, ConnectError>> {
        let settings = self.settings.clone();
        let url = format!("{}{path_and_query}", settings.base_url);
        Box::pin(async move {
            let result = open(&url, &settings).await;
            let outcome = if result.is_ok() { "ok" } else { "failed" };
            metrics::counter!("impulso_stream_connects_total", "outcome" => outcome).increment(1);
            result.map(|socket| start(socket, &settings))
        })
    }
}

async fn open(url: &str, settings: &SocketSettings) -> Result<Socket, ConnectError> {
    let address = |reason: Text| ConnectError::Address { url: settings.base_url.clone(), reason };
    if !(url.starts_with("ws://") || url.starts_with("wss://")) {
        return Err(address(text!(address_no_websocket)));
    }
    let request = url.into_client_request().map_err(|e| address(Text::verbatim(e.to_string())))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(settings.max_message_bytes))
        .max_frame_size(Some(settings.max_message_bytes))
        // Far above all control messages together: a peer that takes nothing must not fill the memory with pongs.
        .max_write_buffer_size(1024 * 1024);
    let (tls, uri) = (url.starts_with("wss://"), request.uri().clone());
    let host = uri.host().ok_or_else(|| address(text!(address_no_host)))?;
    let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
    let connecting = async {
        let socket = dial(host, port, tls).await.map_err(tungstenite::Error::Io)?;
        let trust = Connector::Rustls(Arc::clone(&network().tls));
        client_async_tls_with_config(request, socket, Some(config), Some(trust)).await
    };
    match tokio::time::timeout(settings.connect_timeout, connecting).await {
        Err(_) => Err(ConnectError::Timeout {
            after_ms: u64::try_from(settings.connect_timeout.as_millis()).unwrap_or(u64::MAX),
        }),
        Ok(Err(tungstenite::Error::Http(answer))) => Err(ConnectError::Refused {
            status: answer.status().as_u16(),
            retry_after_ms: answer
                .headers()
                .get("retry-after")
                .and_then(|v| v.to_str().ok()?.trim().parse::<i64>().ok())
                .map(|s| s.saturating_mul(1_000)),
        }),
        Ok(Err(tungstenite::Error::Url(e))) => Err(address(Text::verbatim(e.to_string()))),
        Ok(Err(e)) => {
            let os_error = if let tungstenite::Error::Io(e) = &e { e.raw_os_error() } else { None };
            Err(ConnectError::Transport(no_connection(os_error, &e).of(&settings.base_url)))
        }
        Ok(Ok((socket, _))) => Ok(socket),
    }
}

/// What the stream of frames carries from one frame to the next.
struct Driver {
    socket: Socket,
    outgoing: mpsc::Receiver<Outgoing>,
    /// False once every sender is gone.
    sending: bool,
    write_timeout: Duration,
    over: bool,
}

/// Reading and writing happen in one place, whenever the frames are polled: no task is left behind when
/// the stream is dropped, and tungstenite's own pongs go out with the next poll.
fn start(socket: Socket, settings: &SocketSettings) -> StreamSocket {
    let (sender, outgoing) = mpsc::channel(settings.outgoing.max(1));
    let driver =
        Driver { socket, outgoing, sending: true, write_timeout: settings.write_timeout, over: false };
    let frames = stream::unfold(driver, |mut driver| async move {
        if driver.over {
            return None;
        }
        let item = driver.next().await;
        driver.over = matches!(item, Ok(Frame::Close(_)) | Err(_));
        Some((item, driver))
    });
    StreamSocket { frames: Box::pin(frames), sender }
}

impl Driver {
    async fn next(&mut self) -> Result<Frame, SocketError> {
        loop {
            tokio::select! {
                // What is to be sent first: a market that never pauses would leave a subscription or a close waiting
                // for good.
                biased;
                wanted = self.outgoing.recv(), if self.sending => match wanted {
                    Some(message) => self.write(message).await?,
                    None => self.sending = false,
                },
                received = self.socket.next() => match received {
                    None => return Ok(Frame::Close(text!(ended_without_close))),
                    Some(Err(e)) => return Err(socket_error(e)),
                    Some(Ok(message)) => if let Some(frame) = frame_of(message) {
                        if matches!(frame, Frame::Ping(_)) {
                            // The pong must not wait until the next frame arrives.
                            self.timed(Self::flush).await?;
                        }
                        return Ok(frame);
                    },
                },
            }
        }
    }

    async fn flush(socket: &mut Socket) -> Result<(), tungstenite::Error> {
        socket.flush().await
    }

    async fn timed<F>(&mut self, action: F) -> Result<(), SocketError>
    where
        F: AsyncFnOnce(&mut Socket) -> Result<(), tungstenite::Error>,
    {
        match tokio::time::timeout(self.write_timeout, action(&mut self.socket)).await {
            Ok(result) => result.map_err(socket_error),
            Err(_) => Err(SocketError::Broken(text!(takes_no_data))),
        }
    }

    async fn write(&mut self, message: Outgoing) -> Result<(), SocketError> {
        self.timed(async move |socket: &mut Socket| match message {
            Outgoing::Text(text) => socket.send(Message::text(text)).await,
            Outgoing::Close => socket.close(None).await,
        })
        .await
    }
}

fn frame_of(message: Message) -> Option<Frame> {
    match message {
        Message::Text(text) => Some(Frame::Text(text.into())),
        Message::Binary(bytes) => Some(Frame::Text(bytes)),
        Message::Ping(payload) => Some(Frame::Ping(payload)),
        Message::Pong(payload) => Some(Frame::Pong(payload)),
        Message::Close(None) => Some(Frame::Close(text!(closed_without_reason))),
        Message::Close(Some(frame)) => {
            let (code, reason) = (u16::from(frame.code), frame.reason.to_string());
            Some(Frame::Close(text!(closed_with_code, code = code, reason = reason)))
        }
        Message::Frame(_) => None,
    }
}

fn socket_error(error: tungstenite::Error) -> SocketError {
    match error {
        // A cut is no fault of the protocol, whatever tungstenite calls it.
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            SocketError::Broken(text!(ended_without_close))
        }
        tungstenite::Error::Capacity(_) | tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_) => {
            SocketError::Protocol(error.to_string())
        }
        other => SocketError::Broken(Text::verbatim(other.to_string())),
    }
}
