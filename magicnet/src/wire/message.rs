//! Messages: the items of a datagram, the twelve that version 3 itself uses, and the extension messages.

use super::extension::FIRST_EXTENSION;
use super::{Arguments, DecodeError, Reader, ScanError, ScanLimits, Writer, scan_message};

/// The number of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub u64);

/// Messages below this number belong to the protocol.
pub const FIRST_CUSTOM_ID: u64 = 64;

macro_rules! message_ids {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        impl MessageId {
            $($(#[$doc])* pub const $name: Self = Self($number);)*
        }
    };
}

message_ids! {
    /// The server's greeting.
    MOTD = 1;
    /// The client's answer to it.
    HELLO = 2;
    /// The end of a connection, with a reason.
    DISCONNECT = 3;
    /// The end of a node.
    SHUTDOWN = 4;
    /// A named value that both sides keep.
    SHARED_PARAMETER = 5;
    /// A client asks for an object.
    CREATE_OBJECT = 6;
    /// An object appears.
    GENERATE_OBJECT = 7;
    /// A client asks for an object's end.
    REQUEST_DELETE_OBJECT = 8;
    /// An object is gone.
    DESTROY_OBJECT = 9;
    /// A call, or new state.
    SET_OBJECT_FIELD = 10;
    /// An object has all its state.
    OBJECT_GENERATE_DONE = 11;
    /// A client asks for all that it may see.
    REQUEST_VISIBLE_OBJECTS = 12;
    /// Extension: everything in a zone that the client did not see before has been shown.
    ZONE_COMPLETE = 13;
    /// Extension: the answer to a client's change of `vz`.
    ZONES_SHOWN = 14;
    /// Extension: whether the other side is still there, and its answer.
    HEARTBEAT = 15;
}

impl MessageId {
    /// Whether the number belongs to applications.
    pub fn is_custom(self) -> bool {
        self.0 >= FIRST_CUSTOM_ID
    }

    /// Whether the number is one that version 3 leaves free: it may go to peers that have announced it.
    pub fn is_extension(self) -> bool {
        (FIRST_EXTENSION..FIRST_CUSTOM_ID).contains(&self.0)
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "message {}", self.0)
    }
}

/// One item of a datagram, `[id, [parameters...]]`, not looked into yet.
#[derive(Clone, Debug)]
pub struct RawMessage<'a> {
    /// Its number.
    pub id: MessageId,
    /// Its parameters.
    pub params: Arguments<'a>,
    /// All its bytes.
    pub bytes: &'a [u8],
}

impl<'a> RawMessage<'a> {
    /// Takes the message at the start of `datagram`, which moves past it; `None` at the end.
    ///
    /// An incomplete message at the end of a datagram is [`ScanError::Incomplete`]: v3 ignores it. Behind what cannot
    /// be scanned nothing can be found, so the datagram is used up then.
    #[inline]
    pub fn next(datagram: &mut &'a [u8], limits: ScanLimits) -> Option<Result<Self, MessageError>> {
        if datagram.is_empty() {
            return None;
        }
        let bytes = match scan_message(datagram, limits) {
            Ok(len) => datagram.split_off(..len).expect("the scan stays within the datagram"),
            Err(error) => {
                *datagram = &[];
                return Some(Err(MessageError::Scan(error)));
            }
        };
        Some(Self::parse(bytes).map_err(MessageError::Form))
    }

    /// Reads the envelope of one whole message.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.array_of(2)?;
        let id = MessageId(reader.unsigned().map_err(|error| error.within("id"))?);
        let params = Arguments::open(reader).map_err(|error| error.within("parameters"))?;
        Ok(Self { id, params, bytes })
    }
}

/// Why a datagram has no message where there should be one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MessageError {
    /// It is not whole, or too large.
    #[error(transparent)]
    Scan(ScanError),
    /// It is not `[id, [parameters...]]`.
    #[error("a message is not [id, [parameters]]: {0}")]
    Form(DecodeError),
}

