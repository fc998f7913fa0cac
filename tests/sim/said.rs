//! What goes over the wire, by its meaning: what servers say and what peers ask for; read from bytes, written to bytes.

use magicnet::wire::{
    Arguments, CarriedCalls, MessageId, ProtocolMessage, RawMessage, Reader, ScanLimits, Writer, encode_call,
    encode_custom, frame_header,
};
use magicnet::{NetworkType, Str};

use crate::app::{Property, Script};

/// What a server says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Motd,
    /// What the server knows of contracts and messages.
    Schema,
    Repository(u32),
    Zones(Vec<u32>),
    Generate {
        object: u64,
        kind: u16,
        owner: u32,
        zone: u32,
    },
    Set(u64, Property),
    Done(u64),
    Heard(u64, u32),
    Whispered(u64, u32),
    Destroy(u64),
    /// All that is in a zone was said.
    Complete(u32),
    /// The answer to a change of zones by its number: what the peer sees.
    Shown(u32, Vec<u32>),
    Post(u32),
    Bye(u8),
    Shutdown,
}

impl Said {
    /// The object that it is about, if it is about one.
    pub(crate) fn object(&self) -> Option<u64> {
        match self {
            Self::Generate { object, .. }
            | Self::Set(object, _)
            | Self::Done(object)
            | Self::Heard(object, _)
            | Self::Whispered(object, _)
            | Self::Destroy(object) => Some(*object),
            _ => None,
        }
    }

    /// Which property it is a value of that a newer one may replace, if it is one.
    pub(crate) fn property(&self) -> Option<(u64, &'static str)> {
        let Self::Set(object, property) = self else { return None };
        let name = match property {
            Property::Level(_) => "level",
            Property::Name(_) => "name",
            Property::Purse(_) => "purse",
            Property::Rate(_) => "rate",
            // It says `always`: each of them is sent.
            Property::Loud(_) => return None,
        };
        Some((*object, name))
    }
}

/// What a peer asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Request {
    Hello,
    Zones(Vec<u32>),
    /// A repository is not a peer's to set.
    Repository(u32),
    Call {
        object: u64,
        call: Call,
    },
    Create {
        local: u32,
        kind: u8,
        owner: u32,
        zone: u32,
        calls: Vec<Call>,
    },
    Delete(u64),
    ShowAll,
    /// Without a script: parameters of a wrong type.
    Ask(Option<Script>),
    Bye,
    Shutdown,
    /// The end of an object, which is the server's to say.
    Forge(u64),
    /// Bytes that are no message.
    Garbage,
    /// A message that does not end: the last of its datagram.
    Unfinished,
}

/// A call of a field at `(role, index)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) place: (u8, u8),
    /// `None`: arguments of a wrong type.
    pub(crate) steps: Option<Script>,
}

impl Call {
    pub(crate) fn own(steps: Script) -> Self {
        Self { place: (1, 1), steps: Some(steps) }
    }

    fn write_arguments(&self, w: &mut Writer<'_>) {
        w.array(1);
        match &self.steps {
            Some(steps) => steps.encode(w),
            None => w.bool(true),
        }
    }
}

impl Request {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        use ProtocolMessage as M;
        match self {
            Self::Hello => M::Hello { version: 3, hash: &[0x12, 0x34, 0x56, 0x78] }.encode(out),
            Self::Zones(zones) => {
                let value = written(|w| {
                    w.array(zones.len());
                    zones.iter().for_each(|zone| w.unsigned((*zone).into()));
                });
                M::SharedParameter { name: "vz", value: &value }.encode(out);
            }
            Self::Repository(number) => {
                let value = written(|w| w.unsigned((*number).into()));
                M::SharedParameter { name: "rp", value: &value }.encode(out);
            }
            Self::Call { object, call } => {
                let (role, field) = call.place;
                encode_call(&mut Writer::new(out), *object, role, field, |w| call.write_arguments(w));
            }
            Self::Create { local, kind, owner, zone, calls } => {
                let calls = written(|w| write_calls(w, calls));
                let calls = CarriedCalls::read(&mut Reader::new(&calls)).expect("they were just written");
                let (local_id, type_number) = (*local, u16::from(*kind));
                M::CreateObject { local_id, type_number, owner: *owner, zone: *zone, calls }.encode(out);
            }
            Self::Delete(object) => M::RequestDeleteObject { object: *object }.encode(out),
            Self::ShowAll => M::RequestVisibleObjects.encode(out),
            Self::Ask(steps) => encode_custom(&mut Writer::new(out), MessageId(64), |w| {
                Call { place: (0, 0), steps: steps.clone() }.write_arguments(w);
            }),
            Self::Bye => M::Disconnect { reason: 11, detail: None }.encode(out),
            Self::Shutdown => M::Shutdown.encode(out),
            Self::Forge(object) => M::DestroyObject { object: *object }.encode(out),
            Self::Garbage => out.push(0xc1),
            Self::Unfinished => out.extend([0x92, 0x0c]),
        }
    }
}

