//! Datagrams that only those who have the key can read, or write: XChaCha20-Poly1305.
//!
//! Each side chooses a salt for each connection and puts it in front of its first datagram. Salt and number of a
//! datagram are its nonce, so that none is used twice, and a datagram that is missing, repeated or out of order does
//! not decrypt. All but the greeting are bound to the salt of the other side: what was recorded on one connection is
//! worth nothing on another.
//!
//! Whoever learns the key one day can read what was recorded before. If that matters, use TLS.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use magicnet::{BytesMiddleware, ConnectionId, Disconnect, Opening, Verdict};

pub type Key = [u8; 32];

const SALT: usize = 16;
const TAG: usize = 16;

/// What one connection needs to know.
pub struct Cipher {
    key: XChaCha20Poly1305,
    /// Whether this side speaks first.
    greets: bool,
    sent: Half,
    received: Half,
}

/// One direction: what its nonces are made of.
#[derive(Default)]
struct Half {
    salt: Option<[u8; SALT]>,
    count: u64,
}

impl Half {
    fn next_nonce(&mut self, salt: [u8; SALT]) -> XNonce {
        let mut nonce = [0; SALT + 8];
        nonce[..SALT].copy_from_slice(&salt);
        nonce[SALT..].copy_from_slice(&self.count.to_be_bytes());
        self.count += 1;
        nonce.into()
    }
}

impl Cipher {
    pub fn new(key: &Key) -> Self {
        Self {
            key: XChaCha20Poly1305::new(key.into()),
            greets: false,
            sent: Half::default(),
            received: Half::default(),
        }
    }
}

/// What a datagram is bound to: the other side's salt. The greeting goes out before there is one.
fn bound_to(half: &Half, is_greeting: bool) -> Result<&[u8], Disconnect> {
    match &half.salt {
        _ if is_greeting => Ok(&[]),
        Some(salt) => Ok(salt),
        None => Err(Disconnect::new(21, "the other side has not spoken yet")),
    }
}

impl BytesMiddleware for Cipher {
    fn opened(&mut self, _: ConnectionId, opening: Opening) {
        self.greets = opening == Opening::Accepted;
    }

    fn overhead(&self) -> usize {
        SALT + TAG
    }

    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        let bound = bound_to(&self.received, self.greets && self.sent.count == 0)?;
        let is_first = self.sent.salt.is_none();
        let salt = *self.sent.salt.get_or_insert_with(|| {
            let mut salt = [0; SALT];
            getrandom::fill(&mut salt).expect("the system has randomness");
            salt
        });
        let nonce = self.sent.next_nonce(salt);
        self.key.encrypt_in_place(&nonce, bound, datagram).expect("a datagram is short");
        if is_first {
            datagram.splice(0..0, salt);
        }
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        let unreadable = || Disconnect::new(22, "that is not encrypted with our key");
        let bound = bound_to(&self.sent, !self.greets && self.received.count == 0)?;
        let salt = match self.received.salt {
            Some(salt) => salt,
            None => {
                let salt = *datagram.first_chunk().ok_or_else(unreadable)?;
                datagram.drain(..SALT);
                *self.received.salt.insert(salt)
            }
        };
        let nonce = self.received.next_nonce(salt);
        self.key.decrypt_in_place(&nonce, bound, datagram).map_err(|_| unreadable())?;
        Ok(Verdict::Pass)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Cipher, Cipher) {
        let (mut server, client) = (Cipher::new(&[7; 32]), Cipher::new(&[7; 32]));
        server.opened(ConnectionId::default(), Opening::Accepted);
        (server, client)
    }

    fn sealed(from: &mut Cipher, words: &str) -> Vec<u8> {
        let mut datagram = words.as_bytes().to_vec();
        from.send(&mut datagram).expect("it can be sent");
        datagram
    }

    fn opened(at: &mut Cipher, mut datagram: Vec<u8>) -> Option<String> {
        at.receive(&mut datagram).ok().map(|_| String::from_utf8(datagram).expect("it was text"))
    }

    #[test]
    fn what_one_side_says_the_other_reads() {
        let (mut server, mut client) = pair();
        for words in ["welcome", "", "how are you"] {
            let datagram = sealed(&mut server, words);
            assert_eq!(opened(&mut client, datagram).as_deref(), Some(words));
            let datagram = sealed(&mut client, words);
            assert_eq!(opened(&mut server, datagram).as_deref(), Some(words));
        }
    }

    #[test]
    fn what_was_changed_repeated_or_left_out_is_refused() {
        let (mut server, mut client) = pair();
        let greeting = sealed(&mut server, "welcome");
        opened(&mut client, greeting.clone()).expect("it is fresh");
        assert_eq!(opened(&mut client, greeting), None, "repeated");

        let (mut server, mut client) = pair();
        let mut greeting = sealed(&mut server, "welcome");
        greeting[SALT] ^= 1;
        assert_eq!(opened(&mut client, greeting), None, "changed");

        let (mut server, mut client) = pair();
        let greeting = sealed(&mut server, "welcome");
        opened(&mut client, greeting).expect("it is fresh");
        let [_, second] = ["one", "two"].map(|words| sealed(&mut client, words));
        assert_eq!(opened(&mut server, second), None, "the first is missing");
        assert_eq!(opened(&mut pair().0, vec![1, 2, 3]), None, "too short");
    }

    #[test]
    fn what_was_recorded_on_one_connection_is_worth_nothing_on_another() {
        let (mut server, mut client) = pair();
        let greeting = sealed(&mut server, "welcome");
        opened(&mut client, greeting).expect("it is fresh");
        let recorded = sealed(&mut client, "open the door");
        let mut other = pair().0;
        sealed(&mut other, "welcome");
        assert_eq!(opened(&mut other, recorded.clone()), None);
        assert_eq!(opened(&mut server, recorded).as_deref(), Some("open the door"));
    }
}
