//! The rules of a server, on paper: what each peer must be told, in order.
//!
//! Written from the design, the protocol and the guide, not from the code, and as plainly as a rule is said: objects in
//! a map, peers in a list, every audience found by asking each peer. What the rules leave open is listed here:
//!
//! - What is shown or ended together comes by zone and then by name (`NodeCx::objects` promises that order elsewhere).
//! - A change of a connection's zones alone sends nothing; so a client may keep a replica whose end it never hears of.
//! - A call to one connection, or to an owner, arrives whether or not the connection sees the object.

mod handlers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use magicnet::Interest;

use crate::app::{self, Act, ENOUGH, ENTRANCE, FIRST_GONE, FIRST_WORDS, KINDS, LAST_WORDS, Look, Step, pick};
use crate::plan::{FORBIDDEN, World, Zones};
use crate::said::{Call, Request, Said};
use handlers::{is_private, permitted, properties};

/// A server and what it thinks of its peers.
#[derive(Debug)]
pub(crate) struct Rules {
    world: World,
    pub(crate) peers: Vec<Peer>,
    pub(crate) objects: BTreeMap<u64, Thing>,
    /// All objects there ever were, in the order of their creation.
    born: Vec<u64>,
    /// The names of objects that the server made itself and that no rule has used yet: it chooses them.
    pub(crate) named: VecDeque<u64>,
    effects: VecDeque<Effect>,
    events: VecDeque<Event>,
    /// Peers that were told goodbye in this turn, in order.
    ended: Vec<usize>,
    repositories: u32,
    /// Refusals that the operator must have been told of, by what was wrong.
    pub(crate) refused: Vec<&'static str>,
    /// How often each rule was at work.
    pub(crate) counts: BTreeMap<&'static str, u64>,
}

/// A peer of the server.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) stage: Stage,
    pub(crate) repository: Option<u32>,
    /// It was told goodbye: it hears nothing more, and is over when the turn is.
    is_ended: bool,
    zones: BTreeSet<u32>,
    /// Zones that it chose before its handshake was finished.
    chosen: Option<BTreeSet<u32>>,
    /// It and the server have told each other that they know automatic interest.
    knows: bool,
    /// How often it has asked for other zones, if the server answers that.
    zone_changes: u32,
    /// What it must be told and was not sent yet.
    pub(crate) unsent: Vec<Said>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stage {
    /// It has been greeted.
    New,
    Ready,
    Over,
}

/// An object.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) kind: u8,
    pub(crate) owner: u32,
    pub(crate) zone: u32,
    pub(crate) look: Look,
}

/// Something that waits for a handler to pass.
#[derive(Debug)]
enum Effect {
    Destroy(u64),
    Move(u64, u32),
    Later(Act),
    Disconnect(usize),
    /// A call of the server to its own view.
    Call(u64, app::Script),
}

/// What the application is told of.
#[derive(Debug)]
enum Event {
    Connected(usize),
    Gone(usize),
}

/// Who is told.
#[derive(Clone, Copy, Debug)]
enum To {
    Viewers(u64),
    /// The owner, if it sees the object.
    Owner(u64),
    Everyone,
    AllBut(usize),
    One(usize),
}

/// What a handler leads to, if it passes.
#[derive(Debug, Default)]
struct Outcome {
    said: Vec<(To, Said)>,
    effects: Vec<Effect>,
}

/// The repository of the server's own objects.
const OWN: u32 = 1;

type Refused = Result<(), &'static str>;

