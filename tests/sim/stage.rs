//! Real nodes beside the rules: everything that happens to one happens to the other, and what they say is compared.
//!
//! The network is part of the stage: streams of frames between the server and its clients, each carried on when the
//! plan says so, cut anywhere, broken at any moment. A frame knows what it must mean, so at the moment in which its
//! last byte arrives the receiver must have seen exactly that, and before it nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use magicnet::{ConnectionConfig, ConnectionId, Disconnect, Node, Time};

use crate::app::{self, AnyObject, Ask, Diary, ENOUGH, Gone, Park, TICK, pick};
use crate::mirror::Mirror;
use crate::plan::{Carried, Cut, Fault, NODES, Op, RAW, Wish, World};
use crate::rules::{Rules, Stage as Standing};
use crate::said::{Call, Request, Said, frame, frames, read};

/// All that takes part in a simulation.
#[derive(Debug)]
pub(crate) struct Stage {
    server: Node,
    announces: bool,
    ticks: bool,
    /// The server's time, which passes where there are ticks and stands still elsewhere.
    now: Time,
    pub(crate) rules: Rules,
    clients: Vec<Client>,
    /// One for each connection that there ever was, in the order of the server's peers.
    links: Vec<Link>,
    /// All objects there ever were, as the server's views knew them: a name may be used again for another.
    objects: BTreeMap<u64, Vec<AnyObject>>,
    born: Vec<u64>,
}

/// A client, which has one connection at a time.
#[derive(Debug)]
struct Client {
    /// Who is played byte by byte is no node.
    node: Option<Node>,
    mirror: Mirror,
    link: Option<usize>,
    /// Who is played: whether it has said HELLO, and the last local id that it used.
    has_said_hello: bool,
    last_local: u32,
}

/// A connection.
#[derive(Debug)]
struct Link {
    client: usize,
    /// The client's name for it, if that is a node.
    near: Option<ConnectionId>,
    far: ConnectionId,
    is_near_open: bool,
    is_far_open: bool,
    up: Stream<Request>,
    down: Stream<Said>,
    /// How many more bytes the server may write, if not all.
    room: Option<usize>,
    /// What it has written since all of it was compared.
    written: Vec<u8>,
}

/// One direction of a connection: frames under way, with what they mean.
#[derive(Debug)]
struct Stream<T> {
    frames: VecDeque<(Vec<u8>, Vec<T>)>,
    /// How many bytes of the first have arrived.
    arrived: usize,
    /// Nothing follows: the sender has closed.
    is_ended: bool,
}

/// What arrives at an end of a stream.
enum Arrival<T> {
    Part(Vec<u8>),
    /// The rest of a frame.
    Frame(Vec<u8>, Vec<T>),
    End,
}

/// For clients time stands still: nothing there waits for it.
const NOW: Time = Time::ZERO;

/// More frames than any simulation has under way.
const MANY_FRAMES: usize = 100_000;

/// What is not as the rules say.
pub(crate) type Outcome<T = ()> = Result<T, String>;

impl Stage {
    pub(crate) fn new(world: World) -> Self {
        let announces = world.announces;
        let clients =
            (0..NODES + RAW).map(|number| Client::new((number < NODES).then_some(announces))).collect();
        Self {
            server: app::server(world),
            rules: Rules::new(world),
            announces,
            ticks: world.ticks,
            now: NOW,
            clients,
            links: Vec::new(),
            objects: BTreeMap::new(),
            born: Vec::new(),
        }
    }

    /// Lets an operation happen.
    ///
    /// # Errors
    ///
    /// When something happens that the rules do not say, or the other way around.
    pub(crate) fn perform(&mut self, op: &Op) -> Outcome {
        match op {
            Op::Open(client) => self.open((*client).into()),
            Op::Ask(client, wishes) => self.ask((*client).into(), wishes),
            Op::Leave(client, shuts_down) => self.leave((*client).into(), *shuts_down),
            Op::Cut(client, cut) => self.cut((*client).into(), *cut),
            Op::Act(acts) => {
                let performed = acts.clone();
                self.server.run(self.now, |n| performed.into_iter().for_each(|act| act.perform(n)));
                self.after_server(|rules| rules.act(acts))
            }
            Op::Kick(client) => self.kick((*client).into()),
            Op::Flush => self.flush(),
            Op::Read(client, bytes) => {
                self.let_read((*client).into(), bytes.map(usize::from));
                Ok(())
            }
            Op::Rest => {
                self.come_to_rest()?;
                self.compare_worlds()
            }
            Op::Carry { stream, bytes } => self.carry(*stream, (*bytes).into()).map(|_| ()),
        }
    }

