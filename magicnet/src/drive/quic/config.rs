//! How QUIC is to be: the one place where its many settings are chosen.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use quinn_proto::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn_proto::{
    AckFrequencyConfig, ClientConfig, EndpointConfig, IdleTimeout, ServerConfig, TransportConfig, VarInt,
};

use crate::drive::tls;
use crate::node::{Fingerprint, Identity, Trust};

/// How a listener accepts, and the fingerprint of its certificate if nobody else vouches for it.
pub(super) fn listening(identity: &Identity) -> io::Result<(Arc<ServerConfig>, Option<Fingerprint>)> {
    let (tls, fingerprint) = tls::listening(identity, PROTOCOL)?;
    let tls = QuicServerConfig::try_from(tls).map_err(io::Error::other)?;
    let mut config = ServerConfig::with_crypto(Arc::new(tls));
    let mut transport = transport();
    // The listener speaks first, so it opens the one stream there is: its peers can open none.
    transport.max_concurrent_bidi_streams(VarInt::from_u32(0));
    window(&mut transport, RECEIVED_BY_LISTENER);
    config.transport_config(Arc::new(transport));
    Ok((Arc::new(config), fingerprint))
}

/// How a connector dials: `named` is the fingerprint in the address.
pub(super) fn connecting(trust: &Trust, named: Option<Fingerprint>) -> io::Result<ClientConfig> {
    let tls = tls::connecting(trust, named, PROTOCOL)?;
    let tls = QuicClientConfig::try_from(tls).map_err(io::Error::other)?;
    let mut config = ClientConfig::new(Arc::new(tls));
    let mut transport = transport();
    transport.max_concurrent_bidi_streams(VarInt::from_u32(1));
    transport.keep_alive_interval(Some(KEEP_ALIVE));
    window(&mut transport, RECEIVED_BY_CONNECTOR);
    config.transport_config(Arc::new(transport));
    Ok(config)
}

/// What both sides have in common, and all endpoints of a process but for their keys.
pub(super) fn endpoint() -> Arc<EndpointConfig> {
    Arc::default()
}

fn transport() -> TransportConfig {
    let mut acknowledgements = AckFrequencyConfig::default();
    acknowledgements.ack_eliciting_threshold(UNACKNOWLEDGED);
    let mut transport = TransportConfig::default();
    transport
        .ack_frequency_config(Some(acknowledgements))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .max_idle_timeout(Some(IdleTimeout::try_from(IDLE).expect("half a minute can be said")))
        .send_window(SENT)
        .datagram_receive_buffer_size(Some(DATAGRAMS))
        .datagram_send_buffer_size(DATAGRAMS);
    transport
}

fn window(transport: &mut TransportConfig, bytes: u32) {
    let bytes = VarInt::from_u32(bytes);
    transport.stream_receive_window(bytes).receive_window(bytes);
}

/// What the protocol inside is called in the handshake ([RFC 7301]): MagicNet's version 3. Peers of other protocols are
/// refused there.
///
/// [RFC 7301]: https://www.rfc-editor.org/rfc/rfc7301
pub(super) const PROTOCOL: &[u8] = b"magicnet/3";

/// After this long without a word the peer is taken for gone: longer than a phone takes to change its network.
const IDLE: Duration = Duration::from_secs(30);

/// How often who has dialed says that it is there: routers at home forget silent UDP after 30 seconds and more.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How many bytes one peer may have sent that were not read: four of the largest frames. A server reads what there is
/// as soon as it is whole, so it holds them for peers that leave gaps.
const RECEIVED_BY_LISTENER: u32 = 256 * 1024;

/// The same for who has dialed, and is shown a world when it comes.
const RECEIVED_BY_CONNECTOR: u32 = 1024 * 1024;

/// How many bytes are held for a peer until it has acknowledged them: 5 MB/s at a round trip of 100 ms.
const SENT: u64 = 512 * 1024;

/// How many packets a peer that knows how may leave without a word, for 25 ms at most: the tenth is acknowledged, as
/// browsers have it, not every other. A server that tells many much is told less by them.
const UNACKNOWLEDGED: VarInt = VarInt::from_u32(9);

/// How many bytes of unreliable datagrams wait, each way. What is older than that is not worth sending.
const DATAGRAMS: usize = 64 * 1024;
