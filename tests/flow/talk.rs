//! What raw peers say and hear, as JSON.

use magicnet::AnyEvent;
use magicnet_tests::{Host, Net, RawLink, Recorder};
use serde_json::Value as Json;

/// A raw client that has shaken hands, as repository 128 and up.
pub(crate) fn raw(net: &mut Net, server: Host) -> RawLink {
    let raw = net.raw_client(server);
    net.raw(raw).hello();
    net.settle();
    net.raw(raw).messages();
    raw
}

/// Sends messages in one datagram.
pub(crate) fn tell(net: &mut Net, raw: RawLink, messages: &[Json]) {
    let encoded = messages.iter().flat_map(|message| rmp_serde::to_vec(message).expect("JSON fits msgpack"));
    let datagram: Vec<u8> = encoded.collect();
    net.raw(raw).send_datagram(&datagram);
    net.settle();
}

/// Takes what came, one message a line.
pub(crate) fn heard(net: &mut Net, raw: RawLink) -> Vec<String> {
    let shown = |bytes: Vec<u8>| rmp_serde::from_slice::<Json>(&bytes).expect("this is no bytes").to_string();
    net.raw(raw).messages().into_iter().map(|(_, bytes)| shown(bytes)).collect()
}

/// Takes the reasons of everything that was refused, as sentences.
pub(crate) fn refusals(events: &Recorder<AnyEvent>) -> Vec<String> {
    let reason = |event: AnyEvent| match event {
        AnyEvent::CallRejected(event) => Some(event.reason.to_string()),
        AnyEvent::RequestRejected(event) => Some(event.reason.to_string()),
        AnyEvent::MessageRejected(event) => Some(event.reason.to_string()),
        _ => None,
    };
    events.take().into_iter().filter_map(reason).collect()
}
