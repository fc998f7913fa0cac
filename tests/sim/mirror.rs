//! The rules of a client, on paper: what its views see of what a server says, and what it may ask for.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::{Gone, Look, Property, Reaction, Seen, Told, answer, reaction};
use crate::said::{Call, Request, Said};

/// A client, from one connection to the next.
#[derive(Debug, Default)]
pub(crate) struct Mirror {
    /// How far the handshake is.
    pub(crate) is_greeted: bool,
    pub(crate) repository: Option<u32>,
    /// The zones that it asked for or was granted, whichever was last.
    pub(crate) zones: BTreeSet<u32>,
    /// How often it has asked for others.
    pub(crate) zone_changes: u32,
    /// It has said SHUTDOWN and hears the server out.
    pub(crate) is_leaving: bool,
    pub(crate) replicas: BTreeMap<u64, Replica>,
    /// What its views and its event handlers must have seen, and were not looked at yet.
    pub(crate) seen: Vec<Seen>,
    pub(crate) told: Vec<Told>,
    /// What it must have asked for, and was not sent yet.
    pub(crate) asked: Vec<Request>,
}

/// An object as the client knows it: it may be long gone, if the client was not told.
#[derive(Debug)]
pub(crate) struct Replica {
    kind: u16,
    pub(crate) owner: u32,
    pub(crate) zone: u32,
    pub(crate) look: Look,
    pub(crate) is_complete: bool,
}

impl Mirror {
    /// The client hears one message.
    pub(crate) fn hear(&mut self, said: &Said) {
        match said {
            Said::Motd => {
                self.is_greeted = true;
                self.told.push(Told::Greeted);
                self.asked.push(Request::Hello);
            }
            Said::Schema => {}
            Said::Repository(number) => {
                self.repository = Some(*number);
                self.told.push(Told::Connected(*number));
            }
            Said::Zones(zones) => {
                self.zones = zones.iter().copied().collect();
                self.told.push(Told::Zones);
            }
            Said::Complete(zone) => self.told.push(Told::Complete(*zone)),
            // What was asked for since is answered later.
            Said::Shown(change, zones) => {
                if *change == self.zone_changes {
                    self.zones = zones.iter().copied().collect();
                }
            }
            Said::Generate { object, kind, owner, zone } => self.appears(*object, *kind, *owner, *zone),
            Said::Set(object, property) => self.set(*object, property),
            Said::Done(object) => self.is_done(*object),
            Said::Heard(object, number) => self.heard(*object, *number),
            Said::Whispered(object, number) => {
                if let Some(look) = self.look(*object) {
                    self.seen.push(Seen::Whispered { object: *object, number: *number, look });
                }
            }
            Said::Destroy(object) => self.forget(*object),
            Said::Post(number) => self.seen.push(Seen::Post(*number)),
            Said::Bye(reason) => self.gone(Gone::ByPeer(*reason)),
            Said::Shutdown => self.gone(Gone::PeerShutdown),
        }
    }

    /// The connection is over: all that the server showed ends, by zone and then by name.
    pub(crate) fn gone(&mut self, why: Gone) {
        let mut replicas: Vec<(u32, u64)> = self.replicas.iter().map(|(id, it)| (it.zone, *id)).collect();
        replicas.sort_unstable();
        replicas.into_iter().for_each(|(_, id)| self.forget(id));
        self.told.push(Told::Gone(why));
        self.is_greeted = false;
        self.repository = None;
        self.zones.clear();
        self.zone_changes = 0;
    }

    pub(crate) fn knows(&self, object: u64) -> bool {
        self.replicas.contains_key(&object)
    }

    pub(crate) fn owns(&self, object: u64) -> bool {
        self.replicas.get(&object).is_some_and(|it| Some(it.owner) == self.repository)
    }

    /// An object that is known keeps its view, which is told of no beginning. Of another kind it is another object, and
    /// the end of the first was not heard.
    fn appears(&mut self, object: u64, kind: u16, owner: u32, zone: u32) {
        if self.replicas.get(&object).is_some_and(|known| known.kind != kind) {
            self.forget(object);
        }
        let new = Replica { kind, owner, zone, look: Look::default(), is_complete: false };
        let replica = self.replicas.entry(object).or_insert(new);
        (replica.owner, replica.zone) = (owner, zone);
    }

    /// State comes without a word until the object is complete.
    fn set(&mut self, object: u64, property: &Property) {
        let Some(replica) = self.replicas.get_mut(&object) else {
            return;
        };
        let look = &mut replica.look;
        let old = match property {
            Property::Level(level) => Property::Level(std::mem::replace(&mut look.level, *level)),
            Property::Name(name) => Property::Name(std::mem::replace(&mut look.name, name.clone())),
            Property::Purse(purse) => Property::Purse(std::mem::replace(&mut look.purse, *purse)),
            Property::Rate(rate) => Property::Rate(std::mem::replace(&mut look.rate, *rate)),
            Property::Loud(loud) => Property::Loud(std::mem::replace(&mut look.loud, *loud)),
        };
        if replica.is_complete {
            self.seen.push(Seen::Changed { object, old, look: replica.look.clone() });
        }
    }

    fn is_done(&mut self, object: u64) {
        let Some(replica) = self.replicas.get_mut(&object) else {
            return;
        };
        if !std::mem::replace(&mut replica.is_complete, true) {
            let Replica { owner, zone, .. } = *replica;
            self.seen.push(Seen::Generate { object, owner, zone, look: replica.look.clone() });
        }
    }

    fn heard(&mut self, object: u64, number: u32) {
        let Some(look) = self.look(object) else {
            return;
        };
        self.seen.push(Seen::Heard { object, number, look });
        if reaction(number) == Reaction::Answers && self.owns(object) {
            let call = Request::Call { object, call: Call::own(answer(number)) };
            // Whoever is leaving has said its last word.
            self.asked.extend((!self.is_leaving).then_some(call));
        }
    }

    fn forget(&mut self, object: u64) {
        if let Some(replica) = self.replicas.remove(&object).filter(|it| it.is_complete) {
            self.seen.push(Seen::Destroy { object, look: replica.look });
        }
    }

    fn look(&self, object: u64) -> Option<Look> {
        self.replicas.get(&object).map(|it| it.look.clone())
    }
}
