//! A hub of QUIC connections, as one would write it with quinn: what one says goes to the streams of all, unread.

use std::net::Ipv4Addr;
use std::sync::Arc;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Endpoint, Incoming, SendStream, ServerConfig};
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::sync::Mutex;

use crate::load::MAGICNET_INSIDE;

pub(super) fn serve() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let endpoint = Endpoint::server(config()?, (Ipv4Addr::LOCALHOST, 0).into())?;
        super::announce(format_args!("udp://{}", endpoint.local_addr()?));
        let viewers = Viewers::default();
        while let Some(incoming) = endpoint.accept().await {
            let viewers = viewers.clone();
            tokio::spawn(async move {
                if let Err(error) = relay(incoming, &viewers).await {
                    eprintln!("quinn: {error}");
                }
            });
        }
        Ok(())
    })
}

/// The streams to those who are there. Nobody leaves before the end.
type Viewers = Arc<Mutex<Vec<SendStream>>>;

async fn relay(incoming: Incoming, viewers: &Viewers) -> anyhow::Result<()> {
    let connection = incoming.await?;
    let (mut send, mut receive) = connection.open_bi().await?;
    // A peer learns of the stream by what comes on it: an empty frame.
    send.write_all(&[0, 0]).await?;
    viewers.lock().await.push(send);
    while let Some(chunk) = receive.read_chunk(usize::MAX, true).await? {
        for viewer in viewers.lock().await.iter_mut() {
            viewer.write_chunk(chunk.bytes.clone()).await?;
        }
    }
    Ok(())
}

fn config() -> anyhow::Result<ServerConfig> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())?;
    tls.alpn_protocols = vec![MAGICNET_INSIDE.to_vec()];
    Ok(ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?)))
}
