//! What happens in a simulation: operations, drawn at random and independent of each other.
//!
//! An operation names clients, objects and connections by numbers that always mean something, whatever happened before.
//! So any list of operations is a simulation, and one that fails stays one when operations are cut out of it.

use magicnet::{Interest, Str};

use crate::app::{Act, Script, Step};

/// Clients that are nodes: as many as these, counted from 0.
pub(crate) const NODES: u8 = 3;
/// Peers that are played byte by byte: as many as these, counted on.
pub(crate) const RAW: u8 = 2;

/// A simulation.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) world: World,
    pub(crate) ops: Vec<Op>,
}

/// How the nodes are built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    pub(crate) zones: Zones,
    pub(crate) interest: Interest,
    /// Whether nodes tell each other what they are built from and know.
    pub(crate) announces: bool,
    /// Whether the server writes under a tick.
    pub(crate) ticks: bool,
}

/// Who decides which zones a client sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Zones {
    /// There are none: everyone sees everything.
    None,
    Granted,
    Chosen,
    /// The client, but for [`FORBIDDEN`].
    Ruled,
}

/// The zone that nobody may choose where there is a rule.
pub(crate) const FORBIDDEN: u32 = 4;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// A client connects, if it is not connected.
    Open(u8),
    /// A client asks for things, in one datagram.
    Ask(u8, Vec<Wish>),
    /// A client leaves with a word: DISCONNECT or, if `true`, SHUTDOWN.
    Leave(u8, bool),
    /// A transport breaks without a word.
    Cut(u8, Cut),
    /// The server does something outside of its handlers.
    Act(Vec<Act>),
    /// The server ends a connection.
    Kick(u8),
    /// The server writes what it has to say; under a tick, when the next one is over.
    Flush,
    /// A client reads no more than so many bytes from now on, or again all that there is.
    Read(u8, Option<u8>),
    /// The network carries some bytes of one of the streams under way.
    Carry { stream: u8, bytes: u16 },
    /// Everything under way arrives, and all that there is is compared.
    Rest,
}

/// Who notices that a transport breaks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    Both,
    /// The client still reads what was under way to it.
    ServerFirst,
    /// The server still reads what was under way to it.
    ClientFirst,
}

/// What a client would like. One that is a node says only what the library lets it say; one that is played says all.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// Once more: who is played says it by itself before its first wish.
    Hello,
    /// In front of all others: they are wished before HELLO.
    Early,
    See(u8),
    ShowAll,
    Call {
        object: u8,
        place: (u8, u8),
        steps: Option<Script>,
    },
    Create {
        kind: u8,
        zone: u32,
        fault: Fault,
        calls: Vec<Carried>,
    },
    Delete(u8),
    Say(Option<Script>),
    /// Takes the repository of somebody.
    Steal(u8),
    Forge(u8),
    Garbage,
    Unfinished,
}

/// What is wrong with a creation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    /// It is to belong to somebody else.
    Owner,
    /// Its local id was used before.
    LocalId,
    /// There is no such type.
    Type,
}

/// A call in a creation.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    pub(crate) place: (u8, u8),
    pub(crate) steps: Option<Script>,
}

/// The simulation of a seed.
pub(crate) fn plan(seed: u64) -> Plan {
    let mut random = Random::new(seed);
    let world = World {
        zones: [Zones::None, Zones::Granted, Zones::Chosen, Zones::Ruled][random.below(4)],
        interest: [Interest::OnRequest, Interest::Automatic, Interest::AutomaticForAll][random.below(3)],
        announces: random.one_in(2),
        // Apart from chance: what else a seed draws stays as it was before there were ticks.
        ticks: seed.is_multiple_of(3),
    };
    let len = 60 + random.below(300);
    let mut ops = Vec::with_capacity(len + 8);
    // Most clients are there from the beginning: the world is empty without them.
    for client in 0..NODES + RAW {
        if !random.one_in(5) {
            ops.push(Op::Open(client));
        }
    }
    // In most, all of them see all zones when it begins.
    if !random.one_in(4) {
        ops.push(Op::Rest);
        ops.extend((0..NODES + RAW).map(|client| Op::Ask(client, vec![Wish::See(15)])));
        ops.push(Op::Act((0..NODES + RAW).map(|client| Act::Grant(client, 15)).collect()));
        ops.push(Op::Rest);
    }
    while ops.len() < len {
        if random.one_in(30) {
            walk_in(&mut random, &mut ops);
        } else {
            ops.push(op(&mut random));
        }
    }
    if seed.is_multiple_of(2) {
        ops = with_slow_readers(&mut Random::new(!seed), ops);
    }
    Plan { world, ops }
}