    /// Lets everything arrive; then all that is seen is compared once more, somebody comes late, and the server ends.
    pub(crate) fn finish(&mut self) -> Outcome {
        self.come_to_rest()?;
        self.compare_worlds()?;
        let late = self.clients.len();
        self.clients.push(Client::new(Some(self.announces)));
        self.open(late)?;
        self.come_to_rest()?;
        // It was the last to come, so it is the first that is picked.
        self.perform(&Op::Act(vec![app::Act::Grant(0, 15)]))?;
        self.come_to_rest()?;
        self.ask(late, &[Wish::See(15), Wish::ShowAll])?;
        self.come_to_rest()?;
        self.compare_worlds()?;
        let (known, there) = (self.clients[late].mirror.replicas.len(), self.rules.objects.len());
        expect(known == there, || format!("who comes late is shown {known} of {there} objects"))?;
        self.server.run(self.now, |n| n.shutdown());
        self.after_server(Rules::shut_down)?;
        self.come_to_rest()?;
        expect(self.server.is_finished(), || "the server has ended and is not finished".to_owned())
    }

    // ---- clients

    fn open(&mut self, client: usize) -> Outcome {
        if self.clients[client].link.is_some() {
            return Ok(());
        }
        let near = self.clients[client]
            .node
            .as_mut()
            .map(|node| node.handle_opened(NOW, &ConnectionConfig::dialed()));
        let far = self.server.handle_opened(self.now, &ConnectionConfig::accepted());
        self.server.run(self.now, |n| n.app_mut::<Park>().connections.push(far));
        let knows = self.announces && near.is_some();
        self.after_server(|rules| rules.open(knows))?;
        let is_open = true;
        let link = Link {
            client,
            near,
            far,
            is_near_open: is_open,
            is_far_open: is_open,
            up: Stream::new(),
            down: Stream::new(),
            room: None,
            written: Vec::new(),
        };
        self.links.push(link);
        let client = &mut self.clients[client];
        client.link = Some(self.links.len() - 1);
        client.has_said_hello = false;
        Ok(())
    }

