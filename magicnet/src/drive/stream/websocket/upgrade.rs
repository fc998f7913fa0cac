//! How a WebSocket begins: a request in the words of HTTP, and its answer.

use std::io;

use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::client::{Response, generate_request};
use tungstenite::handshake::derive_accept_key;
use tungstenite::handshake::machine::TryParse;
use tungstenite::handshake::server::{Request, create_response, write_response};
use tungstenite::http::{HeaderMap, StatusCode};

/// The lines of a request or of its answer, as they come.
#[derive(Debug, Default)]
pub(super) struct Head(Vec<u8>);

impl Head {
    /// Takes the beginning of `input`, up to the empty line that ends a head. Says whether that has come.
    pub(super) fn take(&mut self, input: &mut &[u8]) -> Result<bool, Refusal> {
        let before = self.0.len();
        let (taken, _) = input.split_at(input.len().min(LARGEST_HEAD - before));
        self.0.extend_from_slice(taken);
        let from = before.saturating_sub(END.len() - 1);
        let end = self.0[from..].windows(END.len()).position(|bytes| bytes == END);
        if let Some(end) = end {
            let end = from + end + END.len();
            *input = &input[end - before..];
            self.0.truncate(end);
            return Ok(true);
        }
        *input = &input[taken.len()..];
        if self.0.len() == LARGEST_HEAD {
            return Err(Refusal::TOO_LARGE);
        }
        Ok(false)
    }
}

#[cfg(feature = "testing")]
impl Head {
    /// How many bytes are kept.
    pub(super) fn kept(&self) -> usize {
        self.0.capacity()
    }
}

/// Whom a listener lets in, by the page that they come from.
#[derive(Clone, Debug, Default)]
pub(in crate::drive) struct Origins(pub(in crate::drive) Vec<String>);

impl Origins {
    /// Programs say no origin; browsers always do.
    fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get("origin") else {
            return true;
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        let host = headers.get("host").and_then(|host| host.to_str().ok());
        let is_at_home = origin
            .split_once("://")
            .is_some_and(|(_, page)| host.is_some_and(|host| page.eq_ignore_ascii_case(host)));
        is_at_home || self.0.iter().any(|known| known == "*" || known.eq_ignore_ascii_case(origin))
    }
}

/// Why a request was not granted, and what is answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    pub(super) why: &'static str,
}

impl Refusal {
    const TOO_LARGE: Self =
        Self { status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, why: "a request without end" };
    const NO_UPGRADE: Self = Self { status: StatusCode::BAD_REQUEST, why: "no request for a WebSocket" };
    const ORIGIN: Self = Self { status: StatusCode::FORBIDDEN, why: "a page that may not connect here" };

    pub(super) fn answer(self) -> Vec<u8> {
        let Self { status, why } = self;
        let len = why.len();
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len}\r\n\r\n{why}").into_bytes()
    }
}

/// The answer to a request that is granted.
pub(super) fn answer(Head(head): &Head, origins: &Origins) -> Result<Vec<u8>, Refusal> {
    let request = Request::try_parse(head).map_err(|_no_request| Refusal::NO_UPGRADE)?;
    let (_, request) = request.ok_or(Refusal::NO_UPGRADE)?;
    if !origins.admit(request.headers()) {
        return Err(Refusal::ORIGIN);
    }
    let response = create_response(&request).map_err(|_no_upgrade| Refusal::NO_UPGRADE)?;
    let mut answer = Vec::new();
    write_response(&mut answer, &response).map_err(|_unwritten| Refusal::NO_UPGRADE)?;
    Ok(answer)
}

/// The request for a WebSocket at `url`, and what the server must accept it with.
pub(super) fn request(url: &str) -> io::Result<(Vec<u8>, String)> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let request = url.into_client_request().map_err(invalid)?;
    let (bytes, key) = generate_request(request).map_err(invalid)?;
    Ok((bytes, derive_accept_key(key.as_bytes())))
}