/// A message of the protocol's own, with its parameters (PROTOCOL "Message types"; [`Extensions`](super::Extensions)).
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the members are the parameters of those tables, by their names")]
pub enum ProtocolMessage<'a> {
    Motd { text: Option<&'a str> },
    Hello { version: u16, hash: &'a [u8] },
    Disconnect { reason: u8, detail: Option<&'a str> },
    Shutdown,
    SharedParameter { name: &'a str, value: &'a [u8] },
    CreateObject { local_id: u32, type_number: u16, owner: u32, zone: u32, calls: CarriedCalls<'a> },
    GenerateObject { object: u64, type_number: u16, owner: u32, zone: u32 },
    RequestDeleteObject { object: u64 },
    DestroyObject { object: u64 },
    SetObjectField { object: u64, role: u8, field: u8, arguments: Arguments<'a> },
    ObjectGenerateDone { object: u64 },
    RequestVisibleObjects,
    ZoneComplete { zone: u32 },
    ZonesShown { change: u32, zones: &'a [u8] },
    Heartbeat { number: u32, is_answer: bool },
}

/// The most bytes that one shared parameter's value may take, whatever the limits in force.
const MAX_PARAMETER: usize = super::MAX_FRAME;
/// `s16` of the table, in characters.
pub(crate) const MAX_PARAMETER_NAME: usize = 16;
/// The most bytes that a value may have to fit into a frame, whatever its parameter's name: `[5, [name, ...]]` takes
/// 5 bytes and those of the name.
pub(crate) const MAX_PARAMETER_SENT: usize = super::MAX_FRAME - 5 - 4 * MAX_PARAMETER_NAME;
/// `bs64` of the table.
const MAX_HASH: usize = 64;

impl<'a> ProtocolMessage<'a> {
    /// The meaning of `raw`; `None` if its id is not one of the protocol's that this version knows.
    ///
    /// Texts that the table bounds by 64 are taken at any length: Python 0.0.7 sends what the application wrote.
    pub fn decode(raw: &RawMessage<'a>) -> Option<Result<Self, DecodeError>> {
        let mut params = raw.params.clone();
        let message = Self::read(raw.id, &mut params)?;
        Some(message.and_then(|message| params.finish().map(|_| message)))
    }

    fn read(id: MessageId, params: &mut Arguments<'a>) -> Option<Result<Self, DecodeError>> {
        let message = match id {
            MessageId::MOTD => params.next_optional_text("motd").map(|text| Self::Motd { text }),
            MessageId::HELLO => Self::hello(params),
            MessageId::DISCONNECT => Self::disconnect(params),
            MessageId::SHUTDOWN => Ok(Self::Shutdown),
            MessageId::SHARED_PARAMETER => Self::shared_parameter(params),
            MessageId::CREATE_OBJECT => Self::create_object(params),
            MessageId::GENERATE_OBJECT => Self::generate_object(params),
            MessageId::REQUEST_DELETE_OBJECT => {
                params.next("object").map(|object| Self::RequestDeleteObject { object })
            }
            MessageId::DESTROY_OBJECT => params.next("object").map(|object| Self::DestroyObject { object }),
            MessageId::SET_OBJECT_FIELD => Self::set_object_field(params),
            MessageId::OBJECT_GENERATE_DONE => {
                params.next("object").map(|object| Self::ObjectGenerateDone { object })
            }
            MessageId::REQUEST_VISIBLE_OBJECTS => Ok(Self::RequestVisibleObjects),
            MessageId::ZONE_COMPLETE => params.next("zone").map(|zone| Self::ZoneComplete { zone }),
            MessageId::ZONES_SHOWN => Self::zones_shown(params),
            MessageId::HEARTBEAT => Self::heartbeat(params),
            _ => return None,
        };
        Some(message)
    }

    fn hello(params: &mut Arguments<'a>) -> Result<Self, DecodeError> {
        Ok(Self::Hello {
            version: params.next("version")?,
            hash: params.next_by("hash", |reader| reader.bytes(MAX_HASH))?,
        })
    }

    fn disconnect(params: &mut Arguments<'a>) -> Result<Self, DecodeError> {
        Ok(Self::Disconnect { reason: params.next("reason")?, detail: params.next_optional_text("detail")? })
    }

    fn shared_parameter(params: &mut Arguments<'a>) -> Result<Self, DecodeError> {
        Ok(Self::SharedParameter {
            name: params.next_by("name", |reader| reader.text(MAX_PARAMETER_NAME))?,
            value: params.next_by("value", |reader| reader.raw_value(MAX_PARAMETER))?,
        })
    }

    fn create_object(params: &mut Arguments<'a>) -> Result<Self, DecodeError> {
        Ok(Self::CreateObject {
            local_id: params.next("local id")?,
            type_number: params.next("type")?,
            owner: params.next("owner")?,
            zone: params.next("zone")?,
            calls: params.next_by("calls", CarriedCalls::read)?,
        })
    }

    fn generate_object(params: &mut Arguments<'a>) -> Result<Self, DecodeError> {
        Ok(Self::GenerateObject {
            object: params.next("object")?,
            type_number: params.next("type")?,
            owner: params.next("owner")?,
            zone: params.next("zone")?,
        })
    }

    fn set_object_field(params: &mut Arguments<'a>) -> Result<Self, DecodeError> {
        let SetObjectField { object, role, field, arguments } = SetObjectField::read(params)?;
        Ok(Self::SetObjectField { object, role, field, arguments })
    }

    fn zones_shown(params: &mut Arguments<'a>) -> Result<Self, DecodeError> {
        Ok(Self::ZonesShown {
            change: params.next("change")?,
            zones: params.next_by("zones", |reader| reader.raw_value(MAX_PARAMETER))?,
        })
    }

    fn heartbeat(params: &mut Arguments<'a>) -> Result<Self, DecodeError> {
        Ok(Self::Heartbeat { number: params.next("number")?, is_answer: params.next("answer")? })
    }

    /// Appends the message to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.array(2);
        match self {
            Self::Motd { text } => {
                w.message(MessageId::MOTD, 1);
                w.optional_text(*text);
            }
            Self::Hello { version, hash } => {
                w.message(MessageId::HELLO, 2);
                w.unsigned((*version).into());
                w.bytes(hash);
            }
            Self::Disconnect { reason, detail } => {
                w.message(MessageId::DISCONNECT, 2);
                w.unsigned((*reason).into());
                w.optional_text(*detail);
            }
            Self::Shutdown => w.message(MessageId::SHUTDOWN, 0),
            Self::SharedParameter { name, value } => {
                w.message(MessageId::SHARED_PARAMETER, 2);
                w.text(name);
                w.raw(value);
            }
            Self::CreateObject { local_id, type_number, owner, zone, calls } => {
                w.message(MessageId::CREATE_OBJECT, 5);
                w.unsigned((*local_id).into());
                w.numbers(&[(*type_number).into(), (*owner).into(), (*zone).into()]);
                w.raw(calls.bytes);
            }
            Self::GenerateObject { object, type_number, owner, zone } => {
                w.message(MessageId::GENERATE_OBJECT, 4);
                w.numbers(&[*object, (*type_number).into(), (*owner).into(), (*zone).into()]);
            }
            Self::RequestDeleteObject { object } => {
                w.message(MessageId::REQUEST_DELETE_OBJECT, 1);
                w.unsigned(*object);
            }
            Self::DestroyObject { object } => {
                w.message(MessageId::DESTROY_OBJECT, 1);
                w.unsigned(*object);
            }
            Self::SetObjectField { object, role, field, arguments } => {
                w.message(MessageId::SET_OBJECT_FIELD, 4);
                w.numbers(&[*object, (*role).into(), (*field).into()]);
                w.raw(arguments.bytes());
            }
            Self::ObjectGenerateDone { object } => {
                w.message(MessageId::OBJECT_GENERATE_DONE, 1);
                w.unsigned(*object);
            }
            Self::RequestVisibleObjects => w.message(MessageId::REQUEST_VISIBLE_OBJECTS, 0),
            Self::ZoneComplete { zone } => {
                w.message(MessageId::ZONE_COMPLETE, 1);
                w.unsigned((*zone).into());
            }
            Self::ZonesShown { change, zones } => {
                w.message(MessageId::ZONES_SHOWN, 2);
                w.unsigned((*change).into());
                w.raw(zones);
            }
            Self::Heartbeat { number, is_answer } => {
                w.message(MessageId::HEARTBEAT, 2);
                w.unsigned((*number).into());
                w.bool(*is_answer);
            }
        }
    }
}

/// [`ProtocolMessage::SetObjectField`], which nearly all messages are: its receiver decodes it without the others.
#[derive(Clone, Debug)]
pub(crate) struct SetObjectField<'a> {
    pub(crate) object: u64,
    pub(crate) role: u8,
    pub(crate) field: u8,
    pub(crate) arguments: Arguments<'a>,
}

impl<'a> SetObjectField<'a> {
    /// The meaning of `raw`, whose id is that of this message.
    #[inline]
    pub(crate) fn decode(raw: &RawMessage<'a>) -> Result<Self, DecodeError> {
        if let Some(message) = Self::usual(&raw.params) {
            return Ok(message);
        }
        let mut params = raw.params.clone();
        let message = Self::read(&mut params)?;
        params.finish()?;
        Ok(message)
    }

    /// The message in the form that nearly all have: what is none, or no message at all, is left to those who know all
    /// forms and all errors. `params` are untouched.
    #[inline]
    fn usual(params: &Arguments<'a>) -> Option<Self> {
        let (4, [0xcf, a, b, c, d, e, f, g, h, role @ 0..=0x7f, field @ 0..=0x7f, rest @ ..]) =
            params.contents()
        else {
            return None;
        };
        let object = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
        let arguments = Arguments::open(Reader::new(rest)).ok()?;
        Some(Self { object, role: *role, field: *field, arguments })
    }

    fn read(params: &mut Arguments<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            object: params.next("object")?,
            role: params.next("role")?,
            field: params.next("field")?,
            // The last parameter: what follows the number is the array of arguments, to the end of the message.
            arguments: params.next_by("arguments", |reader| Arguments::open(reader.clone()))?,
        })
    }
}

/// Appends SET_OBJECT_FIELD; `arguments` writes the array of arguments.
#[inline]
pub fn encode_call(
    w: &mut Writer<'_>,
    object: u64,
    role: u8,
    field: u8,
    arguments: impl FnOnce(&mut Writer<'_>),
) {
    // `[10, [object, role, field, arguments]]`
    if object > u32::MAX.into() && role < 0x80 && field < 0x80 {
        // As nearly all are: in one piece.
        let [a, b, c, d, e, f, g, h] = object.to_be_bytes();
        w.raw(&[0x92, 10, 0x94, 0xcf, a, b, c, d, e, f, g, h, role, field]);
    } else {
        w.raw(&[0x92, 10, 0x94]);
        w.unsigned(object);
        w.unsigned(role.into());
        w.unsigned(field.into());
    }
    arguments(w);
}

/// Appends a message of an application's; `params` writes the array of its parameters.
pub fn encode_custom(w: &mut Writer<'_>, id: MessageId, params: impl FnOnce(&mut Writer<'_>)) {
    w.array(2);
    w.unsigned(id.0);
    params(w);
}

fn nested_arguments<'a>(reader: &mut Reader<'a>) -> Result<Arguments<'a>, DecodeError> {
    let bytes = reader.raw_value(usize::MAX)?;
    Arguments::open(Reader::new(bytes))
}