/// Puts in between that clients read a few bytes at a time, and read on.
fn with_slow_readers(random: &mut Random, ops: Vec<Op>) -> Vec<Op> {
    let mut with = Vec::with_capacity(ops.len() * 2);
    for op in ops {
        if random.one_in(6) {
            let bytes = (!random.one_in(4)).then(|| random.number(60));
            with.push(Op::Read(random.number(NODES + RAW), bytes));
        }
        with.push(op);
    }
    with
}

/// Somebody changes its zones while there is talk in them, all of which may be written at once.
fn walk_in(random: &mut Random, ops: &mut Vec<Op>) {
    let (client, object) = (random.number(NODES + RAW), random.number(4));
    let talk = |random: &mut Random| Op::Act(vec![Act::Shout(object, random.word())]);
    ops.push(Op::Flush);
    ops.push(talk(random));
    ops.push(Op::Ask(client, vec![Wish::See(random.number(16))]));
    ops.extend((0..4).map(|_| Op::Carry { stream: random.number(u8::MAX), bytes: u16::MAX }));
    ops.push(talk(random));
    ops.push(Op::Flush);
}

fn op(random: &mut Random) -> Op {
    let client = random.number(NODES + RAW);
    match random.choice(Choice::Op, 64) {
        0..=2 => Op::Open(client),
        3 if random.one_in(2) => Op::Rest,
        3 => Op::Leave(client, random.one_in(3)),
        4 if random.one_in(2) => {
            Op::Cut(client, [Cut::Both, Cut::ServerFirst, Cut::ClientFirst][random.below(3)])
        }
        4 if random.one_in(2) => Op::Kick(client),
        4..=10 => Op::Act((0..=random.below(3)).map(|_| act(random)).collect()),
        11..=14 => Op::Flush,
        15..=28 => Op::Ask(client, (0..=random.below(3)).map(|_| wish(random, client)).collect()),
        _ => {
            let bytes = if random.one_in(3) { random.below(24) + 1 } else { usize::from(u16::MAX) };
            let bytes = u16::try_from(bytes).expect("few bytes");
            Op::Carry { stream: random.number(u8::MAX), bytes }
        }
    }
}

fn wish(random: &mut Random, client: u8) -> Wish {
    let object = random.number(u8::MAX);
    let choices = if client < NODES { 26 } else { 34 };
    match random.choice(Choice::Wish, choices) {
        0..=2 => Wish::See(random.number(8) | 1 << random.number(3)),
        3..=5 => Wish::ShowAll,
        6..=12 => Wish::Call { object, place: (1, random.number(2)), steps: Some(script(random)) },
        13..=19 => {
            let calls = (0..random.below(3)).map(|_| carried(random, client)).collect();
            let fault = if client < NODES { Fault::None } else { fault(random) };
            Wish::Create { kind: random.number(3), zone: zone(random), fault, calls }
        }
        20 | 21 => Wish::Delete(random.number(5)),
        22..=25 => Wish::Say(Some(script(random))),
        26 if random.one_in(2) => Wish::Hello,
        26 => Wish::Early,
        27..=29 => {
            let Carried { place, steps } = carried(random, client);
            Wish::Call { object, place, steps }
        }
        30 => Wish::Say(None),
        31 => Wish::Steal(random.number(u8::MAX)),
        32 if random.one_in(3) => Wish::Forge(object),
        32 if random.one_in(2) => Wish::Garbage,
        32 => Wish::Unfinished,
        _ => Wish::Early,
    }
}

fn fault(random: &mut Random) -> Fault {
    match random.below(12) {
        0 => Fault::Owner,
        1 | 2 => Fault::LocalId,
        3 if random.one_in(4) => Fault::Type,
        _ => Fault::None,
    }
}

