//! Bytes to values and messages, and back: the v3 wire as Python MagicNet speaks it.
//!
//! Everything here is a pure function of its input: no state, no clock, no connection. A [`Reader`] walks over
//! msgpack bytes, a [`Writer`] appends to them; [`NetworkType`] is what a value must be to travel. [`RawMessage`] is
//! one item of a datagram, [`ProtocolMessage`] its meaning when the id is one of the protocol's own.
//!
//! **Invariant:** whatever the bytes, nothing in this module panics, and what it allocates is bounded by the bytes that
//! really came times the size of the value they make; a claimed length alone costs nothing.

mod arguments;
mod encoder;
mod error;
mod extension;
mod framing;
#[cfg(feature = "json")]
mod json;
mod message;
mod reader;
mod reason;
mod scan;
mod shape;
mod types;
mod writer;

#[doc(hidden)]
pub use arguments::variant;
pub use arguments::{Arguments, ArgumentsWriter};
pub use encoder::{Decoder, Encoder, EncodingError, Envelope};
pub use error::{DecodeError, Expected, Found};
pub use extension::Extensions;
pub use framing::{FrameReader, MAX_FRAME, frame_header};
#[cfg(feature = "json")]
pub use json::Json;
pub use message::{
    CarriedCall, CarriedCalls, FIRST_CUSTOM_ID, MessageError, MessageId, ProtocolMessage, RawMessage,
    encode_call, encode_custom,
};
pub(crate) use message::{MAX_PARAMETER_NAME, MAX_PARAMETER_SENT, SetObjectField};
pub use reader::{Kind, Reader};
pub use reason::DisconnectReason;
pub use scan::{ScanError, ScanLimits, scan_message};
pub use shape::{Member, Shape, Variant};
#[doc(hidden)]
pub use types::Key;
pub use types::{
    AnyValue, Bytes, Decode, InvalidValue, List, Map, MapKey, NetworkType, OutOfRange, Ranged, Str, Text,
    TooLong, Value,
};
pub use writer::{EncodeFault, Writer};
