//! What is special to TLS: who a server is, and whom a client believes.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::channel;

use magicnet::{
    BuildError, Connect, Connected, Disconnected, Identity, Listen, Node, Running, StartError, Tcp, Tls,
    Trust, Wss,
};
use magicnet_tests::PATIENCE;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::background::Thread;

fn serve(thread: &Thread, identity: Identity) -> Running {
    thread.run(Node::server().listen(Tls::bind("127.0.0.1:0").identity(identity)).start()).unwrap()
}

/// Whether a client that connects so is served, or why not.
fn join(thread: &Thread, connect: Connect) -> Result<(), String> {
    let (tell, outcome) = channel();
    let lost = tell.clone();
    let client = Node::client()
        // The test may know enough already.
        .on(move |_, _: Connected| drop(tell.send(Ok(()))))
        .on(move |_, event: Disconnected| drop(lost.send(Err(event.ending.to_string()))))
        .connect(connect);
    let client = thread.run(client.start()).map_err(|error| {
        let StartError::Connect { source, .. } = error else { panic!("{error}") };
        source.to_string()
    })?;
    let outcome = outcome.recv_timeout(PATIENCE).expect("the server answers");
    thread.run(client.shutdown());
    outcome
}

/// A certificate for `localhost` that has signed itself, and its key, in files.
fn files(name: &str) -> [PathBuf; 2] {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let path = |end| std::env::temp_dir().join(format!("magicnet-{}-{name}.{end}", std::process::id()));
    let [certificate, key] = ["pem", "key"].map(path);
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    [certificate, key]
}

#[test]
fn a_generated_certificate_is_known_by_its_fingerprint() {
    let thread = Thread::start();
    let [server, other] = [(); 2].map(|()| serve(&thread, Identity::generated()));
    let [address, other_address] = [&server, &other].map(|server| server.local_endpoints()[0].to_string());
    assert!(address.starts_with("tls://127.0.0.1:") && address.contains("#sha256="), "{address}");
    join(&thread, address.parse().unwrap()).expect("the address says who it is");

    let (place, _) = address.split_once('#').unwrap();
    let (_, fingerprint) = other_address.split_once('#').unwrap();
    let error = join(&thread, format!("{place}#{fingerprint}").parse().unwrap()).unwrap_err();
    let (_, shown) = address.split_once('#').unwrap();
    assert!(error.contains(&format!("the server's certificate is {shown}, not {fingerprint}")), "{error}");
    let error = join(&thread, place.parse().unwrap()).unwrap_err();
    assert!(error.contains("nobody to believe in"), "{error}");
    let trust = Trust::fingerprint(fingerprint.parse().unwrap());
    let by_hand = Tls::connect(other.local_addr().unwrap().to_string()).trust(trust);
    join(&thread, by_hand).expect("a fingerprint may be given by hand");
    for server in [server, other] {
        thread.run(server.shutdown());
    }
}

#[test]
fn certificates_may_be_files() {
    let thread = Thread::start();
    let [certificate, key] = files("good");
    let [stranger, stranger_key] = files("stranger");
    let server = serve(&thread, Identity::files(&certificate, &key));
    let port = server.local_addr().unwrap().port();
    assert!(!server.local_endpoints()[0].to_string().contains('#'), "its authority vouches for it");
    let connect = |host: &str, roots: &PathBuf| {
        let connect = Tls::connect(format!("{host}:{port}")).trust(Trust::roots(roots));
        join(&thread, connect)
    };
    connect("localhost", &certificate).expect("it is believed");
    assert!(connect("127.0.0.1", &certificate).unwrap_err().contains("not valid for name"));
    let refused = connect("localhost", &stranger).unwrap_err();
    assert!(refused.contains("invalid peer certificate"), "{refused}");
    thread.run(server.shutdown());

    let refused = |certificate: &PathBuf, key: &PathBuf| {
        let listen = Tls::bind("127.0.0.1:0").identity(Identity::files(certificate, key));
        let error = thread.run(Node::server().listen(listen).start()).unwrap_err();
        let StartError::Listen { source, .. } = error else { panic!("{error}") };
        source.to_string()
    };
    let in_file = |file: &PathBuf, what| format!("{}: there is no {what} in it", file.display());
    assert_eq!(refused(&key, &key), in_file(&key, "certificate in PEM form"));
    let no_key = in_file(&certificate, "private key in PEM form that is not encrypted");
    assert_eq!(refused(&certificate, &certificate), no_key);
    let of_another = refused(&certificate, &stranger_key);
    let both = format!("{} with {}: ", certificate.display(), stranger_key.display());
    assert!(of_another.starts_with(&both), "{of_another}");
    for file in [certificate, key, stranger, stranger_key] {
        fs::remove_file(file).unwrap();
    }
}

/// TLS may end its handshake with a word of the client's, after which the server waits for a request.
#[test]
fn a_page_is_asked_for_when_the_server_has_nothing_to_add() {
    let thread = Thread::start();
    let [certificate, key] = files("quiet");
    let chain = vec![CertificateDer::from_pem_file(&certificate).unwrap()];
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(&key).unwrap())
        .unwrap();
    config.send_tls13_tickets = 0;
    let listen = Wss::bind("127.0.0.1:0").identity(Identity::rustls(config));
    let server = thread.run(Node::server().listen(listen).start()).unwrap();
    let port = server.local_addr().unwrap().port();
    let connect = Wss::connect(format!("localhost:{port}")).trust(Trust::roots(&certificate));
    join(&thread, connect).expect("it is served");
    thread.run(server.shutdown());
    for file in [certificate, key] {
        fs::remove_file(file).unwrap();
    }
}

#[test]
fn what_has_no_certificate_takes_none() {
    let error = Node::server().listen(Tcp::bind("127.0.0.1:0").identity(Identity::generated())).build();
    let error = error.unwrap_err();
    assert!(matches!(error, BuildError::Endpoint { .. }));
    let expected = "127.0.0.1:0 has no certificates: use `Tls` or another that is encrypted";
    assert_eq!(error.to_string(), expected);
    let error = Node::server().listen(Tls::bind("127.0.0.1:0").origins(["*"])).build().unwrap_err();
    assert_eq!(error.to_string(), "tls://127.0.0.1:0 has no pages to let in: use `Ws` or `Wss`");
    let pinned = format!("tls://127.0.0.1:0#sha256={}", "0a".repeat(32));
    let error = Node::server().listen(pinned.parse::<Listen>().unwrap()).build().unwrap_err();
    assert!(error.to_string().starts_with(&format!("{pinned} has no say in its fingerprint: ")), "{error}");
}
