//! Far ends of connections that a test plays itself, with other people's TLS and WebSocket.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use magicnet::LocalEndpoint;
use magicnet::memory::Pipe;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned};
use tungstenite::{Message, WebSocket};

use crate::arena::FarEnd;
use crate::doors::Kind;
use crate::quic::Peer;

pub(crate) type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// The far end of a connection without a node: what is written to it are whole frames, one at a time.
pub(crate) enum Raw {
    Memory(Pipe),
    Tcp(TcpStream),
    Udp(Box<Peer>),
    Unix(UnixStream),
    Tls(Box<TlsStream>),
    Ws(Box<WebSocket<TcpStream>>),
    Wss(Box<WebSocket<TlsStream>>),
}

impl Raw {
    pub(crate) fn connect(kind: Kind, address: &LocalEndpoint) -> Self {
        match kind {
            Kind::Memory => unreachable!("a port has no address"),
            Kind::Tcp => Self::Tcp(tcp(address)),
            Kind::Udp => Self::Udp(Box::new(Peer::connect(address.socket_addr().expect("it has one")))),
            Kind::Unix => {
                let address = address.to_string();
                let path = address.strip_prefix("unix://").expect("that is how it is written");
                Self::Unix(UnixStream::connect(path).expect("somebody listens"))
            }
            Kind::Tls => Self::Tls(Box::new(tls(address))),
            Kind::Ws => Self::Ws(Box::new(websocket(tcp(address)))),
            Kind::Wss => Self::Wss(Box::new(websocket(tls(address)))),
        }
    }
}

/// A socket to an address.
pub(crate) fn tcp(address: &LocalEndpoint) -> TcpStream {
    TcpStream::connect(address.socket_addr().expect("it has one")).expect("somebody listens")
}

/// TLS to an address, whoever answers.
pub(crate) fn tls(address: &LocalEndpoint) -> TlsStream {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("it is a name");
    let session = ClientConnection::new(Arc::new(config), name).expect("the configuration is whole");
    StreamOwned::new(session, tcp(address))
}

fn websocket<S: Read + Write>(stream: S) -> WebSocket<S> {
    let (socket, _) =
        tungstenite::client("ws://localhost/", stream).map_err(drop).expect("the server agrees");
    socket
}

impl Write for Raw {
    fn write(&mut self, frame: &[u8]) -> io::Result<usize> {
        match self {
            Self::Memory(pipe) => pipe.write(frame),
            Self::Tcp(stream) => stream.write(frame),
            Self::Udp(peer) => peer.write(frame),
            Self::Unix(stream) => stream.write(frame),
            Self::Tls(stream) => stream.write_all(frame).map(|()| frame.len()),
            Self::Ws(socket) => send(socket, frame),
            Self::Wss(socket) => send(socket, frame),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FarEnd for Raw {
    fn begin_frame(&mut self, len: u16) -> io::Result<()> {
        let [high, low] = len.to_be_bytes();
        // A message in one frame, with a mask that changes nothing.
        let web = [0x82, 0xfe, high, low, 0, 0, 0, 0];
        match self {
            Self::Ws(socket) => socket.get_mut().write_all(&web),
            Self::Wss(socket) => socket.get_mut().write_all(&web),
            _ => self.write_all(&[high, low]),
        }
    }

    fn dribble(&mut self, byte: u8) -> io::Result<()> {
        match self {
            Self::Ws(socket) => socket.get_mut().write_all(&[byte]),
            Self::Wss(socket) => socket.get_mut().write_all(&[byte]),
            _ => self.write_all(&[byte]),
        }
    }
}

/// A message has no length in front of it.
fn send<S: Read + Write>(socket: &mut WebSocket<S>, frame: &[u8]) -> io::Result<usize> {
    socket.send(Message::binary(frame[2..].to_vec())).map_err(io::Error::other)?;
    Ok(frame.len())
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raw")
    }
}

/// Believes everybody.
#[derive(Debug)]
pub(crate) struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}
