//! TLS: whom a client trusts, and what it computes with.

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
mod small;

use crate::ConnectError;
use rustls::{
    ClientConfig, ConfigBuilder, Error, RootCertStore, WantsVerifier,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName},
};
use std::{io, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// The handshake with a host, whose name or address the server has to prove.
pub(crate) async fn connect(
    config: Arc<ClientConfig>,
    host: &str,
    stream: TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    // An address of IPv6 stands in brackets in a URL.
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(name.to_owned())
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    TlsConnector::from(config).connect(name, stream).await
}

/// Trusts whom Apple's and Microsoft's systems do: they are asked about every certificate.
#[cfg(all(feature = "rustls-native-roots", any(windows, target_vendor = "apple")))]
pub(crate) fn default_config() -> Result<Arc<ClientConfig>, ConnectError> {
    let provider = provider()?;
    let verifier = rustls_platform_verifier::Verifier::new(provider.clone())
        .map_err(|error| refused(&error))?;
    let config = builder(provider)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Trusts the authorities that the crate's features choose.
#[cfg(not(all(feature = "rustls-native-roots", any(windows, target_vendor = "apple"))))]
pub(crate) fn default_config() -> Result<Arc<ClientConfig>, ConnectError> {
    #[allow(unused_mut, reason = "which roots there are depends on features")]
    let mut roots = RootCertStore::empty();
    #[cfg(feature = "rustls-webpki-roots")]
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    #[cfg(all(feature = "rustls-native-roots", not(target_os = "android")))]
    {
        let native = rustls_native_certs::load_native_certs();
        for error in native.errors {
            tracing::warn!(%error, "a certificate of the system cannot be read");
        }
        roots.add_parsable_certificates(native.certs);
    }
    trusting(roots)
}

/// Trusts these authorities, each a certificate in DER, and nobody else. Those that cannot be read
/// are passed over, as the stores of systems hold some of ages past; there has to be one that can.
pub(crate) fn config_for(authorities: Vec<Vec<u8>>) -> Result<Arc<ClientConfig>, ConnectError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities.into_iter().map(CertificateDer::from));
    trusting(roots)
}

fn trusting(roots: RootCertStore) -> Result<Arc<ClientConfig>, ConnectError> {
    if roots.is_empty() {
        return Err(ConnectError::Tls(
            "there is no certificate authority to trust".to_owned(),
        ));
    }
    let config = builder(provider()?)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn builder(
    provider: Arc<CryptoProvider>,
) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, ConnectError> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(&error))
}

fn refused(error: &Error) -> ConnectError {
    ConnectError::Tls(error.to_string())
}

/// The provider is named here, so no application has to install one for the process.
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
    Ok(Arc::new(small::provider()))
}

#[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
fn provider() -> Result<Arc<CryptoProvider>, ConnectError> {
    CryptoProvider::get_default().cloned().ok_or_else(|| {
        ConnectError::Tls("the process has no provider, and the crate was built without".to_owned())
    })
}
