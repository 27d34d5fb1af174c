//! HTTP that the server itself begins: questions to the operator's own backends.

use crate::error::{Error, Result};
use axum::http::{Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use std::sync::Arc;

/// The largest answer that is read.
const MAX_ANSWER: usize = 64 * 1024;

/// Calls one address, over connections that are kept.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: Uri,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Outbound {
    /// A client for an address. The certificates of the system are read where it is `https`.
    pub(crate) fn new(url: &Uri) -> Result<Self> {
        let fault = |what: String| Error::Fault(format!("calling {}: {what}", host(url)));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = HttpsConnectorBuilder::new();
        let builder = if url.scheme_str() == Some("https") {
            builder
                .with_provider_and_native_roots(provider)
                .map_err(|error| fault(format!("certificates of the system: {error}")))?
        } else {
            let tls = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|error| fault(error.to_string()))?;
            let nobody = RootCertStore::empty();
            builder.with_tls_config(tls.with_root_certificates(nobody).with_no_client_auth())
        };
        let connector = builder.https_or_http().enable_http1().build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: url.clone(),
        })
    }

    /// Posts JSON. However long it takes: whoever asks sets the limit.
    pub(crate) async fn post(&self, body: String) -> Result<Answer> {
        let fault = |what: &str| Error::Unavailable(format!("calling {}: {what}", host(&self.url)));
        let request = Request::post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))
            .map_err(|_| fault("no request can be made"))?;
        let answer = self.client.request(request).await;
        let (head, body) = answer.map_err(|_| fault("no answer"))?.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await;
        Ok(Answer {
            status: head.status,
            body: body.map_err(|_| fault("no whole answer"))?.to_bytes(),
        })
    }
}

/// What of an address may be told: its path and its user may be secrets.
fn host(url: &Uri) -> &str {
    url.host().unwrap_or_default()
}

/// An address to call, from a setting.
pub(crate) fn address(setting: &str, text: &str) -> Result<Uri> {
    let url = text
        .parse::<Uri>()
        .ok()
        .filter(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some());
    url.ok_or_else(|| Error::Fault(format!("{setting} must be an http or https URL")))
}
