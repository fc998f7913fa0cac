//! A hand-tuned v3 server for comparison: it believes everything, checks nothing, and knows no types.
//!
//! An update is encoded once, into the block of its object's zone; a connection that sees one zone is written that
//! block as it is, and one write is all that a connection costs.

use std::collections::{HashMap, VecDeque};

use magicnet::wire::{self, ProtocolMessage, Reader, Writer};

use super::sockets::{Serve, Sockets};
use crate::arguments::Arguments;
use crate::load::v3::{frames, messages, object_of_server};

pub(super) fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let mut ideal = Ideal::default();
    for (local, zone) in (1..).zip(super::filled(arguments)?) {
        ideal.insert(object_of_server(local), 0, zone);
    }
    let sockets = Sockets::bind()?;
    super::announce(sockets.local_addr()?);
    Ok(sockets.run(&mut ideal)?)
}

#[derive(Debug, Default)]
struct Ideal {
    connections: Vec<Connection>,
    objects: HashMap<u64, Object>,
    zones: HashMap<u32, Zone>,
    /// The zones that have something to say.
    touched: Vec<u32>,
    /// What is for one connection alone.
    direct: VecDeque<(usize, Vec<u8>)>,
    scratch: Vec<u8>,
}

#[derive(Debug, Default)]
struct Connection {
    zones: Vec<u32>,
}

#[derive(Debug)]
struct Object {
    owner: u32,
    zone: u32,
    value: u32,
    /// The arguments that were set last.
    arguments: Vec<u8>,
}

#[derive(Debug, Default)]
struct Zone {
    viewers: Vec<usize>,
    objects: Vec<u64>,
    /// Whole frames, the last of them open.
    block: Vec<u8>,
    /// Where the open frame begins.
    frame: usize,
}

/// The first repository that is given to a connection.
const FIRST_REPOSITORY: u32 = 128;

impl Serve for Ideal {
    fn opened(&mut self, socket: usize) {
        self.connections.resize_with(socket + 1, Connection::default);
        self.tell(socket, |out| ProtocolMessage::Motd { text: Some("ideal") }.encode(out));
    }

    fn received(&mut self, socket: usize, bytes: &[u8]) -> usize {
        frames(bytes, |datagram| self.datagram(socket, datagram))
    }

    fn flush(&mut self, write: &mut dyn FnMut(usize, &[u8])) {
        for (socket, bytes) in self.direct.drain(..) {
            write(socket, &bytes);
        }
        for zone in &self.touched {
            let zone = self.zones.get_mut(zone).expect("it was touched");
            zone.close_frame();
        }
        match self.touched[..] {
            [] => {}
            [only] => {
                let zone = &self.zones[&only];
                zone.viewers.iter().for_each(|viewer| write(*viewer, &zone.block));
            }
            _ => self.flush_mixed(write),
        }
        for zone in self.touched.drain(..) {
            self.zones.get_mut(&zone).expect("it was touched").block.clear();
        }
    }

    fn closed(&mut self, socket: usize) {
        for zone in std::mem::take(&mut self.connections[socket].zones) {
            self.zones.entry(zone).or_default().viewers.retain(|viewer| *viewer != socket);
        }
    }
}

impl Ideal {
    /// Connection by connection: what its zones have to say, in one write.
    fn flush_mixed(&mut self, write: &mut dyn FnMut(usize, &[u8])) {
        for (socket, connection) in self.connections.iter().enumerate() {
            self.scratch.clear();
            for zone in connection.zones.iter().filter_map(|zone| self.zones.get(zone)) {
                self.scratch.extend_from_slice(&zone.block);
            }
            if !self.scratch.is_empty() {
                write(socket, &self.scratch);
            }
        }
    }

    fn datagram(&mut self, socket: usize, mut datagram: &[u8]) {
        while let Some((object, field, arguments, after)) = read_set(datagram) {
            self.set(object, field, arguments);
            datagram = after;
        }
        for message in messages(datagram) {
            match message {
                ProtocolMessage::SharedParameter { name: "vz", value } => self.see(socket, value),
                ProtocolMessage::Hello { .. } => {
                    let mut value = Vec::new();
                    Writer::new(&mut value).unsigned(repository(socket).into());
                    self.tell(socket, |out| {
                        ProtocolMessage::SharedParameter { name: "rp", value: &value }.encode(out);
                    });
                }
                ProtocolMessage::CreateObject { local_id, zone, .. } => self.create(socket, local_id, zone),
                ProtocolMessage::RequestVisibleObjects => self.show(socket),
                _ => {}
            }
        }
    }