impl Rules {
    pub(crate) fn new(world: World) -> Self {
        Self {
            world,
            peers: Vec::new(),
            objects: BTreeMap::new(),
            born: Vec::new(),
            named: VecDeque::new(),
            effects: VecDeque::new(),
            events: VecDeque::new(),
            ended: Vec::new(),
            repositories: 127,
            refused: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    /// A connection is made: the server greets.
    pub(crate) fn open(&mut self, announces: bool) {
        let World { zones, interest, .. } = self.world;
        let knows = announces && zones != Zones::None && interest != Interest::OnRequest;
        let (zones, chosen) = (BTreeSet::new(), None);
        let unsent = vec![Said::Motd];
        let (stage, repository, is_ended, zone_changes) = (Stage::New, None, false, 0);
        self.peers.push(Peer { stage, repository, is_ended, zones, chosen, knows, zone_changes, unsent });
    }

    /// The transport of a connection is gone: what it was not sent, it never hears.
    pub(crate) fn lose(&mut self, peer: usize) {
        self.peers[peer].unsent.clear();
        if self.peers[peer].stage != Stage::Over {
            self.count("lost");
            self.over(peer);
        }
        self.settle();
    }

    /// The server ends a connection.
    pub(crate) fn kick(&mut self, peer: usize) {
        self.close(peer, ENOUGH);
        self.settle();
    }

    /// The server ends: everyone is told, and nothing else.
    pub(crate) fn shut_down(&mut self) {
        for peer in self.peers.iter_mut().filter(|peer| peer.stage != Stage::Over) {
            peer.unsent.push(Said::Shutdown);
            peer.stage = Stage::Over;
        }
    }

    /// What the application does from outside of handlers.
    pub(crate) fn act(&mut self, acts: &[Act]) {
        acts.iter().for_each(|act| self.perform(act));
        self.settle();
    }

    /// A message of a peer's, after which everything that follows from it is done.
    pub(crate) fn handle(&mut self, from: usize, request: &Request) {
        match self.peers[from].stage {
            Stage::Over => {}
            Stage::New => self.greet(from, request),
            Stage::Ready => {
                if let Err(why) = self.serve(from, request) {
                    self.refuse(why);
                }
            }
        }
        self.settle();
    }

    // ---- connections

    /// Before its HELLO a peer may set parameters and leave, and nothing else.
    fn greet(&mut self, from: usize, request: &Request) {
        match request {
            Request::Hello => self.admit(from),
            Request::Zones(zones) => match self.world.zones {
                Zones::Chosen | Zones::Ruled => {
                    self.peers[from].chosen = Some(zones.iter().copied().collect());
                }
                Zones::Granted => self.refuse("zones are granted"),
                Zones::None => {}
            },
            Request::Repository(_) | Request::Unfinished => {}
            Request::Bye | Request::Shutdown => self.over(from),
            Request::Forge(_) => self.close(from, 37),
            Request::Garbage => self.close(from, 32),
            _ => self.close(from, 4),
        }
    }

    fn admit(&mut self, from: usize) {
        self.repositories += 1;
        let repository = self.repositories;
        let peer = &mut self.peers[from];
        peer.stage = Stage::Ready;
        peer.repository = Some(repository);
        peer.unsent.extend(self.world.announces.then_some(Said::Schema));
        peer.unsent.push(Said::Repository(repository));
        let chosen = peer.chosen.take();
        // What was granted before the handshake is shown now.
        let granted = std::mem::take(&mut peer.zones);
        self.see(from, granted);
        if let Some(zones) = chosen {
            self.choose(from, zones);
        }
        self.events.push_back(Event::Connected(from));
    }

    /// A peer chooses its zones: it sees those that the rule allows, and is told if that is not all.
    fn choose(&mut self, from: usize, mut zones: BTreeSet<u32>) {
        let is_refused = self.world.zones == Zones::Ruled && zones.remove(&FORBIDDEN);
        self.see(from, zones.clone());
        if is_refused {
            self.say(To::One(from), Said::Zones(zones.into_iter().collect()));
            self.refuse("a zone that the rule does not allow");
        }
    }

    /// A peer that knows automatic interest hears what came of its wish.
    fn answer(&mut self, from: usize) {
        let peer = &mut self.peers[from];
        if peer.knows {
            peer.zone_changes += 1;
            let (change, zones) = (peer.zone_changes, peer.zones.iter().copied().collect());
            self.say(To::One(from), Said::Shown(change, zones));
        }
    }

    /// A peer sees exactly `zones` from now on. With automatic interest it is shown what is new and told what ends for
    /// it; by version 3 it hears nothing.
    fn see(&mut self, from: usize, zones: BTreeSet<u32>) {
        let before = std::mem::replace(&mut self.peers[from].zones, zones.clone());
        let peer = &self.peers[from];
        let is_shown = match self.world.interest {
            Interest::OnRequest => false,
            Interest::Automatic => peer.knows,
            _ => true,
        };
        if peer.stage != Stage::Ready || !is_shown || self.world.zones == Zones::None {
            return;
        }
        let knows = peer.knows;
        for zone in before.difference(&zones) {
            for id in self.inside(*zone) {
                if !self.is_keeper(from, id) {
                    self.count("out of sight by a change of zones");
                    self.say(To::One(from), Said::Destroy(id));
                }
            }
        }
        for zone in zones.difference(&before) {
            for id in self.inside(*zone) {
                self.count("in sight by a change of zones");
                self.show(from, id);
            }
            if knows {
                self.say(To::One(from), Said::Complete(*zone));
            }
        }
    }

    fn inside(&self, zone: u32) -> Vec<u64> {
        self.objects.iter().filter(|(_, thing)| thing.zone == zone).map(|(id, _)| *id).collect()
    }

    /// Who made an object keeps it when it is out of sight, unless it knows automatic interest: version 3 cannot bring
    /// it back.
    fn is_keeper(&self, peer: usize, id: u64) -> bool {
        let peer = &self.peers[peer];
        !peer.knows && peer.repository.is_some_and(|maker| u64::from(maker) == id >> 32)
    }

    fn serve(&mut self, from: usize, request: &Request) -> Refused {
        match request {
            Request::Hello => self.close(from, 1),
            Request::Zones(zones) => {
                match self.world.zones {
                    Zones::Chosen | Zones::Ruled => self.choose(from, zones.iter().copied().collect()),
                    Zones::Granted => self.refuse("zones are granted"),
                    Zones::None => {}
                }
                self.answer(from);
            }
            Request::Repository(_) | Request::Unfinished => {}
            Request::Bye | Request::Shutdown => self.over(from),
            Request::Forge(_) => self.close(from, 37),
            Request::Garbage => self.close(from, 32),
            Request::Call { object, call } => return self.call(from, *object, call),
            Request::Create { local, kind, owner, zone, calls } => {
                return self.create_for(from, *local, *kind, *owner, *zone, calls);
            }
            Request::Delete(object) => return self.delete(from, *object),
            Request::ShowAll => self.show_all(from),
            Request::Ask(None) => return Err("arguments"),
            Request::Ask(Some(steps)) => return self.ask(from, steps),
        }
        Ok(())
    }

    /// A connection is told goodbye, and hears nothing behind it.
    fn close(&mut self, peer: usize, reason: u8) {
        let known = &mut self.peers[peer];
        if known.stage != Stage::Over && !std::mem::replace(&mut known.is_ended, true) {
            known.unsent.push(Said::Bye(reason));
            self.ended.push(peer);
            self.count("ended by the server");
        }
    }

    /// A connection is over: it hears nothing more, and its objects end, unless their kind is kept.
    fn over(&mut self, peer: usize) {
        self.peers[peer].stage = Stage::Over;
        self.events.push_back(Event::Gone(peer));
        let Some(repository) = self.peers[peer].repository else {
            return;
        };
        let of_owner = |(id, it): (&u64, &Thing)| (it.owner == repository).then_some((*id, it.kind));
        let left: Vec<(u64, u8)> = self.objects.iter().filter_map(of_owner).collect();
        for (id, kind) in left {
            if KINDS[usize::from(kind)].is_kept {
                self.count("kept without its owner");
            } else {
                self.count("destroyed with its owner");
                self.destroy(id);
            }
        }
    }

    // ---- requests

    /// Exists, visible, role and owner, types, handler: in this order.
    fn call(&mut self, from: usize, object: u64, call: &Call) -> Refused {
        let thing = self.objects.get(&object).ok_or("no such object")?;
        let peer = &self.peers[from];
        let is_owner = peer.repository == Some(thing.owner);
        if !is_owner && !self.sees(from, thing.zone) {
            return Err("not visible");
        }
        let steps = permitted(call, is_owner)?;
        let outcome = self.run(object, steps, true)?;
        self.keep(outcome);
        Ok(())
    }

    fn create_for(
        &mut self,
        from: usize,
        local: u32,
        kind: u8,
        owner: u32,
        zone: u32,
        calls: &[Call],
    ) -> Refused {
        let Some(known) = KINDS.get(usize::from(kind)) else {
            self.close(from, 6);
            return Ok(());
        };
        let repository = self.peers[from].repository.expect("whoever is ready has one");
        let id = u64::from(repository) << 32 | u64::from(local);
        if !known.is_anyones {
            return Err("the server's to create");
        }
        if owner != 0 && owner != repository {
            return Err("somebody else's");
        }
        if !self.sees(from, zone) {
            return Err("a zone that it does not see");
        }
        if self.objects.contains_key(&id) {
            return Err("local id in use");
        }
        self.count("created by a client");
        self.bring_up(id, Thing { kind, owner: repository, zone, look: Look::default() }, calls);
        Ok(())
    }

    /// The calls of a creation run first, then all who see it get it complete, then what the calls sent.
    fn bring_up(&mut self, id: u64, thing: Thing, calls: &[Call]) {
        let kind = thing.kind;
        self.objects.insert(id, thing);
        let mut outcomes = Outcome::default();
        for call in calls {
            match permitted(call, true).and_then(|steps| self.run(id, steps, false)) {
                Ok(outcome) => {
                    outcomes.said.extend(outcome.said);
                    outcomes.effects.extend(outcome.effects);
                }
                Err(_) if id >> 32 == u64::from(OWN) => {}
                Err(_) => self.refuse("a carried call"),
            }
        }
        let zone = self.objects[&id].zone;
        for peer in 0..self.peers.len() {
            if self.sees(peer, zone) {
                self.show(peer, id);
            }
        }
        self.keep(outcomes);
        self.born.push(id);
        if KINDS[usize::from(kind)].has_rites {
            let level = self.objects[&id].look.level + 100;
            let steps = [Step::Level(level), Step::Shout(FIRST_WORDS)];
            let outcome = self.run(id, &steps, true).expect("nothing in it refuses");
            self.keep(outcome);
        }
    }

    fn delete(&mut self, from: usize, object: u64) -> Refused {
        let thing = self.objects.get(&object).ok_or("no such object")?;
        if Some(thing.owner) != self.peers[from].repository {
            return Err("not the owner");
        }
        self.count("deleted by its owner");
        self.destroy(object);
        Ok(())
    }

    fn show_all(&mut self, from: usize) {
        let visible = self.objects.iter().filter(|(_, thing)| self.sees(from, thing.zone));
        let mut visible: Vec<(u32, u64)> = visible.map(|(id, thing)| (thing.zone, *id)).collect();
        visible.sort_unstable();
        for (_, id) in visible {
            self.count("shown on request");
            self.show(from, id);
        }
    }

    // ---- what handlers have asked for

    fn keep(&mut self, outcome: Outcome) {
        outcome.said.into_iter().for_each(|(to, said)| self.say(to, said));
        self.effects.extend(outcome.effects);
    }

    /// Does what handlers have asked for, in the order of asking, and what follows from that.
    fn settle(&mut self) {
        loop {
            self.do_effects();
            if !self.ended.is_empty() {
                std::mem::take(&mut self.ended).into_iter().for_each(|peer| self.over(peer));
            } else if let Some(event) = self.events.pop_front() {
                self.tell(&event);
            } else {
                return;
            }
        }
    }

    fn do_effects(&mut self) {
        while let Some(effect) = self.effects.pop_front() {
            match effect {
                Effect::Destroy(id) => self.destroy(id),
                Effect::Disconnect(peer) => self.close(peer, ENOUGH),
                Effect::Move(id, zone) => self.relocate(id, zone),
                Effect::Later(act) => {
                    self.count("deferred");
                    self.perform(&act);
                }
                Effect::Call(id, steps) => match self.objects.contains_key(&id) {
                    false => self.refuse("no such object"),
                    true => match self.run(id, &steps, true) {
                        Ok(outcome) => self.keep(outcome),
                        Err(why) => self.refuse(why),
                    },
                },
            }
        }
    }

    /// The application hears of what a message has caused before the next one is looked at.
    fn tell(&mut self, event: &Event) {
        match *event {
            Event::Connected(peer) if self.world.zones == Zones::Granted => self.grant(peer, vec![ENTRANCE]),
            Event::Connected(_) => {}
            Event::Gone(peer) => {
                let number = u32::try_from(peer).expect("few peers");
                self.say(To::Everyone, Said::Post(FIRST_GONE + number));
            }
        }
    }

    // ---- what the server does itself

    fn perform(&mut self, act: &Act) {
        let peer = |number: u8| pick(number, self.peers.len());
        let object = |number: u8| {
            let id = self.born[pick(number, self.born.len())?];
            self.objects.contains_key(&id).then_some(id)
        };
        match act {
            Act::Create { kind, zone, owner, level } => {
                let owner = owner.and_then(peer).map(|owner| &self.peers[owner]);
                let owner = owner.filter(|owner| owner.stage == Stage::Ready);
                let owner = owner.and_then(|owner| owner.repository).unwrap_or(OWN);
                let Some(id) = self.named.pop_front() else {
                    return self.count("an object that the server did not name");
                };
                let thing = Thing { kind: *kind, owner, zone: *zone, look: Look::default() };
                self.bring_up(id, thing, &[Call::own(app::poke(*level))]);
            }
            Act::Kick(who) => peer(*who).into_iter().for_each(|peer| self.close(peer, ENOUGH)),
            Act::Destroy(it) => object(*it).into_iter().for_each(|id| self.destroy(id)),
            Act::Move(it, zone) => object(*it).into_iter().for_each(|id| self.relocate(id, *zone)),
            Act::Shout(it, number) => {
                let id = object(*it);
                id.into_iter().for_each(|id| self.say(To::Viewers(id), Said::Heard(id, *number)));
            }
            Act::Whisper(it, number) => {
                let Some(id) = object(*it) else { return };
                let owner = Some(self.objects[&id].owner);
                if let Some(to) = self.peers.iter().position(|peer| peer.repository == owner) {
                    self.say(To::One(to), Said::Whispered(id, *number));
                }
            }
            Act::Tell(it, who, number) => {
                if let (Some(id), Some(to)) = (object(*it), peer(*who))
                    && self.peers[to].stage == Stage::Ready
                {
                    self.say(To::One(to), Said::Heard(id, *number));
                }
            }
            Act::Poke(it, level) => {
                self.effects.extend(object(*it).map(|id| Effect::Call(id, app::poke(*level))));
            }
            Act::With(it, level) => {
                let Some(id) = object(*it) else { return };
                if let Ok(outcome) = self.run(id, &app::poke(*level), true) {
                    self.keep(outcome);
                }
            }
            Act::Post(number) => self.say(To::Everyone, Said::Post(*number)),
            Act::PostTo(who, number) => {
                peer(*who).into_iter().for_each(|to| self.say(To::One(to), Said::Post(*number)));
            }
            Act::Grant(who, mask) => {
                let to = peer(*who).filter(|_| self.world.zones == Zones::Granted);
                to.into_iter().for_each(|to| self.grant(to, app::zones(*mask)));
            }
        }
    }

    fn grant(&mut self, to: usize, zones: Vec<u32>) {
        let set = zones.iter().copied().collect();
        // It is told if it did not see exactly these already.
        if self.peers[to].stage != Stage::Over && self.peers[to].zones != set {
            self.say(To::One(to), Said::Zones(zones));
            self.see(to, set);
        }
    }

    fn destroy(&mut self, id: u64) {
        let Some(thing) = self.objects.get(&id).cloned() else {
            return;
        };
        if KINDS[usize::from(thing.kind)].has_rites {
            self.say(To::Viewers(id), Said::Heard(id, LAST_WORDS));
        }
        let zone = thing.zone;
        self.say(To::Viewers(id), Said::Destroy(id));
        for peer in 0..self.peers.len() {
            if self.peers[peer].stage == Stage::Ready && self.is_keeper(peer, id) && !self.sees(peer, zone) {
                self.count("ended where it was kept");
                self.say(To::One(peer), Said::Destroy(id));
            }
        }
        self.objects.remove(&id);
    }

    /// Who loses sight of it sees its end, who gains sight of it sees it appear, who sees both zones notices nothing.
    fn relocate(&mut self, id: u64, zone: u32) {
        let Some(thing) = self.objects.get_mut(&id) else {
            return;
        };
        let before = std::mem::replace(&mut thing.zone, zone);
        if before == zone || self.world.zones == Zones::None {
            return;
        }
        for peer in 0..self.peers.len() {
            match (self.sees(peer, before), self.sees(peer, zone)) {
                (true, false) if self.is_keeper(peer, id) => self.count("kept by its maker"),
                (true, false) => {
                    self.count("moved out of sight");
                    self.say(To::One(peer), Said::Destroy(id));
                }
                (false, true) => {
                    self.count("moved into sight");
                    self.show(peer, id);
                }
                // Who sees both is told where it is, if that is not a beginning to it.
                (true, true) if self.peers[peer].knows => self.say(To::One(peer), self.generation(id)),
                _ => {}
            }
        }
    }

    // ---- who is told

    /// A peer is shown an object, complete: with all of its state that is the peer's to see.
    fn show(&mut self, peer: usize, id: u64) {
        self.say(To::One(peer), self.generation(id));
        for property in properties(&self.objects[&id].look.clone()) {
            if !is_private(&property) || self.owns(peer, id) {
                self.say(To::One(peer), Said::Set(id, property));
            }
        }
        self.say(To::One(peer), Said::Done(id));
    }

    fn generation(&self, id: u64) -> Said {
        let Thing { kind, owner, zone, .. } = self.objects[&id];
        Said::Generate { object: id, kind: kind.into(), owner, zone }
    }

    fn owns(&self, peer: usize, id: u64) -> bool {
        self.peers[peer].repository == Some(self.objects[&id].owner)
    }

    /// Whether a handshaken peer sees a zone; without zones everyone sees everything.
    fn sees(&self, peer: usize, zone: u32) -> bool {
        let peer = &self.peers[peer];
        peer.stage == Stage::Ready && (self.world.zones == Zones::None || peer.zones.contains(&zone))
    }

    fn say(&mut self, to: To, said: Said) {
        for peer in 0..self.peers.len() {
            let stage = self.peers[peer].stage;
            let is_told = match to {
                To::Viewers(id) => self.sees(peer, self.objects[&id].zone),
                To::Owner(id) => self.sees(peer, self.objects[&id].zone) && self.owns(peer, id),
                To::Everyone => stage == Stage::Ready,
                To::AllBut(except) => stage == Stage::Ready && peer != except,
                To::One(one) => stage != Stage::Over && peer == one,
            };
            if is_told && !self.peers[peer].is_ended {
                self.peers[peer].unsent.push(said.clone());
            }
        }
    }

    fn refuse(&mut self, why: &'static str) {
        self.refused.push(why);
        self.count(why);
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}