/// A call as a client of the library may make it, or, by one that is played, any.
fn carried(random: &mut Random, client: u8) -> Carried {
    if client < NODES || random.one_in(2) {
        return Carried { place: (1, random.number(2)), steps: Some(script(random)) };
    }
    let steps = (!random.one_in(3)).then(|| script(random));
    Carried { place: (random.number(2), random.number(6)), steps }
}

fn script(random: &mut Random) -> Script {
    let steps: Vec<Step> = (0..=random.below(4)).map(|_| step(random)).collect();
    steps.try_into().expect("few steps")
}

fn step(random: &mut Random) -> Step {
    let number = random.word();
    match random.choice(Choice::Step, 29) {
        0..=4 => Step::Level(level(random)),
        5 | 6 => Step::Name(Str::truncated(["", "a", "bob", "somebody"][random.below(4)])),
        7 | 8 => Step::Loud(random.number(2)),
        9..=12 => Step::Shout(number),
        13 => Step::Whisper(number),
        14 => Step::Tell(random.number(u8::MAX), number),
        15 | 16 => Step::Post(number),
        17 => Step::Move(zone(random)),
        18 if random.one_in(2) => Step::Destroy,
        18..=20 => Step::Later(act(random)),
        21 if random.one_in(2) => Step::Panic,
        22 => Step::Rate((!random.one_in(3)).then(|| random.number(3))),
        23 if random.one_in(8) => Step::Kick(random.number(u8::MAX)),
        24 => Step::Reject,
        27 | 28 => Step::Purse(random.number(3)),
        _ => Step::Shout(number),
    }
}

fn act(random: &mut Random) -> Act {
    let (object, number) = (random.number(u8::MAX), random.word());
    match random.choice(Choice::Act, 24) {
        0..=3 => {
            let owner = random.one_in(3).then(|| random.number(u8::MAX));
            Act::Create { kind: random.number(3), zone: zone(random), owner, level: level(random) }
        }
        4 => Act::Destroy(object),
        5..=7 => Act::Move(object, zone(random)),
        8 | 9 => Act::Shout(object, number),
        10 => Act::Whisper(object, number),
        11 => Act::Tell(object, random.number(u8::MAX), number),
        12..=14 => Act::Poke(object, level(random)),
        15 | 16 => Act::With(object, level(random)),
        17 if random.one_in(8) => Act::Kick(random.number(u8::MAX)),
        17 => Act::Post(number),
        18 => Act::PostTo(random.number(u8::MAX), number),
        _ => Act::Grant(random.number(u8::MAX), random.number(8) | 1 << random.number(3)),
    }
}

/// Few, so that a property is often set to what it was.
fn level(random: &mut Random) -> i32 {
    i32::from(random.number(5)) - 1
}

/// Few, so that clients meet in them.
fn zone(random: &mut Random) -> u32 {
    u32::from(random.number(3)) + 1
}

/// The same choices for the same seed, everywhere and for ever (splitmix64).
///
/// Each seed has its own taste: some things happen more often in it, and some hardly ever. What is always a mixture of
/// everything never is long enough of anything.
#[derive(Debug)]
struct Random {
    state: u64,
    tastes: [u64; 4],
}

/// What a taste is for.
#[derive(Clone, Copy, Debug)]
enum Choice {
    Op,
    Wish,
    Step,
    Act,
}

impl Random {
    fn new(seed: u64) -> Self {
        let mut random = Self { state: seed, tastes: [u64::MAX; 4] };
        if !random.one_in(3) {
            random.tastes = [(); 4].map(|()| random.next());
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("bounds are small");
        usize::try_from(self.next() % bound).expect("below a small bound")
    }

    /// Chooses among the first `bound` things of 64, by taste if there is one that suits.
    fn choice(&mut self, what: Choice, bound: usize) -> usize {
        let taste = self.tastes[what as usize];
        let choices = [(); 8].map(|()| self.below(bound));
        let suits = |choice: &&usize| taste & (1 << **choice) != 0;
        *choices.iter().find(suits).unwrap_or(&choices[0])
    }

    fn number(&mut self, bound: u8) -> u8 {
        u8::try_from(self.below(bound.into())).expect("below a byte")
    }

    /// A number to tell one thing that was said from another.
    fn word(&mut self) -> u32 {
        u32::try_from(self.below(1_000)).expect("below a thousand")
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}
