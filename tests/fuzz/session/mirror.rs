//! What a peer knows of the objects of a server by what it was told, and nothing else.

use std::collections::BTreeMap;

use magicnet::NetworkType;
use magicnet::wire::{Arguments, ProtocolMessage, RawMessage, ScanLimits, Value, Writer};

/// The objects that a peer sees.
#[derive(Debug, Default)]
pub(super) struct Mirror(BTreeMap<u64, Shown>);

/// One of them. Zones are left out: v3 does not tell who sees both that an object moved.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Shown {
    pub(super) kind: u16,
    pub(super) owner: u32,
    is_complete: bool,
    /// The values of state that viewers see, by the field's number.
    pub(super) state: BTreeMap<u8, Vec<u8>>,
    /// The last arguments of calls that are kept, by the field's number.
    kept: BTreeMap<u8, Vec<u8>>,
}

/// How many of the client's fields are state for viewers, for each type: they are the first.
const STATE_FOR_VIEWERS: [u8; 3] = [3, 1, 1];

/// The type and the client's field that are a call that is kept: `lamp::blink`.
const KEPT: (u16, u8) = (0, 4);

/// As generous as messages of ours need.
const SCAN: ScanLimits = ScanLimits { depth: 64, elements: 65_536 };

impl Mirror {
    /// Takes what came, and insists on what a peer may rely on.
    pub(super) fn learn(&mut self, messages: &[(u64, Vec<u8>)]) {
        for (_, mut bytes) in messages.iter().map(|(id, bytes)| (id, &bytes[..])) {
            let raw = RawMessage::next(&mut bytes, SCAN).expect("it is not empty").expect("it is a message");
            match ProtocolMessage::decode(&raw) {
                Some(Ok(message)) => self.take(&message),
                Some(Err(error)) => panic!("a node sent a bad message: {error}: {:02x?}", raw.bytes),
                None => assert!(raw.id.is_custom(), "{} is of no protocol", raw.id),
            }
        }
    }

    fn take(&mut self, message: &ProtocolMessage<'_>) {
        match message {
            ProtocolMessage::GenerateObject { object, type_number, owner, .. } => {
                let shown = self.0.entry(*object).or_default();
                (shown.kind, shown.owner, shown.is_complete) = (*type_number, *owner, false);
            }
            ProtocolMessage::SetObjectField { object, role, field, arguments } => {
                let shown = self.0.get_mut(object).expect("a call is for those who see its object");
                match role {
                    0 if *field < STATE_FOR_VIEWERS[usize::from(shown.kind)] => {
                        assert_eq!(arguments.left(), 1, "state has one value");
                        shown.state.insert(*field, written(arguments));
                    }
                    0 if (shown.kind, *field) == KEPT => drop(shown.kept.insert(*field, written(arguments))),
                    0 => {}
                    _ => assert!(!shown.is_complete, "clients are told live of the fields of clients"),
                }
            }
            ProtocolMessage::ObjectGenerateDone { object } => {
                let shown = self.0.get_mut(object).expect("what is complete has begun");
                shown.is_complete = true;
                let expected = STATE_FOR_VIEWERS[usize::from(shown.kind)];
                assert_eq!(shown.state.len(), usize::from(expected), "every property is in every snapshot");
            }
            ProtocolMessage::DestroyObject { object } => {
                assert!(self.0.remove(object).is_some(), "an end is for those who saw the beginning");
            }
            _ => {}
        }
    }

    pub(super) fn get(&self, object: u64) -> Option<&Shown> {
        self.0.get(&object)
    }

    /// Those made by some repositories, in order.
    pub(super) fn made_by(&self, wanted: impl Fn(u32) -> bool) -> Vec<(u64, &Shown)> {
        let maker = |object: u64| u32::try_from(object >> 32).expect("the upper half has 32 bits");
        self.objects().filter(|(object, _)| wanted(maker(*object))).collect()
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = (u64, &Shown)> {
        self.0.iter().map(|(object, shown)| (*object, shown))
    }
}

/// The values themselves.
fn written(arguments: &Arguments<'_>) -> Vec<u8> {
    let mut arguments = arguments.clone();
    let mut bytes = Vec::new();
    while arguments.left() > 0 {
        let value = arguments.next::<Value<4096>>("argument").expect("a node sends small values");
        value.encode(&mut Writer::new(&mut bytes));
    }
    bytes
}
