//! TLS: one crypto provider for the whole process.

/// Makes ring the default provider of rustls. Calling it again changes nothing.
pub fn install() {
    // An error only says that a provider is already there.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
