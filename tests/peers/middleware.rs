//! The chat through two byte middleware that both sides have, in the same order: a veil over the bytes, and the sum of
//! what is veiled behind it. `python/peer.py` has the same pair.

use magicnet::{BytesMiddleware, Connect, Disconnect, Endpoint, Listen, Verdict};

use crate::chat;
use crate::python::Version;

/// XOR with a key that is repeated.
struct Veil;

const KEY: [u8; 3] = [0xa5, 0x3c, 0x77];

impl BytesMiddleware for Veil {
    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        datagram.iter_mut().zip(KEY.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        self.send(datagram)
    }
}

/// The sum of all bytes behind them.
struct Sum;

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

impl BytesMiddleware for Sum {
    fn overhead(&self) -> usize {
        1
    }

    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        datagram.push(sum(datagram));
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        match datagram.pop() {
            Some(last) if last == sum(datagram) => Ok(Verdict::Pass),
            _ => Err(Disconnect::new(14, "the sum is wrong")),
        }
    }
}

fn veiled<D>(endpoint: Endpoint<D>) -> Endpoint<D> {
    endpoint.middleware(|| Veil).middleware(|| Sum)
}

const OPTIONS: &[&str] = &["--veil", "a53c77"];

pub(crate) fn rust_server(version: Version) {
    chat::rust_server_over(version, veiled as fn(Listen) -> Listen, veiled as fn(Connect) -> Connect, OPTIONS);
}

pub(crate) fn python_server(version: Version) {
    chat::python_server_over(version, veiled as fn(Connect) -> Connect, OPTIONS);
}