/// The frame of one datagram with these requests.
pub(crate) fn frame(requests: &[Request]) -> Vec<u8> {
    let mut datagram = Vec::new();
    requests.iter().for_each(|request| request.encode(&mut datagram));
    let mut frame = frame_header(datagram.len()).to_vec();
    frame.extend(datagram);
    frame
}

fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Writer::new(&mut bytes));
    bytes
}

fn write_calls(w: &mut Writer<'_>, calls: &[Call]) {
    w.array(calls.len());
    for call in calls {
        w.array(3);
        w.unsigned(call.place.0.into());
        w.unsigned(call.place.1.into());
        call.write_arguments(w);
    }
}

/// Cuts a stream that begins and ends with whole frames.
///
/// # Errors
///
/// When it does not.
pub(crate) fn frames(mut bytes: &[u8]) -> Result<Vec<&[u8]>, String> {
    let mut frames = Vec::new();
    while let Some((header, rest)) = bytes.split_first_chunk::<2>() {
        let len = usize::from(u16::from_be_bytes(*header));
        if rest.len() < len {
            return Err(format!("a frame of {len} bytes ends after {}", rest.len()));
        }
        frames.push(&bytes[..len + 2]);
        bytes = &rest[len..];
    }
    Ok(frames)
}

/// Reads what a server says in one frame.
///
/// # Errors
///
/// When it is nothing that a server of this application says.
pub(crate) fn read(frame: &[u8]) -> Result<Vec<Said>, String> {
    const LIMITS: ScanLimits = ScanLimits { depth: 64, elements: 65_536 };
    let mut datagram = &frame[2..];
    let mut said = Vec::new();
    while let Some(raw) = RawMessage::next(&mut datagram, LIMITS) {
        let raw = raw.map_err(|error| error.to_string())?;
        said.push(meaning(raw.clone()).ok_or_else(|| format!("the server says {raw:?}"))?);
    }
    Ok(said)
}

fn meaning(mut raw: RawMessage<'_>) -> Option<Said> {
    use ProtocolMessage as M;
    if raw.id == MessageId(65) {
        return Some(Said::Post(raw.params.next("number").ok()?));
    }
    Some(match M::decode(&raw)?.ok()? {
        M::Motd { .. } => Said::Motd,
        M::SharedParameter { name: "mn", .. } => Said::Schema,
        M::SharedParameter { name: "rp", value } => {
            let number = Reader::new(value).integer(0, u32::MAX.into()).ok()?;
            Said::Repository(u32::try_from(number).ok()?)
        }
        M::SharedParameter { name: "vz", value } => Said::Zones(zone_list(value)?),
        M::ZoneComplete { zone } => Said::Complete(zone),
        M::ZonesShown { change, zones } => Said::Shown(change, zone_list(zones)?),
        M::GenerateObject { object, type_number, owner, zone } => {
            Said::Generate { object, kind: type_number, owner, zone }
        }
        M::SetObjectField { object, role: 0, field, arguments } => field_set(object, field, arguments)?,
        M::ObjectGenerateDone { object } => Said::Done(object),
        M::DestroyObject { object } => Said::Destroy(object),
        M::Disconnect { reason, .. } => Said::Bye(reason),
        M::Shutdown => Said::Shutdown,
        _ => return None,
    })
}

fn zone_list(value: &[u8]) -> Option<Vec<u32>> {
    let mut reader = Reader::new(value);
    let len = reader.array(64).ok()?;
    (0..len).map(|_| u32::try_from(reader.integer(0, u32::MAX.into()).ok()?).ok()).collect()
}

fn field_set(object: u64, field: u8, mut arguments: Arguments<'_>) -> Option<Said> {
    Some(match field {
        0 => Said::Set(object, Property::Level(arguments.next("level").ok()?)),
        1 => Said::Set(object, Property::Name(arguments.next::<Str<8>>("name").ok()?.into_string())),
        2 => Said::Set(object, Property::Loud(arguments.next("loud").ok()?)),
        3 => Said::Set(object, Property::Rate(arguments.next("rate").ok()?)),
        4 => Said::Set(object, Property::Purse(arguments.next("purse").ok()?)),
        5 => Said::Heard(object, arguments.next("number").ok()?),
        6 => Said::Whispered(object, arguments.next("number").ok()?),
        _ => return None,
    })
}
