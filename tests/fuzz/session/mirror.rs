//! What a peer knows of the objects of a server by what it was told, and nothing else.

use std::collections::BTreeMap;

use magicnet::wire::{ProtocolMessage, RawMessage, ScanLimits, Value};

/// The objects that a peer sees.
#[derive(Debug, Default)]
pub(super) struct Mirror(BTreeMap<u64, Shown>);

/// One of them. Zones are left out: v3 does not tell who sees both that an object moved.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Shown {
    pub(super) kind: u16,
    pub(super) owner: u32,
    /// The values of state that viewers see, by the field's number.
    pub(super) state: BTreeMap<u8, Vec<u8>>,
}

/// How many of the client's fields are state for viewers, for each type.
const STATE_FOR_VIEWERS: [u8; 3] = [4, 1, 1];

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
                (shown.kind, shown.owner) = (*type_number, *owner);
            }
            ProtocolMessage::SetObjectField { object, role, field, arguments } => {
                let shown = self.0.get_mut(object).expect("a call is for those who see its object");
                assert_eq!(*role, 0, "clients are told of the fields of clients");
                if *field < STATE_FOR_VIEWERS[usize::from(shown.kind)] {
                    let mut arguments = arguments.clone();
                    let value = arguments.next::<Value<4096>>("state").expect("state has a value");
                    assert_eq!(arguments.left(), 0, "and only one");
                    let mut bytes = Vec::new();
                    magicnet::NetworkType::encode(&value, &mut magicnet::wire::Writer::new(&mut bytes));
                    shown.state.insert(*field, bytes);
                }
            }
            ProtocolMessage::ObjectGenerateDone { object } => {
                let shown = self.0.get(object).expect("what is complete has begun");
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
