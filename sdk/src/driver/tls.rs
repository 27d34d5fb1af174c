//! TLS with the roots that the crate's features choose.

use crate::ConnectError;
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};
use std::sync::Arc;

/// The provider is named here, so no application has to install one for the process.
pub(crate) fn default_config() -> Result<Arc<ClientConfig>, ConnectError> {
    #[allow(unused_mut, reason = "which roots there are depends on features")]
    let mut roots = RootCertStore::empty();
    #[cfg(feature = "rustls-webpki-roots")]
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    #[cfg(feature = "rustls-native-roots")]
    {
        let native = rustls_native_certs::load_native_certs();
        for error in native.errors {
            tracing::warn!(%error, "a certificate of the system cannot be read");
        }
        roots.add_parsable_certificates(native.certs);
    }
    ClientConfig::builder_with_provider(provider()?)
        .with_safe_default_protocol_versions()
        .map(|builder| Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
        .map_err(|error| ConnectError::Tls(error.to_string()))
}

#[cfg(feature = "aws-lc-rs")]
#[allow(
    clippy::unnecessary_wraps,
    reason = "without the feature there may be none"
)]
fn provider() -> Result<Arc<CryptoProvider>, ConnectError> {
    Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
#[allow(
    clippy::unnecessary_wraps,
    reason = "without the feature there may be none"
)]
fn provider() -> Result<Arc<CryptoProvider>, ConnectError> {
    Ok(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
fn provider() -> Result<Arc<CryptoProvider>, ConnectError> {
    CryptoProvider::get_default().cloned().ok_or_else(|| {
        ConnectError::Tls("the process has no provider, and the crate was built without".to_owned())
    })
}
