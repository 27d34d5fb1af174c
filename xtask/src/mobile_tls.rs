//! TLS in front of a server, as a hospital's proxy has it: the certificate is vouched for by an
//! authority that nobody else knows. The Kotlin and Swift tests start it and are told where it
//! listens; it ends when they close its standard input.

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::{fs, io::Read as _, path::PathBuf, sync::Arc, thread};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ALL_VERSIONS, ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer, version::TLS12,
    },
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The server behind it.
    #[arg(long)]
    to: String,
    /// Where the certificate of the authority is written, in DER.
    #[arg(long)]
    authority: PathBuf,
    /// Knows no newer TLS than 1.2.
    #[arg(long)]
    old: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve(args))
}

async fn serve(args: &Args) -> anyhow::Result<()> {
    let accepts = TlsAcceptor::from(Arc::new(certified(args)?));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening address={}", listener.local_addr()?);
    thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    loop {
        let (stream, _) = listener.accept().await?;
        let (accepts, to) = (accepts.clone(), args.to.clone());
        tokio::spawn(async move {
            // Whoever does not trust us hangs up, and whoever hangs up is gone.
            let mut front = accepts.accept(stream).await?;
            let mut back = TcpStream::connect(to).await?;
            copy_bidirectional(&mut front, &mut back).await
        });
    }
}

/// A certificate for `localhost`. That of the authority is written where the tests read it.
fn certified(args: &Args) -> anyhow::Result<ServerConfig> {
    let mut authority = CertificateParams::new([])?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    fs::write(&args.authority, authority.der())
        .with_context(|| args.authority.display().to_string())?;
    let key = KeyPair::generate()?;
    let certificate =
        CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
    let versions = if args.old { &[&TLS12] } else { ALL_VERSIONS };
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(config)
}
