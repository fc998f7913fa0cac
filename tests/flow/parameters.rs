//! Shared parameters: typed to read, bounded to set, and the server's where they are reserved.

use magicnet::prelude::*;
use magicnet::wire::ProtocolMessage;
use magicnet::{AnyEvent, Limits};
use magicnet_tests::Net;

use super::number::{client, recorded, server};

#[test]
fn what_one_side_sets_the_other_reads_with_its_type() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (ada, _) = client(&mut net);
    let (here, there) = net.connect(ada, server);
    let locale: Str<8> = "de".try_into().unwrap();
    net.run(ada, |n| n.set_parameter(here, "locale", &locale));
    net.run(server, |n| n.set_parameter(there, "season", &7_u8));
    let read =
        net.run(server, |n| n.connection(there).unwrap().parameter::<Str<8>>("locale").unwrap().unwrap());
    assert_eq!(read, locale);
    let season = net.run(ada, |n| n.connection(here).unwrap().parameter::<u8>("season").unwrap().unwrap());
    assert_eq!(season, 7);
    let wrong =
        net.run(ada, |n| n.connection(here).unwrap().parameter::<Str<8>>("season").unwrap().unwrap_err());
    assert_eq!(wrong.to_string(), "expected text of at most 8 characters, found 7");
    assert!(net.run(ada, |n| { n.connection(here).unwrap().parameter::<u8>("none").is_none() }));
    let changed =
        |event: &AnyEvent| matches!(event, AnyEvent::ParameterChanged(event) if event.name == "locale");
    assert!(events.take().iter().any(changed));
}

#[test]
fn a_client_does_not_set_what_is_the_servers() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let raw = net.raw_client(server);
    net.raw(raw).hello();
    net.settle();
    events.take();
    for name in ["rp", "mn"] {
        net.raw(raw).send(&[ProtocolMessage::SharedParameter { name, value: &[1] }]);
        net.settle();
        let events = events.take();
        assert!(
            matches!(&events[..], [AnyEvent::Warning(warning)] if warning.text.contains(name)),
            "{events:?}"
        );
    }
    let there = net.connection_of(raw);
    assert_eq!(net.run(server, |n| n.connection(there).unwrap().repository()), Some(Repository(128)));
    assert!(!net.raw(raw).is_closed());
}

/// Who has not greeted may have less kept than who has; what is set anew takes the place of what was there.
#[test]
fn parameters_are_bounded_together() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.early_parameter_bytes = 202;
    limits.parameter_bytes = 303;
    let server = net.add(server().limits(limits).build().unwrap());
    let value = [&[0xc4, 98][..], &[0; 98]].concat();
    let [early, patient] = [(); 2].map(|()| net.raw_client(server));
    for raw in [early, patient] {
        for name in ["a", "b", "a", "b"] {
            net.raw(raw).send(&[ProtocolMessage::SharedParameter { name, value: &value }]);
        }
    }
    net.raw(patient).hello();
    for raw in [early, patient] {
        net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "c", value: &value }]);
    }
    net.settle();
    assert!(net.raw(early).is_closed());
    assert!(!net.raw(patient).is_closed());
    net.raw(patient).send(&[ProtocolMessage::SharedParameter { name: "d", value: &[1] }]);
    net.settle();
    assert!(net.raw(patient).is_closed());
}

#[test]
fn parameters_are_bounded_in_number_and_size_before_and_after_hello() {
    for says_hello in [false, true] {
        let mut net = Net::new();
        let mut limits = Limits::default();
        limits.parameters = 4;
        limits.parameter_size = 100;
        let server = net.add(server().limits(limits).build().unwrap());
        let many = net.raw_client(server);
        let large = net.raw_client(server);
        for raw in [many, large] {
            if says_hello {
                net.raw(raw).hello();
            }
        }
        for index in 0..4 {
            let name = format!("p{index}");
            net.raw(many).send(&[ProtocolMessage::SharedParameter { name: &name, value: &[1] }]);
            net.raw(many).send(&[ProtocolMessage::SharedParameter { name: &name, value: &[2] }]);
        }
        net.settle();
        assert!(!net.raw(many).is_closed());
        net.raw(many).send(&[ProtocolMessage::SharedParameter { name: "p4", value: &[1] }]);
        let mut value = vec![0xc4, 98];
        value.extend([0; 98]);
        net.raw(large).send(&[ProtocolMessage::SharedParameter { name: "ok", value: &value }]);
        net.settle();
        assert!(net.raw(many).is_closed());
        assert!(!net.raw(large).is_closed());
        value[1] = 99;
        value.push(0);
        net.raw(large).send(&[ProtocolMessage::SharedParameter { name: "large", value: &value }]);
        net.settle();
        assert!(net.raw(large).is_closed());
    }
}