    /// Field 0 sets what everybody sees, field 1 adds to it.
    fn set(&mut self, number: u64, field: u8, arguments: &[u8]) {
        let Some(object) = self.objects.get_mut(&number) else { return };
        let value = Reader::new(&arguments[1..]).integer(0, u32::MAX.into());
        let value = value.ok().and_then(|value| u32::try_from(value).ok()).unwrap_or_default();
        object.arguments.clear();
        if field == 1 {
            object.value = object.value.wrapping_add(value);
            let mut w = Writer::new(&mut object.arguments);
            w.array(1);
            w.unsigned(object.value.into());
        } else {
            object.value = value;
            object.arguments.extend_from_slice(arguments);
        }
        let zone = self.zones.entry(object.zone).or_default();
        if zone.block.is_empty() {
            self.touched.push(object.zone);
        }
        zone.append(|out| {
            wire::encode_call(&mut Writer::new(out), number, 0, 0, |w| w.raw(&object.arguments))
        });
    }

    fn see(&mut self, socket: usize, value: &[u8]) {
        let mut reader = Reader::new(value);
        let len = reader.array(usize::MAX).unwrap_or(0);
        for _ in 0..len {
            let zone = reader.integer(0, u32::MAX.into()).ok().and_then(|zone| u32::try_from(zone).ok());
            let Some(zone) = zone else { return };
            self.connections[socket].zones.push(zone);
            self.zones.entry(zone).or_default().viewers.push(socket);
        }
    }

    fn create(&mut self, socket: usize, local: u32, zone: u32) {
        let owner = repository(socket);
        let number = u64::from(owner) << 32 | u64::from(local);
        self.insert(number, owner, zone);
        let place = self.zones.get_mut(&zone).expect("something was just put there");
        if place.block.is_empty() {
            self.touched.push(zone);
        }
        place.append(|out| generate(out, number, &self.objects[&number]));
    }

    fn insert(&mut self, number: u64, owner: u32, zone: u32) {
        self.zones.entry(zone).or_default().objects.push(number);
        self.objects.insert(number, Object { owner, zone, value: 0, arguments: vec![0x91, 0] });
    }

    fn show(&mut self, socket: usize) {
        let zones = self.connections[socket].zones.clone();
        let shown = zones.iter().filter_map(|zone| self.zones.get(zone)).flat_map(|zone| &zone.objects);
        let mut answer = Zone::default();
        for number in shown {
            answer.append(|out| generate(out, *number, &self.objects[number]));
        }
        answer.close_frame();
        self.direct.push_back((socket, answer.block));
    }

    fn tell(&mut self, socket: usize, write: impl FnOnce(&mut Vec<u8>)) {
        let mut said = Zone::default();
        said.append(write);
        said.close_frame();
        self.direct.push_back((socket, said.block));
    }
}

impl Zone {
    /// Appends a message to the open frame, or to a new one if it is full.
    fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.block.is_empty() {
            self.open_frame();
        }
        let start = self.block.len();
        write(&mut self.block);
        if self.block.len() - self.frame > wire::MAX_FRAME {
            let message = self.block.split_off(start);
            self.close_frame();
            self.open_frame();
            self.block.extend_from_slice(&message);
        }
    }

    fn open_frame(&mut self) {
        self.frame = self.block.len();
        self.block.extend_from_slice(&[0, 0]);
    }

    fn close_frame(&mut self) {
        if let Some(len) = self.block.len().checked_sub(self.frame + 2) {
            let len = u16::try_from(len).expect("frames are closed before they are too long");
            self.block[self.frame..self.frame + 2].copy_from_slice(&len.to_be_bytes());
        }
    }
}

/// SET_OBJECT_FIELD by place: the object, the field, the arguments, and what comes after it.
fn read_set(datagram: &[u8]) -> Option<(u64, u8, &[u8], &[u8])> {
    let [0x92, 0x0a, 0x94, 0xcf, rest @ ..] = datagram else { return None };
    let (object, rest) = rest.split_first_chunk::<8>()?;
    let [_role, field, arguments @ ..] = rest else { return None };
    let mut reader = Reader::new(arguments);
    let arguments = reader.raw_value(wire::MAX_FRAME).ok()?;
    Some((u64::from_be_bytes(*object), *field, arguments, reader.rest()))
}

fn repository(socket: usize) -> u32 {
    FIRST_REPOSITORY + u32::try_from(socket).expect("no machine has as many sockets")
}

fn generate(out: &mut Vec<u8>, number: u64, object: &Object) {
    ProtocolMessage::GenerateObject {
        object: number,
        type_number: 0,
        owner: object.owner,
        zone: object.zone,
    }
    .encode(out);
    wire::encode_call(&mut Writer::new(out), number, 0, 0, |w| w.raw(&object.arguments));
    ProtocolMessage::ObjectGenerateDone { object: number }.encode(out);
}
