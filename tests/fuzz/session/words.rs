//! What a peer may say: messages of the right form, with contents that are right more often than chance has them.

use arbitrary::Arbitrary;
use magicnet::wire::{MessageId, ProtocolMessage, Writer, encode_custom};

/// One message.
#[derive(Arbitrary, Debug)]
pub(super) enum Word {
    Hello {
        is_right: bool,
        version: u16,
        hash: Vec<u8>,
    },
    Motd(Option<String>),
    Parameter {
        name: Name,
        value: Any,
    },
    Create {
        local: Local,
        kind: Kind,
        owner: Whose,
        zone: Zone,
        calls: Vec<Call>,
    },
    Generate {
        object: Which,
        kind: Kind,
        owner: Whose,
        zone: Zone,
    },
    Call {
        object: Which,
        call: Call,
    },
    Done(Which),
    Delete(Which),
    Destroy(Which),
    ShowAll,
    Say {
        id: Custom,
        text: String,
        more: Vec<Any>,
    },
    Disconnect {
        reason: u8,
        detail: Option<String>,
    },
    Shutdown,
    /// Any value where a message should be, or any message that there is not.
    Nonsense(Any),
    Unknown {
        id: u64,
        parameters: Vec<Any>,
    },
}

/// A shared parameter: those that mean something, and others.
#[derive(Arbitrary, Debug)]
pub(super) enum Name {
    Repository,
    Zones,
    Announcement,
    Other(u8),
    Text(String),
}

/// A number that objects of one repository count by.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) enum Local {
    Near(u8),
    Any(u32),
}

/// A type's number: there are three.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) enum Kind {
    Near(u8),
    Any(u16),
}

/// A repository: those of the script have numbers near 128, the server's is 1.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) enum Whose {
    Nobodys,
    Servers,
    Near(u8),
    Any(u32),
}

/// A zone: four are looked at.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) enum Zone {
    Near(u8),
    Any(u32),
}

/// An object.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) struct Which {
    pub(super) repository: Whose,
    pub(super) local: Local,
}

/// A call, or state.
#[derive(Arbitrary, Debug)]
pub(super) struct Call {
    pub(super) role: u8,
    pub(super) field: u8,
    pub(super) arguments: Vec<Any>,
}

/// A message of an application's: two are known.
#[derive(Arbitrary, Debug)]
pub(super) enum Custom {
    Say,
    Said,
    Any(u64),
}

/// A value of any type.
#[derive(Arbitrary, Debug)]
pub(super) enum Any {
    Nil,
    Bool(bool),
    Small(i8),
    Wide(i64),
    Huge(u64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
}

impl Word {
    /// Appends the message to a datagram.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Hello { is_right: true, .. } => hello().encode(out),
            Self::Hello { version, hash, .. } => {
                ProtocolMessage::Hello { version: *version, hash }.encode(out);
            }
            Self::Motd(text) => ProtocolMessage::Motd { text: text.as_deref() }.encode(out),
            Self::Parameter { name, value } => {
                let value = encoded(|w| value.encode(w));
                ProtocolMessage::SharedParameter { name: &name.text(), value: &value }.encode(out);
            }
            Self::Create { local, kind, owner, zone, calls } => {
                create(out, *local, *kind, *owner, *zone, calls)
            }
            Self::Generate { object, kind, owner, zone } => {
                let (object, owner) = (object.number(), owner.number());
                let (type_number, zone) = (kind.number(), zone.number());
                ProtocolMessage::GenerateObject { object, type_number, owner, zone }.encode(out);
            }
            Self::Call { object, call } => {
                encode_custom(&mut Writer::new(out), MessageId::SET_OBJECT_FIELD, |w| {
                    w.array(4);
                    w.unsigned(object.number());
                    call.encode(w);
                });
            }
            Self::Done(object) => ProtocolMessage::ObjectGenerateDone { object: object.number() }.encode(out),
            Self::Delete(object) => {
                ProtocolMessage::RequestDeleteObject { object: object.number() }.encode(out)
            }
            Self::Destroy(object) => ProtocolMessage::DestroyObject { object: object.number() }.encode(out),
            Self::ShowAll => ProtocolMessage::RequestVisibleObjects.encode(out),
            Self::Say { id, text, more } => encode_custom(&mut Writer::new(out), id.number(), |w| {
                w.array(1 + more.len());
                w.text(text);
                more.iter().for_each(|value| value.encode(w));
            }),
            Self::Disconnect { reason, detail } => {
                ProtocolMessage::Disconnect { reason: *reason, detail: detail.as_deref() }.encode(out);
            }
            Self::Shutdown => ProtocolMessage::Shutdown.encode(out),
            Self::Nonsense(value) => value.encode(&mut Writer::new(out)),
            Self::Unknown { id, parameters } => {
                encode_custom(&mut Writer::new(out), MessageId(*id), |w| list(w, parameters));
            }
        }
    }
}