    fn ask(&mut self, client: usize, wishes: &[Wish]) -> Outcome {
        let Some(link) = self.clients[client].link.filter(|_| !self.clients[client].mirror.is_leaving) else {
            return Ok(());
        };
        if self.clients[client].node.is_none() {
            let requests = self.raw_requests(client, wishes);
            if !requests.is_empty() {
                self.links[link].up.send(frame(&requests), requests);
            }
            return Ok(());
        }
        for wish in wishes {
            let object = |number| {
                let id = self.born[pick(number, self.born.len())?];
                Some((id, *self.objects[&id].last()?))
            };
            let Client { node, mirror, .. } = &mut self.clients[client];
            let node = node.as_mut().expect("it was looked at above");
            let is_connected = mirror.repository.is_some();
            match wish {
                Wish::See(mask) => {
                    let zones = app::zones(*mask);
                    node.run(NOW, |n| n.set_zones(zones.iter().copied()));
                    if is_connected {
                        mirror.zones = zones.iter().copied().collect();
                        mirror.zone_changes += 1;
                        mirror.asked.push(Request::Zones(zones));
                    }
                }
                Wish::ShowAll => {
                    node.run(NOW, |n| n.request_visible_objects());
                    mirror.asked.extend(is_connected.then_some(Request::ShowAll));
                }
                Wish::Call { object: number, place, steps: Some(steps) } => {
                    let Some((object, it)) = object(*number) else { continue };
                    let as_owner = place.1 == 1;
                    node.run(NOW, |n| it.call(n, as_owner, steps.clone()));
                    if mirror.knows(object) && (!as_owner || mirror.owns(object)) {
                        let call = Call { place: *place, steps: Some(steps.clone()) };
                        mirror.asked.push(Request::Call { object, call });
                    }
                }
                Wish::Create { kind, zone, calls, .. } => {
                    let carried = |call: &Carried| Some((call.place.1 == 1, call.steps.clone()?));
                    let with = calls.iter().filter_map(carried).collect();
                    let created = node.run(NOW, |n| app::create(n, *kind, *zone, None, with));
                    expect(created.is_some() == is_connected, || format!("creation: {created:?}"))?;
                    let Some(id) = created else { continue };
                    expect(Some(high(id)) == mirror.repository, || format!("an object named {id:#x}"))?;
                    let calls = calls.iter().map(Call::from).collect();
                    let (local, owner) = (low(id), 0);
                    mirror.asked.push(Request::Create { local, kind: *kind, owner, zone: *zone, calls });
                }
                Wish::Delete(number) => {
                    let Some((object, it)) = object(*number) else { continue };
                    node.run(NOW, |n| it.destroy(n));
                    mirror.asked.extend(mirror.knows(object).then_some(Request::Delete(object)));
                }
                Wish::Say(Some(steps)) => {
                    node.run(NOW, |n| n.send_to_all(Ask { steps: steps.clone() }));
                    mirror.asked.extend(mirror.is_greeted.then(|| Request::Ask(Some(steps.clone()))));
                }
                _ => {}
            }
        }
        self.after_client(client)
    }

    /// What somebody who is played asks for: it knows all names, and says what it likes.
    fn raw_requests(&mut self, client: usize, wishes: &[Wish]) -> Vec<Request> {
        let link = self.clients[client].link.expect("the caller has looked");
        let object =
            |number| pick(number, self.born.len()).map_or(u64::from(number), |index| self.born[index]);
        let Client { has_said_hello, last_local, .. } = &mut self.clients[client];
        let mut requests = Vec::new();
        if !*has_said_hello && !matches!(wishes, [Wish::Early, ..]) {
            *has_said_hello = true;
            requests.push(Request::Hello);
        }
        for wish in wishes {
            requests.push(match wish {
                Wish::Early => continue,
                Wish::Hello => {
                    *has_said_hello = true;
                    Request::Hello
                }
                Wish::See(mask) => Request::Zones(app::zones(*mask)),
                Wish::ShowAll => Request::ShowAll,
                Wish::Call { object: number, place, steps } => {
                    let call = Call { place: *place, steps: steps.clone() };
                    Request::Call { object: object(*number), call }
                }
                Wish::Create { kind, zone, fault, calls } => {
                    *last_local += u32::from(*fault != Fault::LocalId || *last_local == 0);
                    Request::Create {
                        local: *last_local,
                        kind: if *fault == Fault::Type { 99 } else { *kind },
                        owner: u32::from(*fault == Fault::Owner),
                        zone: *zone,
                        calls: calls.iter().map(Call::from).collect(),
                    }
                }
                Wish::Delete(number) => Request::Delete(object(*number)),
                Wish::Say(steps) => Request::Ask(steps.clone()),
                Wish::Steal(number) => Request::Repository(high(object(*number))),
                Wish::Forge(number) => Request::Forge(object(*number)),
                Wish::Garbage => Request::Garbage,
                Wish::Unfinished => {
                    // Nothing can follow it in a datagram.
                    requests.push(Request::Unfinished);
                    break;
                }
            });
        }
        debug_assert!(self.links[link].is_near_open);
        requests
    }

