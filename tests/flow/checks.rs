//! The order of the checks (DESIGN section 6): what fails two of them is told the first.

use magicnet::prelude::*;
use magicnet::wire::{CarriedCalls, ProtocolMessage, Reader, Writer, encode_call};
use magicnet::{AnyEvent, Limits, Rejection, RequestRejected};
use magicnet_tests::{Net, RawLink, Recorder};

use crate::number::{one_number, recorded, server};

struct Gate {
    net: Net,
    /// A stranger who sees zone 1, as repository 128.
    stranger: RawLink,
    events: Recorder<AnyEvent>,
    /// In a zone that the stranger sees, and in one that it does not.
    near: ObjectId,
    far: ObjectId,
}

fn gate() -> Gate {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.objects_per_connection = 1;
    let (builder, events) = recorded(server().zones(Zones::ClientChosen).limits(limits));
    let server = net.add(builder.build().unwrap());
    let mut create =
        |zone| net.run(server, |n| n.create::<one_number::Contract>().zone(zone).send()).unwrap().id();
    let (near, far) = (create(1_u32), create(2_u32));
    let stranger = net.raw_client(server);
    net.raw(stranger).hello();
    net.raw(stranger).send(&[ProtocolMessage::SharedParameter { name: "vz", value: &[0x91, 1] }]);
    net.settle();
    events.take();
    Gate { net, stranger, events, near, far }
}

impl Gate {
    /// A call with arguments that are right, or wrong for any field.
    fn call(&mut self, object: ObjectId, role: u8, field: u8, is_right: bool) -> Rejection {
        let mut datagram = Vec::new();
        encode_call(&mut Writer::new(&mut datagram), object.to_u64(), role, field, |w| {
            w.array(1);
            if is_right { w.unsigned(1) } else { w.nil() }
        });
        self.net.raw(self.stranger).send_datagram(&datagram);
        self.net.settle();
        match &self.events.take()[..] {
            [AnyEvent::CallRejected(event)] => event.reason.clone(),
            events => panic!("{events:?}"),
        }
    }

    /// A creation of type 0 by an owner in a zone; `None` if it was granted.
    fn create(&mut self, local_id: u32, owner: u32, zone: u32) -> Option<Rejection> {
        let calls = CarriedCalls::read(&mut Reader::new(&[0x90])).unwrap();
        let message = ProtocolMessage::CreateObject { local_id, type_number: 0, owner, zone, calls };
        self.net.raw(self.stranger).send(&[message]);
        self.net.settle();
        self.events.take().iter().find_map(|event| Some(event.downcast::<RequestRejected>()?.reason.clone()))
    }
}

#[test]
fn a_call_is_checked_for_sight_then_field_then_role_then_owner_then_types() {
    let mut gate = gate();
    let (near, far) = (gate.near, gate.far);
    let missing = ObjectId::new(Repository(9), 9);
    assert_eq!(gate.call(missing, 7, 99, false), Rejection::UnknownObject);
    assert_eq!(gate.call(far, 7, 99, false), Rejection::NotVisible);
    assert_eq!(gate.call(far, 0, 0, false), Rejection::NotVisible);
    assert_eq!(gate.call(far, 1, 0, false), Rejection::NotVisible);
    assert_eq!(gate.call(near, 0, 99, false), Rejection::UnknownField { role: 0, field: 99 });
    assert_eq!(gate.call(near, 0, 0, false), Rejection::WrongRole { role: 0 });
    assert_eq!(gate.call(near, 1, 0, false), Rejection::NotOwner, "not its call, and wrong arguments");
    assert_eq!(gate.call(near, 1, 0, true), Rejection::NotOwner);
    assert!(matches!(gate.call(near, 1, 1, false), Rejection::Arguments(_)));
}

#[test]
fn a_creation_is_checked_for_its_owner_then_its_zone_then_its_id_then_its_number() {
    let mut gate = gate();
    assert_eq!(gate.create(1, 129, 2), Some(Rejection::NotOwner));
    assert_eq!(gate.create(1, 0, 2), Some(Rejection::ZoneNotAllowed(ZoneId(2))));
    assert_eq!(gate.create(1, 128, 1), None);
    assert_eq!(gate.create(1, 129, 1), Some(Rejection::NotOwner));
    assert_eq!(gate.create(1, 0, 2), Some(Rejection::ZoneNotAllowed(ZoneId(2))));
    assert_eq!(gate.create(1, 0, 1), Some(Rejection::LocalIdInUse), "in use, and one too many");
    assert_eq!(gate.create(2, 0, 1), Some(Rejection::Limit { limit: 1, of: "objects of one connection" }));
}