/// Checks the answer to a request.
pub(super) fn check_answer(Head(head): &Head, accept: &str) -> io::Result<()> {
    let refused = |what: String| Err(io::Error::new(io::ErrorKind::InvalidData, what));
    let Ok(Some((_, response))) = Response::try_parse(head) else {
        return refused("the answer is not one of HTTP".to_owned());
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return refused(format!("no WebSocket there: {}", response.status()));
    }
    // Proxies add words of their own.
    let says = |name, value: &str| {
        let lines = response.headers().get_all(name).iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).any(|word| word.trim().eq_ignore_ascii_case(value))
    };
    let is_accepted = response
        .headers()
        .get("sec-websocket-accept")
        .is_some_and(|found| found.as_bytes() == accept.as_bytes());
    if !is_accepted || !says("upgrade", "websocket") || !says("connection", "upgrade") {
        return refused("the answer accepts another request".to_owned());
    }
    Ok(())
}

const END: &[u8] = b"\r\n\r\n";

/// What browsers and proxies add to a request stays well below.
const LARGEST_HEAD: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        let mut head = Head::default();
        assert!(head.take(&mut text.as_bytes()).unwrap(), "it ends");
        head
    }

    #[test]
    fn a_head_ends_at_its_empty_line_wherever_it_is_cut() {
        let bytes = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
        for cut in 0..bytes.len() {
            let mut head = Head::default();
            let (mut first, mut second) = bytes.split_at(cut);
            let is_done = head.take(&mut first).unwrap();
            assert_eq!(is_done, cut >= bytes.len() - 4);
            if !is_done {
                assert!(first.is_empty() && head.take(&mut second).unwrap());
            }
            assert_eq!([first, second].concat(), b"rest");
        }
        let mut endless = &[b'a'; LARGEST_HEAD + 1][..];
        assert!(Head::default().take(&mut endless).is_err());
    }

    #[test]
    fn client_and_server_understand_each_other() {
        let (bytes, accept) = request("ws://localhost:5002/play?as=ann").unwrap();
        let asked = String::from_utf8(bytes).unwrap();
        assert!(asked.starts_with("GET /play?as=ann HTTP/1.1\r\nHost: localhost:5002\r\n"), "{asked}");
        let answer = answer(&head(&asked), &Origins::default()).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let by_proxy = answer.replace(": Upgrade\r\n", ": keep-alive, Upgrade\r\n");
        assert_ne!(by_proxy, answer);
        check_answer(&head(&by_proxy), &accept).unwrap();
        let answer = head(&answer);
        check_answer(&answer, &accept).unwrap();
        check_answer(&answer, "another").unwrap_err();
        check_answer(&head("HTTP/1.1 404 Not Found\r\n\r\n"), &accept).unwrap_err();
        check_answer(&head("SSH-2.0\r\n\r\n"), &accept).unwrap_err();
        assert!(request("ws://local host/").is_err());
    }

    #[test]
    fn pages_of_others_are_refused() {
        let (bytes, _) = request("ws://play.example:5002/").unwrap();
        let asked = String::from_utf8(bytes).unwrap();
        let from = |origin: &str, allowed: &[&str]| {
            let asked = asked.replace("\r\n\r\n", &format!("\r\nOrigin: {origin}\r\n\r\n"));
            let origins = Origins(allowed.iter().map(ToString::to_string).collect());
            answer(&head(&asked), &origins).map_err(|refusal| refusal.status.as_u16())
        };
        assert!(from("http://play.example:5002", &[]).is_ok());
        assert_eq!(from("http://play.example", &[]), Err(403));
        assert_eq!(from("null", &[]), Err(403));
        assert!(from("null", &["null"]).is_ok());
        assert!(from("https://game.example", &["https://game.example"]).is_ok());
        assert!(from("https://game.example", &["*"]).is_ok());
        assert_eq!(from("https://game.example.evil", &["https://game.example"]), Err(403));
    }

    #[test]
    fn what_asks_for_something_else_is_refused() {
        for text in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\n\r\n", "\u{1}\u{2}\r\n\r\n"] {
            let refusal = answer(&head(text), &Origins::default()).unwrap_err();
            let answer = String::from_utf8(refusal.answer()).unwrap();
            assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        }
    }
}
