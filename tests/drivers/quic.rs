//! What is special to UDP: a peer that a test plays itself, over a QUIC that is not this library's, and certificates.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use magicnet::{Connect, Fingerprint, Flush, Identity, Node, Running, StartError, Tcp, Trust, Udp};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, ConnectionError, Endpoint, RecvStream, SendStream};
use rustls::crypto::ring::default_provider;

use crate::app;
use crate::background::Thread;
use crate::diary::Diary;
use crate::raw::Anybody;
use crate::stories::HELLO;

/// The far end of a connection, with no node behind it. It believes any server.
pub(crate) struct Peer {
    thread: Thread,
    endpoint: Endpoint,
    connection: Connection,
    send: SendStream,
    receive: RecvStream,
}

impl Peer {
    /// Connects and waits for the stream, which the server opens to greet.
    pub(crate) fn connect(server: SocketAddr) -> Self {
        let thread = Thread::start();
        let (endpoint, connection, (send, receive)) = thread.run(async {
            let endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).expect("there is a socket");
            let connection = shake_hands(&endpoint, server, b"magicnet/3").await.expect("the server listens");
            let stream = connection.accept_bi().await.expect("the server greets");
            (endpoint, connection, stream)
        });
        Self { thread, endpoint, connection, send, receive }
    }
}

async fn shake_hands(
    endpoint: &Endpoint,
    server: SocketAddr,
    protocol: &[u8],
) -> Result<Connection, ConnectionError> {
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("the provider knows it")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    tls.alpn_protocols = vec![protocol.to_vec()];
    let config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).expect("it is TLS 1.3")));
    endpoint.connect_with(config, server, "localhost").expect("the address is one").await
}

impl Read for Peer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.thread.run(self.receive.read(buffer));
        Ok(read.map_err(io::Error::from)?.unwrap_or(0))
    }
}

impl Write for Peer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.thread.run(self.send.write(bytes))?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.connection.fmt(f)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.connection.close(0_u32.into(), b"");
        self.thread.run(async {
            // The server is told at once; that it has heard is not waited for.
            let _ = tokio::time::timeout(Duration::from_millis(50), self.endpoint.wait_idle()).await;
        });
    }
}

#[test]
fn a_listener_is_written_as_what_one_connects_to() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let server = app::server(&diary).listen(Tcp::bind("127.0.0.1:0")).listen(Udp::bind("127.0.0.1:0"));
    let server = thread.run(server.start()).unwrap();
    let [tcp, udp] = server.local_addrs() else { panic!("both have an address") };
    assert_ne!(tcp, udp);
    let local = server.local_endpoints()[1].to_string();
    let (place, pin) = local.split_once('#').expect("it ends in a fingerprint");
    assert_eq!(place, format!("udp://{udp}"));
    let pin: Fingerprint = pin.parse().unwrap();

    let ways: [Connect; 3] = [
        local.parse().unwrap(),
        Udp::connect(format!("{udp}#{pin}")),
        Udp::connect(format!("localhost:{}", udp.port())).trust(Trust::fingerprint(pin)),
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let name = format!("client {number}");
        let client = thread.run(app::client(&diary, &name).connect(way).start()).unwrap();
        wait(&diary, &format!("{name}: connected"));
        thread.run(client.shutdown());
    }
}

/// The second server is dialed while the first one has greeted already, and waits to be answered.
#[test]
fn several_servers_are_dialed_one_after_the_other() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let [first, second] = [(); 2].map(|()| {
        thread.run(app::server(&diary).listen(Udp::bind("127.0.0.1:0")).start()).expect("it can be opened")
    });
    let to = |server: &Running| server.local_endpoints()[0].to_string().parse::<Connect>().unwrap();
    let client = |name: &str| {
        let client = app::client(&diary, name).flush(Flush::AtOnce);
        client.connect(to(&first)).connect(to(&second))
    };
    let are_connected = |name: &str| {
        diary.wait(name, &|lines| {
            lines.iter().filter(|line| **line == format!("{name}: connected")).count() == 2
        });
    };
    let under_tokio = thread.run(client("ann").start()).expect("they listen");
    are_connected("ann");
    let in_a_thread = client("bob").start_blocking().expect("they listen");
    are_connected("bob");
    thread.run(under_tokio.shutdown());
    in_a_thread.shutdown();
}