impl<'a> Arguments<'a> {
    fn next_optional_text(&mut self, name: &'static str) -> Result<Option<&'a str>, DecodeError> {
        self.next_by(name, |reader| if reader.nil() { Ok(None) } else { reader.text(usize::MAX).map(Some) })
    }
}

impl Writer<'_> {
    fn message(&mut self, id: MessageId, params: usize) {
        self.unsigned(id.0);
        self.array(params);
    }

    fn numbers(&mut self, values: &[u64]) {
        for value in values {
            self.unsigned(*value);
        }
    }

    fn optional_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.nil(),
        }
    }
}

/// The calls that CREATE_OBJECT carries: `[[role, field, [arguments...]], ...]`.
#[derive(Clone, Debug)]
pub struct CarriedCalls<'a> {
    bytes: &'a [u8],
    reader: Reader<'a>,
    taken: usize,
    left: usize,
}

/// One call of [`CarriedCalls`].
#[derive(Clone, Debug)]
pub struct CarriedCall<'a> {
    /// The role whose table the field is in, by its number.
    pub role: u8,
    /// The field's place in the table.
    pub field: u8,
    /// Its arguments.
    pub arguments: Arguments<'a>,
}

impl<'a> CarriedCalls<'a> {
    /// Reads the list that `reader` stands at. Its calls are checked as they are taken.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bytes = reader.raw_value(usize::MAX)?;
        let mut reader = Reader::new(bytes);
        let left = reader.array(usize::MAX)?;
        Ok(Self { bytes, reader, taken: 0, left })
    }

    /// How many calls have not been taken yet.
    pub fn len(&self) -> usize {
        self.left
    }

    /// Whether there are no more calls.
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    fn call(&mut self) -> Result<CarriedCall<'a>, DecodeError> {
        Arguments::nested(&mut self.reader, |members| {
            Ok(CarriedCall {
                role: members.next("role")?,
                field: members.next("field")?,
                arguments: members.next_by("arguments", nested_arguments)?,
            })
        })
    }
}

