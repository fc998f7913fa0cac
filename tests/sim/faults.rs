//! Faults that the simulation must find: each is a small change of the source that breaks one rule.
//!
//! The text to change must stand exactly once in its file, which a test of every run checks; so who rewrites such a
//! place is told, and gives the fault its new text here. Prefer texts that are short and say what they do.

/// A change of the source.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The rule that it breaks.
    pub(crate) rule: &'static str,
    /// The file, below `magicnet/src`.
    pub(crate) file: &'static str,
    /// What stands there.
    pub(crate) old: &'static str,
    /// What stands there instead.
    pub(crate) new: &'static str,
}

pub(crate) const FAULTS: &[Fault] = &[
    Fault {
        rule: "whoever does not see an object does not call it",
        file: "world/calls.rs",
        old: "let is_in_sight = !desk.routes.zoned || is_owner || sender.sees(entry.header.zone);",
        new: "let is_in_sight = !desk.routes.zoned || is_owner || sender.sees(entry.header.zone) || place.1 == 0;",
    },
    Fault {
        rule: "an owner's call is the owner's",
        file: "world/calls.rs",
        old: "Caller::Owner if is_owner => Ok(()),",
        new: "Caller::Owner if is_owner || field < 200 => Ok(()),",
    },
    Fault {
        rule: "nothing is stored before all checks have passed",
        file: "world/calls.rs",
        old: "may_call(entry, sender, place.1, field.kind, is_owner)?;",
        new: "let allowed = may_call(entry, sender, place.1, field.kind, is_owner);
        if allowed.is_err() {
            let mut early = arguments.clone();
            let _ = desk.run(turn, entry, Some(connection), true, |slot, scene| slot.call(scene, place.1, &mut early));
        }
        allowed?;",
    },
    Fault {
        rule: "a client creates only where it sees",
        file: "world/lifecycle.rs",
        old: "if self.desk.routes.zoned && !sender.sees(request.zone) {",
        new: "if self.desk.routes.zoned && sender.zones().is_empty() {",
    },
    Fault {
        rule: "a local id is used once",
        file: "world/lifecycle.rs",
        old: "if self.objects.contains(id) {",
        new: "if self.objects.contains(id) && request.owner != 0 {",
    },
    Fault {
        rule: "only the owner deletes",
        file: "world/lifecycle.rs",
        old: "Some(header) if header.origin == Origin::Here && Some(header.owner) == sender => {",
        new: "Some(header) if header.origin == Origin::Here && sender.is_some() => {",
    },
    Fault {
        rule: "whoever sees an object is told of its end",
        file: "world/lifecycle.rs",
        old: "self.desk.end(turn, object, self.desk.viewers(&entry.header));",
        new: "",
    },
    Fault {
        rule: "an object that has ended is not called any more",
        file: "world/lifecycle.rs",
        old: "self.end_at_keeper(turn, &entry.header);",
        new: "self.end_at_keeper(turn, &entry.header);
        self.objects.insert(entry);",
    },
    Fault {
        rule: "an object that moves appears to those who gain sight of it",
        file: "world/lifecycle.rs",
        old: "let gaining = shown(desk, Audience::ZoneUnless { zone, unless: before, except: None });",
        new: "let gaining = shown(desk, Audience::ZoneUnless { zone: before, unless: zone, except: None });",
    },
    Fault {
        rule: "objects of an owner that left end, unless their contract keeps them",
        file: "world/lifecycle.rs",
        old: "if entry.header.contract.on_owner_left == OwnerLeft::Destroy {",
        new: "if entry.header.contract.on_owner_left != OwnerLeft::Destroy {",
    },
    Fault {
        rule: "a snapshot has every property",
        file: "world/snapshot.rs",
        old: "for property in 0..entry.snapshot.properties() {",
        new: "for property in 1..entry.snapshot.properties() {",
    },
    Fault {
        rule: "what the calls of a creation send follows the object that it is about",
        file: "world/lifecycle.rs",
        old: "turn.move_before(before_calls, after_calls);",
        new: "let _ = (before_calls, after_calls);",
    },
    Fault {
        rule: "what happens in a zone is for those who see it",
        file: "world/post.rs",
        old: "Audience::Zone { zone: header.zone, except: None }",
        new: "Audience::Zone { zone: crate::ZoneId(header.zone.0 % 3 + 1), except: None }",
    },
    Fault {
        rule: "a call first sends what changed of its object's state",
        file: "world/scene.rs",
        old: "if let Some(state) = state.filter(|_| self.state_first.is_none()) {
            self.send_changes(state);
        }
        let header",
        new: "let _ = state;
        let header",
    },
    Fault {
        rule: "a property that is sent always is sent though it did not change",
        file: "world/scene.rs",
        old: "if is_changed || always {",
        new: "if is_changed || always && header.id.local() == 0 {",
    },
    Fault {
        rule: "a handler that refuses has sent nothing",
        file: "world/scene.rs",
        old: "turn.rollback(mark);
            self.effects.truncate(queued);
            entry.snapshot",
        new: "self.effects.truncate(queued);
            entry.snapshot",
    },
    Fault {
        rule: "a handler that refuses has changed no state",
        file: "world/scene.rs",
        old: "entry.snapshot.restore(&self.undo);",
        new: "",
    },
    Fault {
        rule: "a handler that refuses has asked for nothing",
        file: "world/scene.rs",
        old: "turn.rollback(mark);
            self.effects.truncate(queued);
            entry.snapshot",
        new: "turn.rollback(mark);
            entry.snapshot",
    },
    Fault {
        rule: "calls are for those who have shaken hands",
        file: "world/post.rs",
        old: "let is_viewer = |known: &&Connection| known.is_ready() && routes",
        new: "let is_viewer = |known: &&Connection| routes",
    },
    Fault {
        rule: "who is no longer let see a zone hears nothing of it",
        file: "world/showing.rs",
        old: "turn.command(Command::Unsubscribe(connection, zone));",
        new: "let _ = zone;",
    },
    Fault {
        rule: "an object that is shown again has begun once",
        file: "world/watch.rs",
        old: "if !std::mem::replace(&mut entry.is_complete, true) {",
        new: "entry.is_complete = true;
        {",
    },
    Fault {
        rule: "what goes to all but the sender does not go to the sender",
        file: "edge/log.rs",
        old: "Audience::Everyone { except } => {
            *except == Some(connection)",
        new: "Audience::Everyone { except } => {
            *except == Some(connection) && link.direct_bytes > 0",
    },
    Fault {
        rule: "who joins an audience hears what is said from then on",
        file: "edge/mod.rs",
        old: "self.log.pass(&mut self.links[connection]);",
        new: "",
    },
    Fault {
        rule: "what follows the end of a connection is not looked at",
        file: "edge/incoming.rs",
        old: "while let Some(link) = self.links.get_mut(connection).filter(|link| link.stage != Stage::Closing) {",
        new: "while let Some(link) = self.links.get_mut(connection) {",
    },
    Fault {
        rule: "before HELLO nothing is asked for",
        file: "edge/admission.rs",
        old: "if !link.is_shaken() && !self.config.before_handshake.contains(&id) {",
        new: "if !link.is_shaken() && id == MessageId::CREATE_OBJECT {",
    },
    Fault {
        rule: "a handler that refuses sees its old state the next time",
        file: "world/scene.rs",
        old: "restore_state(entry);
            }
        }",
        new: "}
        }",
    },
    Fault {
        rule: "what is asked for is done in the order of asking",
        file: "world/post.rs",
        old: "effects.push_back(local_call(header, place, arguments));",
        new: "effects.push_front(local_call(header, place, arguments));",
    },
    Fault {
        rule: "an object that its maker keeps out of sight ends there too",
        file: "world/lifecycle.rs",
        old: "self.end_at_keeper(turn, &entry.header);",
        new: "",
    },
    Fault {
        rule: "a zone that the rule does not allow is not seen",
        file: "world/zones.rs",
        old: "let refused = self.take_refused(connection, &mut zones);",
        new: "let refused = self.take_refused(connection, &mut zones.clone());",
    },
    Fault {
        rule: "a zone is complete when all that is in it was shown",
        file: "world/showing.rs",
        old: "for &zone in gained {",
        new: "for &zone in gained.iter().rev() {",
    },
    Fault {
        rule: "what is out of sight ends for those who are shown their zones",
        file: "world/showing.rs",
        old: "if self.may_show(entry, known) && leave.is_to_end(entry, known) && !leave.has_made(entry) {",
        new: "if leave.ended.is_some() && leave.is_to_end(entry, known) {",
    },
    Fault {
        rule: "frames are shared by those who are due the same",
        file: "edge/log.rs",
        old: "if may_share => Some(Share { set, from, until, view, takes_datagrams }),",
        new: "if may_share => Some(Share { set, from: 0, until, view, takes_datagrams }),",
    },
    Fault {
        rule: "what was handed out does not grow",
        file: "line/turn.rs",
        old: "let joins = self.segments.len() > self.sealed;",
        new: "let joins = self.segments.len() + 1 > self.sealed;",
    },
    Fault {
        rule: "a handler that refuses lets nothing grow that was said before it",
        file: "line/turn.rs",
        old: "last.range.end = last.range.end.min(mark.arena);",
        new: "",
    },
    Fault {
        rule: "state that is for the owner is shown to nobody else",
        file: "world/snapshot.rs",
        old: "if to == Receiver::Viewers {",
        new: "if to != Receiver::Server {",
    },
    Fault {
        rule: "under a tick too a call sees the state that it was made with",
        file: "edge/newest.rs",
        old: "is_some_and(|pin| *pin > older);",
        new: "is_some_and(|pin| *pin > older + 2);",
    },
    Fault {
        rule: "who reads in pieces gets all of them, once",
        file: "edge/link.rs",
        old: "        rest.start += written;",
        new: "        rest.start = written;",
    },
];
