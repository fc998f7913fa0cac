//! JSON: a datagram is one array of messages, `[[id, [parameter, ...]], ...]`.
//!
//! Whatever msgpack can say comes back the same. What JSON has no words for is a text that begins with one `$`, or an
//! array that begins with such a text, and a text of the application's that begins with `$` has another put before it;
//! so nothing that a user writes is taken for anything else.
//!
//! | value | in JSON |
//! |---|---|
//! | nil, booleans, texts, arrays | `null`, `true`, `"text"`, `[1, 2]` |
//! | a text that begins with `$` | `"$$5"` for `$5` |
//! | bytes | `"$base64:EjRWeA=="`: the standard alphabet, padded |
//! | integers from -(2^53 - 1) to 2^53 - 1 | `7` |
//! | other integers, which JavaScript would round | `"$int:18446744073709551615"` |
//! | floats | `1.5`, `2.0`, `1e300`, in the fewest digits that give the same 64 bits |
//! | NaN (of whichever bits), the infinities | `"$nan"`, `"$inf"`, `"$-inf"` |
//! | a map whose keys are all texts | `{"key": 1}`, in its order |
//! | any other map | `["$map", [key, value], ...]` |
//!
//! Integers are read in either form. A number without fraction or exponent is an integer, and whoever expects a float
//! takes it, because JavaScript writes `2.0` so.

mod read;
mod write;

use super::{Decoder, Encoder, EncodingError, Envelope, RawMessage, ScanLimits};

/// Messages as JSON, for peers that read text: `endpoint.encoder(Json)`.
///
/// A datagram is one array of messages, `[[id, [parameter, ...]], ...]`. Bytes are a text, `"$base64:..."`, and so is
/// what else JSON cannot say; the guide has the table. The JSON of Python MagicNet has no bytes, hence no handshake:
/// both ends are of this crate, or speak its JSON.
///
/// JSON takes more room than msgpack, up to four times as much for small numbers, and the bounds of contracts are
/// checked for msgpack alone. A single message whose JSON is larger than a frame cannot be sent: its recipients are
/// disconnected, with a reason. Choose the bounds of what strangers may write with that in mind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

/// Integers up to here are exact in JavaScript.
const MAX_SAFE: i128 = (1 << 53) - 1;

const BYTES: &str = "$base64:";
const INTEGER: &str = "$int:";
const NAN: &str = "$nan";
const INFINITY: &str = "$inf";
const NEGATIVE_INFINITY: &str = "$-inf";
const MAP: &str = "$map";

impl Encoder for Json {
    fn is_text(&self) -> bool {
        true
    }

    fn envelope(&self) -> Envelope {
        Envelope { open: b"[", between: b",", close: b"]" }
    }

    fn encode(&self, message: &RawMessage<'_>, datagram: &mut Vec<u8>) -> Result<(), EncodingError> {
        write::value(message.bytes, datagram)
    }
}

impl Decoder for Json {
    fn decode(
        &self,
        datagram: &[u8],
        limits: ScanLimits,
        messages: &mut Vec<u8>,
    ) -> Result<(), EncodingError> {
        read::datagram(datagram, limits, messages)
    }
}

#[cfg(test)]
mod tests;
