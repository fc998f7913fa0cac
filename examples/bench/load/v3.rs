//! The MagicNet v3 wire as the load and the ideal server speak it: what is sent is prepared once, what comes is read by
//! place.

use magicnet::wire::{MessageId, ProtocolMessage, RawMessage, ScanLimits, Writer};
use magicnet::{DecodeError, wire};

use super::{Place, Swarm};

/// Everything that is measured happens to objects of the only contract.
const TYPE: u16 = 0;
/// The server's table of fields.
pub(crate) const SERVER: u8 = 1;
/// The network hash that nodes have unless they are told another.
const HASH: [u8; 4] = [0x12, 0x34, 0x56, 0x78];
/// Nothing that is measured comes near.
const LIMITS: ScanLimits = ScanLimits { depth: 16, elements: 65_535 };
/// Values begin here, so that all take five bytes, and updates can be counted by their bytes.
pub(crate) const FIRST: u32 = 1_000_000;

/// Connects a peer that sees `zones`, and returns its number and its repository.
pub(crate) fn join(swarm: &mut Swarm, server: &Place, zones: &[u32]) -> anyhow::Result<(usize, u32)> {
    let peer = swarm.connect(server)?;
    greet(swarm, peer, zones)?;
    let repository = welcome(swarm, peer)?;
    Ok((peer, repository))
}

/// The client's half of the handshake.
fn greet(swarm: &mut Swarm, peer: usize, zones: &[u32]) -> anyhow::Result<()> {
    swarm.expect(peer, "the greeting", |datagram| has(datagram, MessageId::MOTD).then_some(()))?;
    let mut hello = Vec::new();
    let mut value = Vec::new();
    let mut w = Writer::new(&mut value);
    w.array(zones.len());
    zones.iter().for_each(|zone| w.unsigned((*zone).into()));
    ProtocolMessage::SharedParameter { name: "vz", value: &value }.encode(&mut hello);
    ProtocolMessage::Hello { version: 3, hash: &HASH }.encode(&mut hello);
    swarm.send(peer, &frame(&hello));
    Ok(())
}

fn welcome(swarm: &mut Swarm, peer: usize) -> anyhow::Result<u32> {
    swarm.expect(peer, "the repository", |datagram| {
        messages(datagram).find_map(|message| match message {
            ProtocolMessage::SharedParameter { name: "rp", value } => wire::Reader::new(value)
                .integer(0, u32::MAX.into())
                .ok()
                .and_then(|number| u32::try_from(number).ok()),
            _ => None,
        })
    })
}

/// Creates an object whose first value is [`FIRST`], and returns its number on the wire.
pub(crate) fn create(
    swarm: &mut Swarm,
    (peer, repository): (usize, u32),
    local: u32,
    zone: u32,
) -> anyhow::Result<u64> {
    let mut datagram = Vec::new();
    let mut w = Writer::new(&mut datagram);
    w.array(2);
    w.unsigned(MessageId::CREATE_OBJECT.0);
    w.array(5);
    [local, TYPE.into(), 0, zone].into_iter().for_each(|number| w.unsigned(number.into()));
    w.array(0);
    swarm.send(peer, &frame(&datagram));
    let object = u64::from(repository) << 32 | u64::from(local);
    swarm.expect(peer, "the object", |datagram| {
        messages(datagram)
            .any(|message| matches!(message, ProtocolMessage::ObjectGenerateDone { object: done } if done == object))
            .then_some(object)
    })
}

/// The number on the wire of an object that the server made itself, by its local number.
pub(crate) fn object_of_server(local: u32) -> u64 {
    SERVERS << 32 | u64::from(local)
}

/// The repository of such objects.
const SERVERS: u64 = 1;

/// One call, as a frame.
pub(crate) fn call(object: u64, role: u8, field: u8, arguments: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut datagram = Vec::new();
    wire::encode_call(&mut Writer::new(&mut datagram), object, role, field, arguments);
    frame(&datagram)
}

/// A datagram in its frame.
pub(crate) fn frame(datagram: &[u8]) -> Vec<u8> {
    let len = u16::try_from(datagram.len()).expect("no datagram here comes near the longest");
    [&len.to_be_bytes(), datagram].concat()
}

/// Takes whole frames from `bytes`, gives their datagrams to `take`, and says how many bytes that was.
pub(crate) fn frames(bytes: &[u8], mut take: impl FnMut(&[u8])) -> usize {
    let mut rest = bytes;
    while let [high, low, after @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((datagram, after)) = after.split_at_checked(len) else { break };
        take(datagram);
        rest = after;
    }
    bytes.len() - rest.len()
}

/// The arguments of a call that takes one number.
pub(crate) fn one(w: &mut Writer<'_>, value: u32) {
    w.array(1);
    w.unsigned(value.into());
}

/// Whether a number of five bytes is told in a datagram.
pub(crate) fn contains(datagram: &[u8], value: u32) -> bool {
    datagram.windows(4).any(|bytes| bytes == value.to_be_bytes())
}

/// The messages of the protocol in a datagram.
pub(crate) fn messages(mut datagram: &[u8]) -> impl Iterator<Item = ProtocolMessage<'_>> {
    std::iter::from_fn(move || RawMessage::next(&mut datagram, LIMITS)?.ok())
        .filter_map(|raw| ProtocolMessage::decode(&raw).and_then(Result::<_, DecodeError>::ok))
}

fn has(mut datagram: &[u8], id: MessageId) -> bool {
    std::iter::from_fn(|| RawMessage::next(&mut datagram, LIMITS)?.ok()).any(|raw| raw.id == id)
}
