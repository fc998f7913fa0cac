//! Addresses of endpoints: how bytes are carried, and where from or to.

use std::fmt;
use std::str::FromStr;

/// How bytes are carried over a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Tcp,
    Unix,
}

/// A scheme and a place: `tcp://localhost:5001`, `unix:///run/game.sock`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) scheme: Scheme,
    /// `host:port`, or a path for Unix sockets.
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
    #[error("`{scheme}://` needs the cargo feature `{feature}`")]
    Feature {
        /// The scheme.
        scheme: String,
        /// What is missing.
        feature: &'static str,
    },
    /// The system has no such sockets.
    #[error("`{0}://` is not there on this system")]
    System(String),
    /// No place is named.
    #[error("`{0}` says no place: write `host:port`, or a path behind `unix://`")]
    NoPlace(String),
    /// What stands behind the last colon is no port.
    #[error("`{0}` ends in no port: write `host:port`")]
    NoPort(String),
}

impl Address {
    pub(super) fn new(scheme: Scheme, place: impl Into<String>) -> Self {
        Self { scheme, place: place.into() }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads `scheme://place`; what has no scheme is one of TCP.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (name, place) = text.split_once("://").unwrap_or(("tcp", text));
        let scheme = Scheme::from_name(name)?;
        if place.is_empty() {
            return Err(AddressError::NoPlace(text.to_owned()));
        }
        if scheme != Scheme::Unix && !has_port(place) {
            return Err(AddressError::NoPort(text.to_owned()));
        }
        Ok(Self::new(scheme, place))
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
    fn from_name(name: &str) -> Result<Self, AddressError> {
        let known = SCHEMES.iter().find(|known| known.0 == name);
        match known {
            None => Err(AddressError::UnknownScheme(name.to_owned())),
            Some((_, Self::Unix)) if !cfg!(unix) => Err(AddressError::System(name.to_owned())),
            Some((_, scheme)) => Ok(*scheme),
        }
    }

    fn name(self) -> &'static str {
        SCHEMES.iter().find(|known| known.1 == self).expect("every scheme is listed").0
    }
}

fn known() -> String {
    let names: Vec<String> = SCHEMES.iter().map(|(name, _)| format!("`{name}://`")).collect();
    names.join(", ")
}

fn has_port(place: &str) -> bool {
    place.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

const SCHEMES: [(&str, Scheme); 2] = [("tcp", Scheme::Tcp), ("unix", Scheme::Unix)];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        text.parse::<Address>().map(|address| address.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_are_written_as_they_are_read() {
        for text in ["127.0.0.1:5001", "localhost:0", "[::1]:80", "unix:///run/a.sock", "unix://a.sock"] {
            assert_eq!(read(text).as_deref(), Ok(text));
        }
        assert_eq!(read("tcp://localhost:1").as_deref(), Ok("localhost:1"));
    }

    #[test]
    fn what_is_no_address_is_told_what_is_missing() {
        assert_eq!(
            read("http://a:1").unwrap_err(),
            "`http://` is not known here: there are `tcp://`, `unix://`"
        );
        assert!(read("tcp://").unwrap_err().contains("says no place"));
        for text in ["localhost", ":5001", "localhost:", "localhost:65536", "tcp://localhost:x"] {
            assert!(read(text).unwrap_err().contains("ends in no port"), "{text}");
        }
    }
}
