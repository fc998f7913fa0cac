//! Who a node is to those at the other end of an encrypted connection, and whom it believes there: plain data that
//! drivers read.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

/// How a listener proves who it is to those who connect to it by TLS or QUIC.
///
/// If nothing is said, a certificate is made when the node starts, for as long as it runs. Nobody knows it by any
/// authority, so who connects must be told its [`Fingerprint`]; the node logs it, and `running.local_endpoints()` has
/// it in the address. That is for development, tests, and games whose lobby hands out addresses.
#[derive(Clone, Default)]
pub struct Identity(pub(crate) Proof);

/// Whom a connector believes to have reached by TLS or QUIC.
///
/// If nothing is said, its address must name a fingerprint: `udp://host:port#sha256=…`.
#[derive(Clone, Default)]
pub struct Trust(pub(crate) Belief);

/// The SHA-256 of a certificate: who is told it in advance needs no authority to know whom it has reached.
///
/// It is written `sha256=` and 64 hexadecimal digits, as at the end of an address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

#[derive(Clone, Debug, Default)]
pub(crate) enum Proof {
    #[default]
    Generated,
    Files {
        certificates: PathBuf,
        key: PathBuf,
    },
    Config(Arc<rustls::ServerConfig>),
}

#[derive(Clone, Debug, Default)]
pub(crate) enum Belief {
    /// In whom the address names.
    #[default]
    Address,
    Fingerprint(Fingerprint),
    Roots(PathBuf),
    Config(Arc<rustls::ClientConfig>),
}

impl Identity {
    /// A certificate that is made when the node starts.
    pub fn generated() -> Self {
        Self(Proof::Generated)
    }

    /// A chain of certificates, the node's own first, and its private key, in PEM files. They are read when the node
    /// starts.
    pub fn files(certificates: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self(Proof::Files { certificates: certificates.into(), key: key.into() })
    }

    /// Whatever `rustls` can do: several names, client certificates, keys that are kept elsewhere. The protocol
    /// names ([ALPN]) of the endpoint are added if there are none; QUIC needs TLS 1.3.
    ///
    /// [ALPN]: rustls::ServerConfig::alpn_protocols
    pub fn rustls(config: impl Into<Arc<rustls::ServerConfig>>) -> Self {
        Self(Proof::Config(config.into()))
    }
}

impl Trust {
    /// In one certificate, whoever has signed it, whatever its names and dates.
    pub fn fingerprint(fingerprint: Fingerprint) -> Self {
        Self(Belief::Fingerprint(fingerprint))
    }

    /// In the authorities of a PEM file, for the host that the address names. It is read when the node starts.
    pub fn roots(certificates: impl Into<PathBuf>) -> Self {
        Self(Belief::Roots(certificates.into()))
    }

    /// Whatever `rustls` can do: the system's authorities, client certificates, verifiers of one's own. The protocol
    /// names ([ALPN]) of the endpoint are added if there are none; QUIC needs TLS 1.3.
    ///
    /// [ALPN]: rustls::ClientConfig::alpn_protocols
    pub fn rustls(config: impl Into<Arc<rustls::ClientConfig>>) -> Self {
        Self(Belief::Config(config.into()))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Proof::Generated => f.write_str("Identity::generated()"),
            Proof::Files { certificates, key } => {
                write!(f, "Identity::files({}, {})", certificates.display(), key.display())
            }
            // What it holds is secret.
            Proof::Config(_) => f.write_str("Identity::rustls(..)"),
        }
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Belief::Address => f.write_str("Trust::default()"),
            Belief::Fingerprint(fingerprint) => write!(f, "Trust::fingerprint({fingerprint})"),
            Belief::Roots(certificates) => write!(f, "Trust::roots({})", certificates.display()),
            Belief::Config(_) => f.write_str("Trust::rustls(..)"),
        }
    }
}

/// A text is no [`Fingerprint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no fingerprint of a certificate: write `sha256=` and 64 hexadecimal digits")]
pub struct FingerprintError;

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digits = text.strip_prefix("sha256=").ok_or(FingerprintError)?.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(FingerprintError);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = [hex(pair[0])?, hex(pair[1])?];
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

fn hex(digit: u8) -> Result<u8, FingerprintError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(FingerprintError),
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256=")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_as_they_are_written() {
        let fingerprint = Fingerprint(std::array::from_fn(|index| u8::try_from(index * 8).unwrap()));
        let text = fingerprint.to_string();
        assert_eq!(text.parse(), Ok(fingerprint));
        assert_eq!(text.to_uppercase().replace("SHA", "sha").parse(), Ok(fingerprint));
        for wrong in ["", "sha256=", &text[1..], &text[..70], &format!("{text}0"), &text.replace('8', "é")] {
            assert_eq!(wrong.parse::<Fingerprint>(), Err(FingerprintError), "{wrong}");
        }
    }
}