    fn leave(&mut self, client: usize, shuts_down: bool) -> Outcome {
        let Some(link) = self.clients[client].link.filter(|_| !self.clients[client].mirror.is_leaving) else {
            return Ok(());
        };
        let Client { node, mirror, .. } = &mut self.clients[client];
        let word = if shuts_down { Request::Shutdown } else { Request::Bye };
        let Some(node) = node else {
            self.links[link].up.send(frame(std::slice::from_ref(&word)), vec![word]);
            return Ok(());
        };
        mirror.asked.push(word);
        if shuts_down {
            node.run(NOW, |n| n.shutdown());
            // Who was greeted hears the server out.
            mirror.is_leaving = true;
            if !mirror.is_greeted {
                mirror.gone(Gone::Shutdown);
            }
        } else {
            let near = self.links[link].near.expect("nodes have a name for it");
            node.run(NOW, |n| n.disconnect(near, Disconnect::new(11, "")));
            mirror.gone(Gone::ByUs);
        }
        self.after_client(client)
    }

    fn cut(&mut self, client: usize, cut: Cut) -> Outcome {
        let Some(index) = self.clients[client].link else {
            return Ok(());
        };
        let link = &mut self.links[index];
        match cut {
            Cut::Both => {
                link.up.cut();
                link.down.cut();
                self.lose_near(index)?;
                self.lose_far(index)
            }
            Cut::ServerFirst => {
                link.up.cut();
                link.down.is_ended = true;
                self.lose_far(index)
            }
            Cut::ClientFirst => {
                link.down.cut();
                link.up.is_ended = true;
                self.lose_near(index)
            }
        }
    }

    /// The client's end of a transport is gone.
    fn lose_near(&mut self, index: usize) -> Outcome {
        let Link { client, near, is_near_open, .. } = &mut self.links[index];
        if !std::mem::replace(is_near_open, false) {
            return Ok(());
        }
        let (client, near) = (*client, *near);
        self.clients[client].link = None;
        let Client { node, mirror, .. } = &mut self.clients[client];
        if let (Some(node), Some(near)) = (node, near) {
            node.handle_lost(NOW, near, "cut");
            mirror.gone(if mirror.is_leaving { Gone::Shutdown } else { Gone::Lost });
            self.after_client(client)?;
            self.replace_if_over(client)?;
        }
        Ok(())
    }

    /// The server's end of a transport is gone.
    fn lose_far(&mut self, index: usize) -> Outcome {
        let Link { far, is_far_open, .. } = &mut self.links[index];
        if !std::mem::replace(is_far_open, false) {
            return Ok(());
        }
        let far = *far;
        (self.links[index].room, self.links[index].written) = (None, Vec::new());
        self.server.handle_lost(self.now, far, "cut");
        self.after_server(|rules| rules.lose(index))
    }

    /// A node that was shut down is finished with its connection; another takes its place.
    fn replace_if_over(&mut self, client: usize) -> Outcome {
        let it = &mut self.clients[client];
        if it.mirror.is_leaving && it.link.is_none() {
            let is_finished = it.node.as_ref().is_some_and(Node::is_finished);
            expect(is_finished, || format!("client {client} is shut down and not finished"))?;
            *it = Client::new(Some(self.announces));
        }
        Ok(())
    }

    /// After anything that happened to a client: what it has seen and says must be what the rules say.
    fn after_client(&mut self, client: usize) -> Outcome {
        let Client { node, mirror, link, .. } = &mut self.clients[client];
        let Some(node) = node else {
            return Ok(());
        };
        let Diary { seen, told } = node.run(NOW, |n| std::mem::take(n.app_mut::<Diary>()));
        same("sees", client, &seen, &std::mem::take(&mut mirror.seen))?;
        same("is told", client, &told, &std::mem::take(&mut mirror.told))?;

        let mut bytes = Vec::new();
        while let Some(transmit) = node.poll_transmit(NOW) {
            let (connection, len) = (transmit.connection, transmit.bytes.len());
            bytes.extend_from_slice(transmit.bytes);
            node.handle_written(connection, len);
        }
        let asked = std::mem::take(&mut mirror.asked);
        let frames = frames(&bytes)?;
        let closes = std::iter::from_fn(|| node.poll_closed()).count() > 0;
        let Some(index) = *link else {
            return expect(frames.is_empty(), || format!("client {client} speaks to nobody"));
        };
        let link = &mut self.links[index];
        let fits = frames.len() == usize::from(!asked.is_empty());
        expect(fits, || format!("client {client} says {} frames for {asked:?}", frames.len()))?;
        frames.into_iter().for_each(|frame| link.up.send(frame.to_vec(), asked.clone()));
        if closes {
            link.is_near_open = false;
            link.down.cut();
            link.up.is_ended = true;
            self.clients[client].link = None;
            self.replace_if_over(client)?;
        }
        Ok(())
    }

