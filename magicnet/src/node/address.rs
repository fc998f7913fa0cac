//! Addresses of endpoints: how bytes are carried, and where from or to.

use std::fmt;
use std::str::FromStr;

/// How bytes are carried over a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Tcp,
    Unix,
    Tls,
    Udp,
    Ws,
    Wss,
}

/// A scheme and a place: `tcp://localhost:5001`, `unix:///run/game.sock`, `wss://localhost:443/play#sha256=…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) scheme: Scheme,
    /// `host:port`, with a path for WebSockets and a fingerprint where there are certificates; or the path of a Unix
    /// socket.
    pub(crate) place: String,
}

/// Why a text is no address of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Nothing is carried by a scheme of this name.
    #[error("`{0}://` is not known here: there are {known}", known = known())]
    UnknownScheme(String),
    /// The library was built without what carries it.
    #[error("`{scheme}://` needs {features}")]
    Feature {
        /// The scheme.
        scheme: String,
        /// What it takes.
        features: &'static str,
    },
    /// The system has no such sockets.
    #[error("`{0}://` is not there on this system")]
    System(String),
    /// No place is named.
    #[error("`{0}` says no place: write `host:port`, or a path behind `unix://`")]
    NoPlace(String),
    /// Nothing stands before the port.
    #[error(
        "`{0}` names no host: write `127.0.0.1:5001`, or `0.0.0.0:5001` to listen to other machines as well"
    )]
    NoHost(String),
    /// What stands behind the last colon is no port.
    #[error("`{0}` names no port from 0 to 65535: write `host:port`")]
    NoPort(String),
    /// Only web servers have several things at one port.
    #[error("`{0}` goes on behind its port, where only `ws://` and `wss://` have a path")]
    Path(String),
    /// A scheme that ends in a colon alone.
    #[error("`{text}` has no `//` behind its scheme: write `{scheme}://{rest}`")]
    NoSlashes {
        /// What was written.
        text: String,
        /// The scheme that seems to be meant.
        scheme: &'static str,
        /// What stands behind it.
        rest: String,
    },
    /// What stands behind `#` is no fingerprint.
    #[error("`{0}` ends in no fingerprint: write `#sha256=` and 64 hexadecimal digits")]
    NoFingerprint(String),
}

impl Address {
    pub(super) fn new(scheme: Scheme, place: impl Into<String>) -> Self {
        Self { scheme, place: place.into() }
    }

    /// `host:port`.
    pub(crate) fn authority(&self) -> &str {
        let end = self.place.find(['/', '#', '?']).unwrap_or(self.place.len());
        &self.place[..end]
    }

    /// The host alone, an address of version 6 without its brackets.
    #[cfg(feature = "tls")]
    pub(crate) fn host(&self) -> &str {
        let authority = self.authority();
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// What is asked for on a web server.
    #[cfg(feature = "websocket")]
    pub(crate) fn path(&self) -> &str {
        let rest = &self.place[self.authority().len()..];
        let path = rest.split_once('#').map_or(rest, |(path, _)| path);
        if path.is_empty() { "/" } else { path }
    }

    /// Whether those who connect can be told who answers.
    pub(crate) fn is_secure(&self) -> bool {
        matches!(self.scheme, Scheme::Tls | Scheme::Udp | Scheme::Wss)
    }

    /// Whether it says which certificate is to be believed.
    pub(crate) fn names_fingerprint(&self) -> bool {
        self.is_secure() && self.place.contains('#')
    }

    /// Whether web pages may connect.
    pub(crate) fn is_web(&self) -> bool {
        matches!(self.scheme, Scheme::Ws | Scheme::Wss)
    }

    fn check(&self, text: &str) -> Result<(), AddressError> {
        if self.place.is_empty() {
            return Err(AddressError::NoPlace(text.to_owned()));
        }
        if self.scheme == Scheme::Unix {
            return Ok(());
        }
        let (host, port) = self.authority().rsplit_once(':').unwrap_or((&self.place, ""));
        if port.parse::<u16>().is_err() {
            return Err(AddressError::NoPort(text.to_owned()));
        }
        if host.is_empty() {
            return Err(AddressError::NoHost(text.to_owned()));
        }
        let behind = &self.place[self.authority().len()..];
        if !self.is_web() && !behind.is_empty() && !behind.starts_with('#') {
            return Err(AddressError::Path(text.to_owned()));
        }
        if self.place.split_once('#').is_some_and(|(_, named)| !self.is_secure() || !is_fingerprint(named)) {
            return Err(AddressError::NoFingerprint(text.to_owned()));
        }
        Ok(())
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads `scheme://place`; what has no scheme is one of TCP.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (name, place) = text.split_once("://").unwrap_or(("tcp", text));
        let address = Self::new(Scheme::from_name(name)?, place);
        without_slashes(text).map_or(Ok(()), Err)?;
        address.check(text)?;
        Ok(address)
    }
}

impl fmt::Display for Address {
    /// Those of TCP are written as they are usually given, without a scheme.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scheme != Scheme::Tcp {
            write!(f, "{}://", self.scheme.name())?;
        }
        f.write_str(&self.place)
    }
}

impl Scheme {
    pub(crate) fn name(self) -> &'static str {
        SCHEMES.iter().find(|known| known.scheme == self).expect("every scheme is listed").name
    }

    fn from_name(name: &str) -> Result<Self, AddressError> {
        let unknown = || AddressError::UnknownScheme(name.to_owned());
        let known = SCHEMES.iter().find(|known| known.name == name).ok_or_else(unknown)?;
        match known.takes {
            Takes::Nothing => Ok(known.scheme),
            Takes::Features(features) => Err(AddressError::Feature { scheme: name.to_owned(), features }),
            Takes::System => Err(AddressError::System(name.to_owned())),
        }
    }
}

