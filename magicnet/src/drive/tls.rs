//! Certificates: from an endpoint's [`Identity`] or [`Trust`] to what `rustls` wants, for TLS and for QUIC.
//!
//! The provider of cryptography is named wherever a configuration is made, so no other crate of a program can change
//! or spoil it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring as provider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};

use crate::node::{Belief, Fingerprint, Identity, Proof, Trust};

/// How a listener answers, and the fingerprint of its certificate, if it is one that nobody else vouches for.
pub(super) fn listening(
    identity: &Identity,
    protocol: &[u8],
) -> io::Result<(Arc<ServerConfig>, Option<Fingerprint>)> {
    let (chain, key, fingerprint) = match &identity.0 {
        Proof::Generated => {
            let (certificate, key) = generate()?;
            let fingerprint = fingerprint_of(&certificate);
            (vec![certificate], key, Some(fingerprint))
        }
        Proof::Files { certificates, key } => (read_certificates(certificates)?, read_key(key)?, None),
        Proof::Config(config) => {
            let mut config = ServerConfig::clone(config);
            name_protocol(&mut config.alpn_protocols, protocol);
            return Ok((Arc::new(config), None));
        }
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| bad_pair(identity, error))?;
    name_protocol(&mut config.alpn_protocols, protocol);
    Ok((Arc::new(config), fingerprint))
}

/// How a connector asks, and whom it believes: `named` is the fingerprint in its address.
pub(super) fn connecting(
    trust: &Trust,
    named: Option<Fingerprint>,
    protocol: &[u8],
) -> io::Result<Arc<ClientConfig>> {
    let pinned = |fingerprint| Arc::new(Pinned { fingerprint, provider: provider::default_provider() });
    let verifier: Arc<dyn ServerCertVerifier> = match (&trust.0, named) {
        (Belief::Config(config), named) => {
            let mut config = ClientConfig::clone(config);
            if let Some(fingerprint) = named {
                config.dangerous().set_certificate_verifier(pinned(fingerprint));
            }
            name_protocol(&mut config.alpn_protocols, protocol);
            return Ok(Arc::new(config));
        }
        // The narrower one holds.
        (_, Some(fingerprint)) => pinned(fingerprint),
        (Belief::Fingerprint(fingerprint), None) => pinned(*fingerprint),
        (Belief::Roots(certificates), None) => {
            let mut roots = RootCertStore::empty();
            for certificate in read_certificates(certificates)? {
                roots.add(certificate).map_err(io::Error::other)?;
            }
            let provider = Arc::new(provider::default_provider());
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(io::Error::other)?
        }
        (Belief::Address, None) => return Err(io::Error::new(io::ErrorKind::InvalidInput, NOBODY)),
    };
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    name_protocol(&mut config.alpn_protocols, protocol);
    Ok(Arc::new(config))
}

/// Cuts `place#sha256=…` into the place and the fingerprint.
pub(super) fn split_fingerprint(place: &str) -> io::Result<(&str, Option<Fingerprint>)> {
    match place.split_once('#') {
        None => Ok((place, None)),
        Some((place, named)) => {
            let named = named.parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
            Ok((place, Some(named)))
        }
    }
}

fn name_protocol(known: &mut Vec<Vec<u8>>, protocol: &[u8]) {
    if known.is_empty() {
        known.push(protocol.to_vec());
    }
}

fn generate() -> io::Result<(CertificateDer<'static>, PrivateKeyDer<'static>)> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).map_err(io::Error::other)?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    Ok((made.cert.der().clone(), key.into()))
}

pub(super) fn fingerprint_of(certificate: &CertificateDer<'_>) -> Fingerprint {
    let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
    Fingerprint(digest.as_ref().try_into().expect("a SHA-256 has 32 bytes"))
}

fn read_certificates(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = read.map_err(|error| bad_file(path, error))?;
    if certificates.is_empty() {
        return Err(nothing_in(path, "certificate in PEM form"));
    }
    Ok(certificates)
}

fn read_key(path: &Path) -> io::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| match error {
        pem::Error::NoItemsFound => nothing_in(path, "private key in PEM form that is not encrypted"),
        error => bad_file(path, error),
    })
}

/// A certificate and a key that are not of one another, or are of a kind that nobody knows.
fn bad_pair(identity: &Identity, error: rustls::Error) -> io::Error {
    match &identity.0 {
        Proof::Files { certificates, key } => {
            let places = format!("{} with {}", certificates.display(), key.display());
            io::Error::new(io::ErrorKind::InvalidData, format!("{places}: {error}"))
        }
        Proof::Generated | Proof::Config(_) => io::Error::other(error),
    }
}

fn nothing_in(path: &Path, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: there is no {what} in it", path.display()))
}

fn bad_file(path: &Path, error: pem::Error) -> io::Error {
    let kind = match &error {
        pem::Error::Io(error) => error.kind(),
        _ => io::ErrorKind::InvalidData,
    };
    io::Error::new(kind, format!("{}: {error}", path.display()))
}

/// Believes in one certificate: its names and dates do not matter, that the peer has its key does.
#[derive(Debug)]
struct Pinned {
    fingerprint: Fingerprint,
    provider: CryptoProvider,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = fingerprint_of(certificate);
        if shown == self.fingerprint {
            return Ok(ServerCertVerified::assertion());
        }
        // The other kinds of error have no room for words, and this is read by whoever has copied an old address.
        Err(rustls::Error::General(format!("the server's certificate is {shown}, not {}", self.fingerprint)))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

const NOBODY: &str = "nobody to believe in: give the address the fingerprint of the server's certificate, \
     `#sha256=…`, or name authorities by `.trust(Trust::roots(..))`";