    // ---- the server

    fn kick(&mut self, client: usize) -> Outcome {
        let Some(index) = self.clients[client].link.filter(|index| self.links[*index].is_far_open) else {
            return Ok(());
        };
        let far = self.links[index].far;
        self.server.run(self.now, |n| n.disconnect(far, Disconnect::new(ENOUGH, "enough")));
        self.after_server(|rules| rules.kick(index))
    }

    /// After anything that happened to the server: the rules catch up, by the names that it gave.
    fn after_server(&mut self, catch_up: impl FnOnce(&mut Rules)) -> Outcome {
        let (born, refused) = self.server.run(self.now, |n| {
            let park = n.app_mut::<Park>();
            let born: Vec<u64> = park.born[self.born.len()..].to_vec();
            for id in &born {
                self.objects.entry(*id).or_default().push(park.objects[id]);
            }
            (born, std::mem::take(&mut park.refused))
        });
        let own = born.iter().copied().filter(|id| high(*id) == 1);
        self.rules.named.extend(own);
        self.born.extend(born);
        catch_up(&mut self.rules);
        let expected = std::mem::take(&mut self.rules.refused);
        expect(expected.len() == refused.len(), || {
            format!("the server refuses {refused:?}, and by the rules {expected:?}")
        })?;
        let unnamed = std::mem::take(&mut self.rules.named);
        expect(unnamed.is_empty(), || format!("the server made {unnamed:x?}, which nobody asked for"))
    }

    /// A client takes so many bytes more, or all there are from now on.
    fn let_read(&mut self, client: usize, bytes: Option<usize>) {
        let Some(link) = self.clients[client].link.map(|index| &mut self.links[index]) else { return };
        link.room = bytes;
        if link.is_far_open && bytes != Some(0) {
            self.server.handle_writable(link.far);
        }
    }

    /// The server writes what it may now, as far as it is taken.
    fn write_out(&mut self) -> Outcome {
        while let Some(transmit) = self.server.poll_transmit(self.now) {
            let (connection, len) = (transmit.connection, transmit.bytes.len());
            let link = self.links.iter_mut().find(|link| link.far == connection);
            let link = link.ok_or_else(|| format!("the server writes to {connection}, which is unknown"))?;
            let taken = link.room.map_or(len, |room| room.min(len));
            link.room = link.room.map(|room| room - taken);
            link.written.extend_from_slice(&transmit.bytes[..taken]);
            self.server.handle_written(connection, taken);
        }
        Ok(())
    }

    /// The server writes all it has to say; where all of it is taken, it must be what the rules say.
    fn flush(&mut self) -> Outcome {
        self.write_out()?;
        if self.ticks {
            // What has waited from the first write on has its turn within a tick.
            self.now = self.now + TICK;
            while self.server.poll_timeout().is_some_and(|due| due <= self.now) {
                self.server.handle_timeout(self.now);
                self.write_out()?;
            }
            self.write_out()?;
        }
        for index in 0..self.links.len() {
            let link = &mut self.links[index];
            if link.room.is_some() {
                *self.rules.counts.entry("read in pieces").or_default() += 1;
                continue;
            }
            let bytes = std::mem::take(&mut link.written);
            let mut said = Vec::new();
            for frame in frames(&bytes)? {
                let meaning = read(frame)?;
                said.extend_from_slice(&meaning);
                link.down.send(frame.to_vec(), meaning);
            }
            let client = link.client;
            let expected = std::mem::take(&mut self.rules.peers[index].unsent);
            if self.ticks {
                let replaced = newest(client, &said, &expected)?;
                *self.rules.counts.entry("replaced by a newer value").or_default() += replaced;
            } else {
                same("is sent", client, &said, &expected)?;
            }
        }
        let closed: Vec<ConnectionId> = std::iter::from_fn(|| self.server.poll_closed()).collect();
        for (index, link) in self.links.iter_mut().enumerate() {
            let is_over = link.is_far_open && self.rules.peers[index].stage == Standing::Over;
            let is_closed = closed.contains(&link.far);
            // Who reads on some day is told of the end then.
            expect(is_over == is_closed || link.room.is_some(), || {
                format!("connection {index}: over {is_over}, closed {is_closed}")
            })?;
            if is_closed {
                link.is_far_open = false;
                link.up.cut();
                link.down.is_ended = true;
            }
        }
        Ok(())
    }