impl<'a> Iterator for CarriedCalls<'a> {
    type Item = Result<CarriedCall<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let call = self.call();
        if call.is_err() {
            // The reader's position is unspecified now: nothing behind it can be trusted.
            self.left = 0;
        }
        let index = self.taken;
        self.taken += 1;
        Some(call.map_err(|error| error.at(index).within("calls")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ScanLimits = ScanLimits { depth: 16, elements: 100 };

    fn all(mut datagram: &[u8]) -> Vec<Result<u64, String>> {
        std::iter::from_fn(|| RawMessage::next(&mut datagram, LIMITS))
            .map(|message| message.map(|m| m.id.0).map_err(|error| error.to_string()))
            .collect()
    }

    #[test]
    fn an_ill_formed_message_does_not_hide_those_around_it() {
        // SHUTDOWN, `[]`, `[5]`, `["a", []]`, `[4, 4]`, SHUTDOWN.
        let datagram = [0x92, 4, 0x90, 0x90, 0x91, 5, 0x92, 0xa1, b'a', 0x90, 0x92, 4, 4, 0x92, 4, 0x90];
        let wrong = |what: &str| Err(format!("a message is not [id, [parameters]]: {what}"));
        assert_eq!(
            all(&datagram),
            [
                Ok(4),
                wrong("expected an array of 2 members, found an array of 0 members"),
                wrong("expected an array of 2 members, found an array of 1 member"),
                wrong(
                    "parameter `id`: expected an integer from 0 to 18446744073709551615, found text of 1 character"
                ),
                wrong("parameter `parameters`: expected an array, found 4"),
                Ok(4),
            ]
        );
    }

    #[test]
    fn nothing_is_looked_for_behind_what_cannot_be_scanned() {
        assert_eq!(
            all(&[0x92, 4, 0x90, 0xc1, 0x92, 4, 0x90]),
            [Ok(4), Err("a value is of a type that the protocol does not use".to_owned())]
        );
    }

    #[test]
    fn a_carried_call_that_is_wrong_is_named_and_ends_the_list() {
        // [[1, 0, []], [1, 300, []], [1, 0, []]]
        let bytes = [0x93, 0x93, 1, 0, 0x90, 0x93, 1, 0xcd, 1, 44, 0x90, 0x93, 1, 0, 0x90];
        let mut calls = CarriedCalls::read(&mut Reader::new(&bytes)).unwrap();
        assert_eq!(calls.len(), 3);
        assert!(calls.next().unwrap().is_ok());
        assert_eq!(
            calls.next().unwrap().unwrap_err().to_string(),
            "parameter `calls[1].field`: expected an integer from 0 to 255, found 300"
        );
        assert!(calls.next().is_none());
    }

    #[test]
    fn extension_messages_are_as_their_table_says() {
        let complete = [0x92, 13, 0x91, 7];
        let shown = [0x92, 14, 0x92, 3, 0x92, 7, 0xcd, 1, 0];
        for bytes in [&complete[..], &shown] {
            let raw = RawMessage::parse(bytes).unwrap();
            assert!(raw.id.is_extension());
            let message = ProtocolMessage::decode(&raw).unwrap().unwrap();
            let mut again = Vec::new();
            message.encode(&mut again);
            assert_eq!(again, bytes, "{message:?}");
        }
        let more = RawMessage::parse(&[0x92, 13, 0x92, 7, 7]).unwrap();
        assert!(ProtocolMessage::decode(&more).unwrap().is_err(), "one zone, not two");
    }

    #[test]
    fn text_that_is_not_utf8_is_not_kept() {
        // SHARED_PARAMETER ["vz", ["\xff"]]: a Python peer to whom it were sent on would fall silent for everybody.
        let bytes = [0x92, 5, 0x92, 0xa2, b'v', b'z', 0x91, 0xa1, 0xff];
        let error = ProtocolMessage::decode(&RawMessage::parse(&bytes).unwrap()).unwrap().unwrap_err();
        assert_eq!(error.to_string(), "parameter `value`: expected text, found text that is not UTF-8");
    }
}