#[test]
fn certificates_may_come_from_files() {
    let folder = std::env::temp_dir().join(format!("magicnet-certificates-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let [chain, key, other] = ["chain.pem", "key.pem", "other.pem"].map(|name| folder.join(name));
    std::fs::write(&chain, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let stranger = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&other, stranger.cert.pem()).unwrap();

    let (thread, diary) = (Thread::start(), Diary::default());
    let listen = Udp::bind("127.0.0.1:0").identity(Identity::files(&chain, &key));
    let server = thread.run(app::server(&diary).listen(listen).start()).unwrap();
    let address = server.local_addr().unwrap();
    assert_eq!(server.local_endpoints()[0].to_string(), format!("udp://{address}"), "others vouch for it");
    let by_name = || Udp::connect(format!("localhost:{}", address.port()));
    let connect = |connect| thread.run(app::client(&diary, "ann").connect(connect).start());

    let _ann = connect(by_name().trust(Trust::roots(&chain))).expect("it is who it says");
    wait(&diary, "ann: connected");
    connect(by_name().trust(Trust::roots(&other))).expect_err("another one has signed");
    let by_number = Udp::connect(address.to_string());
    connect(by_number.trust(Trust::roots(&chain))).expect_err("the certificate has another name");
    let error = connect(by_name()).expect_err("nobody is named");
    assert!(source(error).contains("nobody to believe in"));
    let error = connect(by_name().trust(Trust::roots(folder.join("gone.pem")))).expect_err("no such file");
    assert!(source(error).contains("gone.pem"));
    let error = connect(by_name().trust(Trust::roots(&key))).expect_err("no certificate there");
    assert!(source(error).contains("key.pem"));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_cannot_be_opened_is_an_error_of_the_start() {
    let thread = Thread::start();
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = thread.run(Node::server().listen(Udp::bind(address.to_string())).start()).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on udp://{address}"));
    drop(taken);

    // The machine says that nobody is there, so nobody waits for an answer.
    let pin = Fingerprint([7; 32]);
    let dial = || Udp::connect(address.to_string()).trust(Trust::fingerprint(pin));
    let StartError::Connect { source, .. } = thread.run(Node::client().connect(dial()).start()).unwrap_err()
    else {
        panic!("it is the connection that failed")
    };
    assert_eq!(source.kind(), io::ErrorKind::ConnectionRefused);

    let server = thread.run(Node::server().listen(Udp::bind(address.to_string())).start()).unwrap();
    let error = thread.run(Node::client().connect(dial()).start()).unwrap_err();
    assert!(source_of_another(error), "it is another server");
    assert_eq!(thread.run(server.handle().run(|n| n.connections().count())), Ok(0));
}

#[test]
fn peers_of_another_protocol_are_refused() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let server = thread.run(app::server(&diary).listen(Udp::bind("127.0.0.1:0")).start()).unwrap();
    let address = server.local_addr().unwrap();
    let refused = thread.run(async {
        let endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).expect("there is a socket");
        shake_hands(&endpoint, address, b"h3").await.map(drop)
    });
    assert!(matches!(refused, Err(ConnectionError::ConnectionClosed(_))), "{refused:?}");
    assert_eq!(thread.run(server.handle().run(|n| n.connections().count())), Ok(0));
}

/// Streams beyond the one that the protocol has are not there.
#[test]
fn a_peer_opens_no_streams() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let server = thread.run(app::server(&diary).listen(Udp::bind("127.0.0.1:0")).start()).unwrap();
    let mut peer = Peer::connect(server.local_addr().unwrap());
    let opened = peer.thread.run(async {
        let open =
            async { peer.connection.open_bi().await.is_ok() || peer.connection.open_uni().await.is_ok() };
        tokio::time::timeout(Duration::from_millis(200), open).await
    });
    assert!(opened.is_err(), "it waits to be allowed to, without end");
    let _ = peer.connection.send_datagram(vec![7; 100].into());
    peer.write_all(HELLO).unwrap();
    wait(&diary, "server: connected");
}

/// Beside the stream is only what an application may lose: not a word of the protocol, nothing before the handshake.
#[test]
fn what_comes_beside_the_stream_is_checked() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let server = thread.run(app::server(&diary).listen(Udp::bind("127.0.0.1:0")).start()).unwrap();
    let mut peer = Peer::connect(server.local_addr().unwrap());
    // `Say { number: n, bytes: [0] }`, unreliable, and with a number.
    let say = |start: &[u8], number| [start, &[0x92, 64, 0x92, number, 0xc4, 1, 0]].concat();
    let send = |peer: &Peer, bytes: Vec<u8>| peer.connection.send_datagram(bytes.into()).unwrap();
    send(&peer, say(&[0], 1));
    peer.write_all(HELLO).unwrap();
    wait(&diary, "server: connected");
    for nothing in [&[][..], &[0], &[1, 0, 0], &[2, 0x92, 64, 0x90], &[0, 0x92]] {
        send(&peer, nothing.to_vec());
    }
    send(&peer, say(&[1, 0, 0, 0, 9], 3));
    wait(&diary, "server: is told 3");
    send(&peer, say(&[1, 0, 0, 0, 8], 4));
    send(&peer, say(&[0], 5));
    wait(&diary, "server: is told 5");
    assert_eq!(diary.of("server"), ["connected", "is told 3", "is told 5"], "the others were early or late");
    // SHARED_PARAMETER
    send(&peer, vec![0, 0x92, 5, 0x92, 0xa1, b'x', 1]);
    diary.wait("the end", &|lines| {
        lines.iter().any(|line| line.contains("(message 5 beside the stream, where only"))
    });
}

/// The last words reach a peer that sends on and on.
#[test]
fn last_words_arrive_in_a_flood() {
    let (thread, diary) = (Thread::start(), Diary::default());
    let server = thread.run(app::server(&diary).listen(Udp::bind("127.0.0.1:0")).start()).unwrap();
    let mut peer = Peer::connect(server.local_addr().unwrap());
    // Nothing of it is a message, from the first frame on.
    let mut garbage = vec![0xc1; 2 + 60_000];
    garbage[..2].copy_from_slice(&60_000_u16.to_be_bytes());
    let Peer { thread: runtime, send, receive, .. } = &mut peer;
    let heard = runtime.run(async {
        let flood = async { while send.write_all(&garbage).await.is_ok() {} };
        let (heard, ()) = tokio::join!(receive.read_to_end(100_000), flood);
        heard.expect("the end comes, and nothing before it")
    });
    assert_eq!(crate::tcp::ids(&heard), [1, 3], "MOTD and DISCONNECT");
}

fn wait(diary: &Diary, line: &str) {
    diary.wait(line, &|lines| lines.iter().any(|known| known == line));
}

fn source(error: StartError) -> String {
    std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default()
}

fn source_of_another(error: StartError) -> bool {
    let StartError::Connect { source, .. } = error else { return false };
    source.to_string().contains("certificate")
}