/// A scheme by its name, and what it takes that is not there.
struct Known {
    name: &'static str,
    scheme: Scheme,
    takes: Takes,
}

enum Takes {
    Nothing,
    Features(&'static str),
    System,
}

const SCHEMES: [Known; 6] = [
    Known { name: "tcp", scheme: Scheme::Tcp, takes: Takes::Nothing },
    Known {
        name: "unix",
        scheme: Scheme::Unix,
        takes: if cfg!(unix) { Takes::Nothing } else { Takes::System },
    },
    Known {
        name: "tls",
        scheme: Scheme::Tls,
        takes: takes(cfg!(feature = "tls"), "the cargo feature `tls`"),
    },
    Known {
        name: "udp",
        scheme: Scheme::Udp,
        takes: takes(cfg!(feature = "udp"), "the cargo feature `udp`"),
    },
    Known {
        name: "ws",
        scheme: Scheme::Ws,
        takes: takes(cfg!(feature = "websocket"), "the cargo feature `websocket`"),
    },
    Known {
        name: "wss",
        scheme: Scheme::Wss,
        takes: takes(
            cfg!(all(feature = "tls", feature = "websocket")),
            "the cargo features `tls` and `websocket`",
        ),
    },
];

const fn takes(is_there: bool, features: &'static str) -> Takes {
    if is_there { Takes::Nothing } else { Takes::Features(features) }
}

/// What to say of `unix:/run/game.sock`, whose scheme looks like a host. In `udp:5001` it may be one.
fn without_slashes(text: &str) -> Option<AddressError> {
    let (name, rest) = text.split_once(':')?;
    let is_meant = rest.contains([':', '/']) && !rest.starts_with("//");
    let scheme = SCHEMES.iter().find(|known| known.name == name && is_meant)?.name;
    Some(AddressError::NoSlashes { text: text.to_owned(), scheme, rest: rest.to_owned() })
}

fn known() -> String {
    let names: Vec<String> = SCHEMES.iter().map(|known| format!("`{}://`", known.name)).collect();
    names.join(", ")
}

fn is_fingerprint(text: &str) -> bool {
    #[cfg(feature = "tls")]
    return text.parse::<super::Fingerprint>().is_ok();
    #[cfg(not(feature = "tls"))]
    return text.is_empty();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        text.parse::<Address>().map(|address| address.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_are_written_as_they_are_read() {
        for text in ["127.0.0.1:5001", "localhost:0", "[::1]:80"] {
            assert_eq!(read(text).as_deref(), Ok(text));
            assert_eq!(read(&format!("tcp://{text}")).as_deref(), Ok(text));
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_rest_of_a_unix_address_is_a_path() {
        for text in ["unix:///run/a.sock", "unix://a.sock", "unix:///tmp/#1"] {
            assert_eq!(read(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_no_address_is_told_what_is_missing() {
        assert!(
            read("http://a:1").unwrap_err().starts_with("`http://` is not known here: there are `tcp://`, ")
        );
        assert!(read("tcp://").unwrap_err().contains("says no place"));
        for text in ["localhost", "localhost:", "localhost:65536", "tcp://localhost:x"] {
            assert!(read(text).unwrap_err().contains("names no port from 0 to 65535"), "{text}");
        }
        assert!(read(":5001").unwrap_err().starts_with("`:5001` names no host: write `127.0.0.1:5001`"));
        assert!(read("a:1/path").unwrap_err().starts_with("`a:1/path` goes on behind its port"));
        assert!(read("localhost:1#sha256=12").unwrap_err().contains("ends in no fingerprint"));
    }

    #[test]
    fn a_scheme_needs_its_slashes() {
        let told = |text| read(text).unwrap_err();
        assert_eq!(
            told("unix:/run/a.sock"),
            "`unix:/run/a.sock` has no `//` behind its scheme: write `unix:///run/a.sock`"
        );
        assert_eq!(
            told("udp:localhost:1"),
            "`udp:localhost:1` has no `//` behind its scheme: write `udp://localhost:1`"
        );
        // A host may be called so.
        assert_eq!(read("tcp:5001").as_deref(), Ok("tcp:5001"));
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn a_scheme_that_was_left_out_names_its_feature() {
        assert_eq!(read("tls://a:1").unwrap_err(), "`tls://` needs the cargo feature `tls`");
    }

    #[cfg(all(feature = "tls", feature = "websocket"))]
    #[test]
    fn an_address_of_the_web_has_parts() {
        let pin = format!("sha256={}", "0a".repeat(32));
        let address: Address = format!("wss://[::1]:443/play?as=ann#{pin}").parse().unwrap();
        assert_eq!(address.authority(), "[::1]:443");
        assert_eq!((address.host(), address.path()), ("::1", "/play?as=ann"));
        let address: Address = "ws://localhost:80".parse().unwrap();
        assert_eq!((address.host(), address.path()), ("localhost", "/"));
        assert!(read(&format!("tls://a:1#{pin}")).is_ok());
        assert!(read(&format!("tls://a:1#{pin}0")).is_err());
        assert!(read(&format!("ws://a:1#{pin}")).is_err(), "nobody there has a certificate");
    }
}
