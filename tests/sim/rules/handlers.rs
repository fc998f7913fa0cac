//! The rules of handlers, on paper: what a script leads to, which is kept whole or not at all.

use super::{Effect, Outcome, Refused, Rules, Stage, To};
use crate::app::{Look, Property, Step, pick};
use crate::said::{Call, Said};

impl Rules {
    /// A message handler: what it sends is undone if it refuses, and the sender ends by that.
    pub(super) fn ask(&mut self, from: usize, steps: &[Step]) -> Refused {
        let mut outcome = Outcome::default();
        for step in steps {
            let (to, number) = match step {
                Step::Shout(number) => (To::Everyone, *number),
                Step::Whisper(number) => (To::One(from), *number),
                Step::Post(number) => (To::AllBut(from), *number),
                Step::Tell(who, number) => match pick(*who, self.peers.len()) {
                    Some(who) => (To::One(who), *number),
                    None => continue,
                },
                Step::Later(act) => {
                    outcome.effects.push(Effect::Later(act.clone()));
                    continue;
                }
                Step::Kick(who) => {
                    outcome.effects.extend(pick(*who, self.peers.len()).map(Effect::Disconnect));
                    continue;
                }
                Step::Reject => {
                    self.count("a message that ends its sender");
                    self.close(from, 10);
                    return Err("as asked");
                }
                Step::Panic => return Err("a panic"),
                _ => continue,
            };
            outcome.said.push((to, Said::Post(number)));
        }
        self.keep(outcome);
        Ok(())
    }

    /// Runs a handler: kept whole by the caller, or not at all. State goes before calls, in order of statements.
    pub(super) fn run(&mut self, id: u64, steps: &[Step], announces: bool) -> Result<Outcome, &'static str> {
        let thing = &self.objects[&id];
        let owner = self.peers.iter().position(|peer| peer.repository == Some(thing.owner));
        let mut hand =
            Hand { id, announces, is_touched: false, is_unsendable: false, outcome: Outcome::default() };
        let (mut look, mut kept) = (thing.look.clone(), thing.look.clone());
        for step in steps {
            match step {
                Step::Level(level) => look.level = *level,
                Step::Name(name) => look.name = name.to_string(),
                Step::Loud(loud) => look.loud = *loud,
                Step::Rate(rate) => look.rate = rate.map_or(f32::NAN, f32::from),
                Step::Purse(purse) => look.purse = *purse,
                Step::Shout(number) => {
                    hand.compare(&look, &mut kept);
                    hand.say(To::Viewers(id), Said::Heard(id, *number));
                }
                Step::Whisper(number) => {
                    hand.compare(&look, &mut kept);
                    let owner = owner.filter(|owner| self.peers[*owner].stage == Stage::Ready);
                    owner.into_iter().for_each(|to| hand.say(To::One(to), Said::Whispered(id, *number)));
                }
                Step::Tell(who, number) => {
                    if let Some(to) = pick(*who, self.peers.len()) {
                        hand.compare(&look, &mut kept);
                        // Calls are for those who have shaken hands.
                        if self.peers[to].stage == Stage::Ready {
                            hand.say(To::One(to), Said::Heard(id, *number));
                        }
                    }
                }
                Step::Post(number) => hand.say(To::Everyone, Said::Post(*number)),
                Step::Move(zone) => hand.outcome.effects.push(Effect::Move(id, *zone)),
                Step::Kick(who) => {
                    hand.outcome.effects.extend(pick(*who, self.peers.len()).map(Effect::Disconnect));
                }
                Step::Destroy => hand.outcome.effects.push(Effect::Destroy(id)),
                Step::Later(act) => hand.outcome.effects.push(Effect::Later(act.clone())),
                Step::Reject | Step::Panic => {
                    if kept != thing.look {
                        self.count("rolled back after state was sent");
                    }
                    return Err(if *step == Step::Panic { "a panic" } else { "as asked" });
                }
            }
            hand.is_touched |= step.is_of_state();
        }
        hand.compare(&look, &mut kept);
        if hand.is_unsendable {
            return Err("cannot be sent");
        }
        self.objects.get_mut(&id).expect("handlers remove nothing").look = kept;
        Ok(hand.outcome)
    }
}

/// What a handler does as it goes.
struct Hand {
    id: u64,
    announces: bool,
    /// State was taken to be changed since the last comparison.
    is_touched: bool,
    /// State was found that cannot be sent.
    is_unsendable: bool,
    outcome: Outcome,
}

impl Hand {
    fn say(&mut self, to: To, said: Said) {
        self.outcome.said.push((to, said));
    }

    /// Says what differs from what was said before; `loud` is said always once state was touched.
    fn compare(&mut self, look: &Look, kept: &mut Look) {
        if !std::mem::take(&mut self.is_touched) {
            return;
        }
        self.is_unsendable |= look.rate.is_nan();
        for (now, before) in properties(look).zip(properties(kept)) {
            if self.announces && (now != before || matches!(now, Property::Loud(_))) {
                let to = if is_private(&now) { To::Owner(self.id) } else { To::Viewers(self.id) };
                self.say(to, Said::Set(self.id, now));
            }
        }
        kept.clone_from(look);
    }
}

/// Whether a property is its owner's alone to see.
pub(super) fn is_private(property: &Property) -> bool {
    matches!(property, Property::Purse(_))
}

/// The properties of a kind, in order of declaration.
pub(super) fn properties(look: &Look) -> impl Iterator<Item = Property> {
    let Look { level, name, loud, rate, purse } = look.clone();
    let viewers = [Property::Level(level), Property::Name(name), Property::Loud(loud), Property::Rate(rate)];
    viewers.into_iter().chain([Property::Purse(purse)])
}

/// What a peer may ask a handler to do: calls of the server's role, if it is the owner's or anyone's to make.
pub(super) fn permitted(call: &Call, is_owner: bool) -> Result<&[Step], &'static str> {
    match call.place {
        (1, 0) => {}
        (1, 1) if is_owner => {}
        (1, 1) => return Err("not the owner"),
        (1, 2) => return Err("the server's to call"),
        (0, 0..=6) => return Err("not this role's"),
        _ => return Err("no such field"),
    }
    call.steps.as_deref().ok_or("arguments")
}