    // ---- the network

    /// Carries some bytes of one of the streams under way; `false` if there is none.
    fn carry(&mut self, stream: u8, bytes: usize) -> Outcome<bool> {
        let up = self.links.iter().enumerate().filter(|(_, link)| link.is_far_open && link.up.is_under_way());
        let down = self.links.iter().enumerate().filter(|(_, l)| l.is_near_open && l.down.is_under_way());
        let ways: Vec<(usize, bool)> =
            up.map(|(index, _)| (index, true)).chain(down.map(|(index, _)| (index, false))).collect();
        let Some((index, is_up)) = usize::from(stream).checked_rem(ways.len()).map(|way| ways[way]) else {
            return Ok(false);
        };
        if is_up { self.carry_up(index, bytes) } else { self.carry_down(index, bytes) }.map(|()| true)
    }

    fn carry_up(&mut self, index: usize, bytes: usize) -> Outcome {
        let link = &mut self.links[index];
        let far = link.far;
        match link.up.carry(bytes) {
            Arrival::End => self.lose_far(index),
            Arrival::Part(bytes) => {
                self.server.handle_bytes(self.now, far, &bytes);
                self.after_server(|_| {})
            }
            Arrival::Frame(bytes, requests) => {
                self.server.handle_bytes(self.now, far, &bytes);
                self.after_server(|rules| requests.iter().for_each(|request| rules.handle(index, request)))
            }
        }
    }

    fn carry_down(&mut self, index: usize, bytes: usize) -> Outcome {
        let link = &mut self.links[index];
        let (client, near) = (link.client, link.near);
        let (bytes, said) = match link.down.carry(bytes) {
            Arrival::End => {
                link.up.cut();
                return self.lose_near(index);
            }
            Arrival::Part(bytes) => (bytes, Vec::new()),
            Arrival::Frame(bytes, said) => (bytes, said),
        };
        let Client { node, mirror, .. } = &mut self.clients[client];
        if let (Some(node), Some(near)) = (node, near) {
            node.handle_bytes(NOW, near, &bytes);
            said.iter().for_each(|said| mirror.hear(said));
        }
        self.after_client(client)
    }

    fn come_to_rest(&mut self) -> Outcome {
        (0..self.clients.len()).for_each(|client| self.let_read(client, None));
        for _ in 0..MANY_FRAMES {
            self.flush()?;
            if !self.carry(0, usize::MAX)? {
                return Ok(());
            }
        }
        Err("the network does not come to rest".to_owned())
    }

    // ---- the state of everything

