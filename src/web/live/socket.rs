//! A second handle on a client's TCP socket, to end a connection whose writes are stuck.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;

/// Ends a connection from outside its own task: that one waits for a client that reads nothing.
#[derive(Debug, Clone)]
pub(crate) struct PeerSocket(Arc<TcpStream>);

impl PeerSocket {
    /// Keeps a handle with the connection (`HttpServer::on_connect`).
    pub(crate) fn remember(connection: &dyn Any, data: &mut actix_web::dev::Extensions) {
        let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
        if let Ok(fd) = stream.as_fd().try_clone_to_owned() {
            data.insert(Self(Arc::new(TcpStream::from(fd))));
        }
    }

    /// Closes both directions now.
    pub(crate) fn end(&self) {
        if let Err(error) = self.0.shutdown(Shutdown::Both) {
            tracing::debug!(%error, "client socket was closed already");
        }
    }
}
