//! Why a connection ends, as the number and the text that travel in a DISCONNECT message.

use std::fmt;

/// The reason in a DISCONNECT message.
///
/// 1 to 6 are Python MagicNet's (`StandardDCReasons`), 32 and above ours; applications take any number they agree on,
/// 10 to 31 by custom. An unknown number is kept as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DisconnectReason(pub u8);

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)*) => {
        impl DisconnectReason {
            $($(#[$doc])* pub const $name: Self = Self($number);)*

            /// What the number means, in a few words; empty for an application's own.
            pub fn description(self) -> &'static str {
                match self.0 {
                    $($number => $text,)*
                    _ => "",
                }
            }
        }
    };
}

reasons! {
    /// HELLO came a second time.
    HELLO_TWICE = 1, "HELLO was sent twice";
    /// The peer speaks another version of the protocol.
    WRONG_VERSION = 2, "the protocol versions differ";
    /// The peer's network hash is not ours.
    WRONG_HASH = 3, "the network hashes differ";
    /// A message that needs a finished handshake came before HELLO.
    MESSAGE_BEFORE_HELLO = 4, "a message came before HELLO";
    /// Something that the protocol guarantees does not hold; Python sends it for a bad `rp`.
    BROKEN_INVARIANT = 5, "a guarantee of the protocol is broken";
    /// CREATE_OBJECT or GENERATE_OBJECT named a type that the receiver does not know.
    UNKNOWN_OBJECT_TYPE = 6, "unknown object type";
    /// The bytes are not what the protocol allows.
    MALFORMED = 32, "malformed data";
    /// A value is nested too deep or has too many elements.
    TOO_COMPLEX = 33, "a value is too complex";
    /// The handshake, or the rest of a frame, did not come in time.
    TIMED_OUT = 34, "timed out";
    /// The peer reads more slowly than it is written to.
    TOO_SLOW = 35, "the connection reads too slowly";
    /// The two sides were built from different contracts or messages.
    SCHEMA_MISMATCH = 36, "the schemas differ";
    /// The peer sent what only the other side may send.
    WRONG_DIRECTION = 37, "a message of the wrong direction";
    /// A limit of the receiver's was crossed.
    LIMIT = 38, "a limit was crossed";
    /// A message could not be carried over the sender's endpoint: it is too large for its encoder or its middleware,
    /// or one of these failed. The connection ends, rather than go on without the message.
    NOT_CARRIED = 40, "a message could not be carried";
    /// The application did not say that the peer may come in.
    NOT_ADMITTED = 41, "not admitted";
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.description() {
            "" => write!(f, "reason {}", self.0),
            text => write!(f, "reason {}: {text}", self.0),
        }
    }
}
