//! TLS: one crypto provider for the whole process, and whom it trusts.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::sync::Arc;

/// Makes ring the default provider of rustls. Calling it again changes nothing.
pub fn install() {
    // An error only says that a provider is already there.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn usual() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() }
}

/// The usual authorities and those of a PEM.
pub(super) fn authorities(pem: Option<&[u8]>) -> io::Result<RootCertStore> {
    let mut roots = usual();
    // Bundles of whole systems hold some that are too old to be read: those are left out, the others count.
    let readable = pem.into_iter().flat_map(CertificateDer::pem_slice_iter).filter_map(Result::ok);
    let (added, _) = roots.add_parsable_certificates(readable);
    if pem.is_some() && added == 0 {
        return Err(io::Error::other("no certificate in it"));
    }
    Ok(roots)
}

/// `None`: the usual authorities.
pub(super) fn config(roots: Option<RootCertStore>) -> Arc<ClientConfig> {
    install();
    let roots = roots.unwrap_or_else(usual);
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    // HTTP/2 gains nothing on a dozen parallel requests, and a WebSocket begins as HTTP/1.1.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}