    /// All objects of the server are as the rules say, and all replicas are what their clients were told.
    fn compare_worlds(&mut self) -> Outcome {
        let Self { objects, rules, server, clients, now, .. } = self;
        let now = *now;
        let count = server.run(now, |n| n.object_count());
        expect(count == rules.objects.len(), || {
            format!("the server has {count} objects, and by the rules {}", rules.objects.len())
        })?;
        for (id, thing) in &rules.objects {
            let found = server.run(now, |n| objects[id].iter().find_map(|it| it.look(n)));
            let expected = Some((thing.look.clone(), thing.owner, thing.zone));
            expect(found == expected, || {
                format!("object {id:#x} is {found:?}, and by the rules {expected:?}")
            })?;
        }
        for (number, client) in clients.iter_mut().enumerate() {
            let Client { node: Some(node), mirror, .. } = client else { continue };
            let zones: Vec<u32> = node.run(NOW, |n| {
                let server = n.server().and_then(|server| n.connection(server));
                server.map_or(Vec::new(), |server| server.zones().iter().map(|zone| zone.0).collect())
            });
            let agrees = mirror.repository.is_none() || zones.iter().eq(&mirror.zones);
            expect(agrees, || {
                format!("client {number} sees {zones:?}, and by the rules {:?}", mirror.zones)
            })?;
            let count = node.run(NOW, |n| n.object_count());
            expect(count == mirror.replicas.len(), || format!("client {number} has {count} objects"))?;
            for (id, replica) in &mirror.replicas {
                let found = node.run(NOW, |n| objects[id].iter().find_map(|it| it.look(n)));
                let expected = Some((replica.look.clone(), replica.owner, replica.zone));
                expect(found == expected, || {
                    format!("client {number} has {id:#x} as {found:?}, and by the rules as {expected:?}")
                })?;
            }
        }
        Ok(())
    }
}

impl Client {
    /// A node that announces itself or not, or somebody who is played.
    fn new(announces: Option<bool>) -> Self {
        let node = announces.map(app::client);
        Self { node, mirror: Mirror::default(), link: None, has_said_hello: false, last_local: 0 }
    }
}

impl<T> Stream<T> {
    fn new() -> Self {
        Self { frames: VecDeque::new(), arrived: 0, is_ended: false }
    }

    fn send(&mut self, frame: Vec<u8>, meaning: Vec<T>) {
        self.frames.push_back((frame, meaning));
    }

    /// What was under way is lost.
    fn cut(&mut self) {
        self.frames.clear();
        self.arrived = 0;
    }

    fn is_under_way(&self) -> bool {
        !self.frames.is_empty() || self.is_ended
    }

    fn carry(&mut self, bytes: usize) -> Arrival<T> {
        let Some((frame, meaning)) = self.frames.pop_front() else {
            return Arrival::End;
        };
        let end = self.arrived.saturating_add(bytes).min(frame.len());
        let part = frame[self.arrived..end].to_vec();
        if end == frame.len() {
            self.arrived = 0;
            return Arrival::Frame(part, meaning);
        }
        self.arrived = end;
        self.frames.push_front((frame, meaning));
        Arrival::Part(part)
    }
}

impl From<&Carried> for Call {
    fn from(carried: &Carried) -> Self {
        Self { place: carried.place, steps: carried.steps.clone() }
    }
}

fn expect(holds: bool, what: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(what()) }
}

/// Says what differs first.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, client: usize, found: &[T], expected: &[T]) -> Outcome {
    if found == expected {
        return Ok(());
    }
    let agreed = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
    Err(format!(
        "client {client} {what}, behind {agreed} that are right, {:?}, and by the rules {:?}",
        &found[agreed..],
        &expected[agreed..]
    ))
}

/// Under a tick values may be missing that a newer one of the property has replaced, before anything but values was
/// said of the object: nothing else. Says how many.
fn newest(client: usize, found: &[Said], expected: &[Said]) -> Outcome<u64> {
    // From the end: of equal values it is the last that is there.
    let (mut left, mut replaced) = (found, 0);
    let mut newer = BTreeSet::new();
    for said in expected.iter().rev() {
        let property = said.property();
        if left.last() == Some(said) {
            left = &left[..left.len() - 1];
        } else if property.is_some_and(|property| newer.contains(&property)) {
            replaced += 1;
            continue;
        } else {
            same("is sent", client, found, expected)?;
        }
        match (property, said.object()) {
            (Some(property), _) => {
                newer.insert(property);
            }
            (None, Some(object)) => newer.retain(|(known, _)| *known != object),
            (None, None) => {}
        }
    }
    if left.is_empty() { Ok(replaced) } else { same("is sent", client, found, expected).map(|()| replaced) }
}

fn high(id: u64) -> u32 {
    u32::try_from(id >> 32).expect("32 bits")
}

fn low(id: u64) -> u32 {
    u32::try_from(id & u64::from(u32::MAX)).expect("32 bits")
}