/// The HELLO that a server takes.
pub(super) fn hello() -> ProtocolMessage<'static> {
    ProtocolMessage::Hello { version: 3, hash: &[0x12, 0x34, 0x56, 0x78] }
}

fn create(out: &mut Vec<u8>, local: Local, kind: Kind, owner: Whose, zone: Zone, calls: &[Call]) {
    encode_custom(&mut Writer::new(out), MessageId::CREATE_OBJECT, |w| {
        w.array(5);
        w.unsigned(local.number().into());
        w.unsigned(kind.number().into());
        w.unsigned(owner.number().into());
        w.unsigned(zone.number().into());
        w.array(calls.len());
        for call in calls {
            w.array(3);
            call.encode(w);
        }
    });
}

fn list(w: &mut Writer<'_>, values: &[Any]) {
    w.array(values.len());
    values.iter().for_each(|value| value.encode(w));
}

fn encoded(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Writer::new(&mut bytes));
    bytes
}

impl Name {
    fn text(&self) -> String {
        match self {
            Self::Repository => "rp".to_owned(),
            Self::Zones => "vz".to_owned(),
            Self::Announcement => "mn".to_owned(),
            Self::Other(number) => format!("x{number}"),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Local {
    fn number(self) -> u32 {
        match self {
            Self::Near(number) => u32::from(number % 8),
            Self::Any(number) => number,
        }
    }
}

impl Kind {
    fn number(self) -> u16 {
        match self {
            Self::Near(number) => u16::from(number % 4),
            Self::Any(number) => number,
        }
    }
}

impl Whose {
    fn number(self) -> u32 {
        match self {
            Self::Nobodys => 0,
            Self::Servers => 1,
            Self::Near(number) => 128 + u32::from(number % 8),
            Self::Any(number) => number,
        }
    }
}

impl Zone {
    pub(super) fn number(self) -> u32 {
        match self {
            Self::Near(number) => u32::from(number % 6),
            Self::Any(number) => number,
        }
    }
}

impl Which {
    fn number(self) -> u64 {
        u64::from(self.repository.number()) << 32 | u64::from(self.local.number())
    }
}

impl Custom {
    fn number(&self) -> MessageId {
        match self {
            Self::Say => MessageId(65),
            Self::Said => MessageId(66),
            Self::Any(id) => MessageId(*id),
        }
    }
}

impl Call {
    /// The last three members of an array that the caller has begun.
    fn encode(&self, w: &mut Writer<'_>) {
        w.unsigned((self.role % 3).into());
        w.unsigned((self.field % 6).into());
        list(w, &self.arguments);
    }
}

impl Any {
    pub(super) fn encode(&self, w: &mut Writer<'_>) {
        match self {
            Self::Nil => w.nil(),
            Self::Bool(value) => w.bool(*value),
            Self::Small(value) => w.signed((*value).into()),
            Self::Wide(value) => w.signed(*value),
            Self::Huge(value) => w.unsigned(*value),
            Self::Float(value) => w.f64(*value),
            Self::Text(value) => w.text(value),
            Self::Bytes(value) => w.bytes(value),
            Self::List(values) => list(w, values),
            Self::Map(entries) => {
                w.map(entries.len());
                for (key, value) in entries {
                    key.encode(w);
                    value.encode(w);
                }
            }
        }
    }
}
