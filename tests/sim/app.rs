//! The application under simulation: three contracts of one shape, two messages, and handlers that do as they are told.
//!
//! A call carries a script of [`Step`]s, which the handler performs; so one contract exercises every order of state,
//! calls, moves, endings, refusals and deferred work, and [`rules`](crate::rules) performs the same script on paper.
//! Everything that views and handlers see goes into a [`Diary`].

use std::collections::BTreeMap;
use std::time::Duration;

use magicnet::prelude::*;
use magicnet::{
    CallRejected, Connected, Disconnected, Ending, Flush, Limits, MessageRejected, MotdReceived, Node,
    NodeBuilder, NodeCx, ParameterChanged, Rejection, RequestRejected, ZoneComplete,
};

use crate::plan::{self, FORBIDDEN, World};

/// How many steps a script has at most.
pub(crate) const MAX_STEPS: usize = 6;

/// What a call asks its handler to do.
pub(crate) type Script = List<Step, MAX_STEPS>;

/// One thing that a handler does. Connections and objects are named by a number that is [picked](pick) from all there
/// ever were, when the step is performed.
#[derive(NetworkType, Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Sets a property.
    Level(i32),
    Name(Str<8>),
    Loud(u8),
    /// `None`: a number that cannot be sent.
    Rate(Option<u8>),
    /// A property that its owner alone is told.
    Purse(u8),
    /// Calls all viewers; a message handler sends to everyone.
    Shout(u32),
    /// Calls the owner; a message handler replies.
    Whisper(u32),
    /// Calls one connection; a message handler sends to it.
    Tell(u8, u32),
    /// Sends a message to everyone; a message handler leaves the sender out.
    Post(u32),
    Move(u32),
    Destroy,
    /// Ends a connection.
    Kick(u8),
    /// Does something with the node when the handler has passed.
    Later(Act),
    /// Refuses; a message handler ends the sender's connection.
    Reject,
    Panic,
}

impl Step {
    /// Whether only handlers of objects can do it.
    pub(crate) fn is_of_objects(&self) -> bool {
        self.is_of_state() || matches!(self, Self::Move(_) | Self::Destroy)
    }

    /// Whether it changes state.
    pub(crate) fn is_of_state(&self) -> bool {
        matches!(self, Self::Level(_) | Self::Name(_) | Self::Loud(_) | Self::Rate(_) | Self::Purse(_))
    }
}

/// One thing that a server does outside of its handlers.
#[derive(NetworkType, Clone, Debug, PartialEq)]
pub(crate) enum Act {
    Create {
        kind: u8,
        zone: u32,
        /// Whom it is to belong to: a connection, or the server where there is none.
        owner: Option<u8>,
        level: i32,
    },
    Destroy(u8),
    Move(u8, u32),
    Shout(u8, u32),
    Whisper(u8, u32),
    Tell(u8, u8, u32),
    /// Calls the server's own view, which [`poke`] says what to do.
    Poke(u8, i32),
    /// The same at once, as a handler.
    With(u8, i32),
    Post(u32),
    PostTo(u8, u32),
    /// Lets a connection see the zones of a mask.
    Grant(u8, u8),
    Kick(u8),
}

/// What the server's own calls say: negative levels are refused after they were set and told.
pub(crate) fn poke(level: i32) -> Script {
    let last = if level < 0 { Step::Reject } else { Step::Loud(3) };
    [Step::Level(level), Step::Shout(level.unsigned_abs()), last].into()
}

/// The zones of a mask: zone 1 is its lowest bit.
pub(crate) fn zones(mask: u8) -> Vec<u32> {
    (0..8).filter(|bit| mask & (1 << bit) != 0).map(|bit| bit + 1).collect()
}

/// Picks by a number that knows nothing of `len`; what came late is picked more often.
pub(crate) fn pick(number: u8, len: usize) -> Option<usize> {
    let recent = len.min(10);
    let back = usize::from(number).checked_rem(recent)?;
    Some(len - 1 - back)
}

/// What the owner of an object does with a call of this number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reaction {
    None,
    Answers,
    /// Answers, and refuses the call then: the answer is undone.
    AnswersAndRejects,
    AnswersAndPanics,
}

pub(crate) fn reaction(number: u32) -> Reaction {
    match number % 16 {
        7 | 15 => Reaction::Answers,
        11 => Reaction::AnswersAndRejects,
        13 => Reaction::AnswersAndPanics,
        _ => Reaction::None,
    }
}

/// What kinds with rites shout as they begin and as they end.
pub(crate) const FIRST_WORDS: u32 = 1_001;
pub(crate) const LAST_WORDS: u32 = 1_002;

/// The reason with which the server ends connections.
pub(crate) const ENOUGH: u8 = 12;
/// What all are told when the first connection that there ever was is gone; when the second is, the number behind it.
pub(crate) const FIRST_GONE: u32 = 2_000;
/// The zone that newcomers see, where the server decides.
pub(crate) const ENTRANCE: u32 = 1;

// ---- what is seen

/// The state of an object, as somebody sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Look {
    pub(crate) level: i32,
    pub(crate) name: String,
    pub(crate) loud: u8,
    pub(crate) rate: f32,
    pub(crate) purse: u8,
}

/// A property by its number, and its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Property {
    Level(i32),
    Name(String),
    Loud(u8),
    Rate(f32),
    Purse(u8),
}

/// What a client's views and handlers see.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    Generate { object: u64, owner: u32, zone: u32, look: Look },
    Changed { object: u64, old: Property, look: Look },
    Heard { object: u64, number: u32, look: Look },
    Whispered { object: u64, number: u32, look: Look },
    Destroy { object: u64, look: Look },
    Post(u32),
}

/// What a client is told by events.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Greeted,
    Connected(u32),
    /// Its zones were set by the server.
    Zones,
    /// All that is in a zone has been shown.
    Complete(u32),
    Gone(Gone),
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Gone {
    ByPeer(u8),
    PeerShutdown,
    ByUs,
    Shutdown,
    Lost,
}

impl From<Ending> for Gone {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::ByPeer { reason, .. } => Self::ByPeer(reason.0),
            Ending::ByUs { .. } => Self::ByUs,
            Ending::PeerShutdown => Self::PeerShutdown,
            Ending::Shutdown => Self::Shutdown,
            _ => Self::Lost,
        }
    }
}

/// What a client writes down.
#[derive(Debug, Default)]
pub(crate) struct Diary {
    pub(crate) seen: Vec<Seen>,
    pub(crate) told: Vec<Told>,
}

/// What the server keeps and writes down.
#[derive(Debug, Default)]
pub(crate) struct Park {
    /// All objects there ever were, in the order of their creation.
    pub(crate) born: Vec<u64>,
    pub(crate) objects: BTreeMap<u64, AnyObject>,
    /// All connections there ever were.
    pub(crate) connections: Vec<ConnectionId>,
    /// Refusals and other events of that kind, since they were last counted.
    pub(crate) refused: Vec<String>,
    /// Whether the server decides who sees which zones.
    pub(crate) grants: bool,
}

impl Park {
    fn object(&self, number: u8) -> Option<AnyObject> {
        let id = self.born[pick(number, self.born.len())?];
        Some(self.objects[&id])
    }

    fn connection(&self, number: u8) -> Option<ConnectionId> {
        Some(self.connections[pick(number, self.connections.len())?])
    }
}

// ---- messages

#[message(id = 64, from = client)]
pub(crate) struct Ask {
    pub steps: Script,
}

#[message(id = 65, from = server)]
pub(crate) struct Post {
    pub number: u32,
}

#[message_handler(role = server)]
fn ask(cx: &mut MessageCx<'_>, message: Ask) -> Result<(), Disconnect> {
    for step in message.steps {
        match step {
            Step::Shout(number) => cx.to_all(Post { number }),
            Step::Whisper(number) => cx.reply(Post { number }),
            Step::Post(number) => cx.to_all_except_sender(Post { number }),
            Step::Tell(who, number) => {
                if let Some(who) = cx.app::<Park>().connection(who) {
                    cx.send(who, Post { number });
                }
            }
            Step::Kick(who) => {
                if let Some(who) = cx.app::<Park>().connection(who) {
                    cx.disconnect(who, Disconnect::new(ENOUGH, "enough"));
                }
            }
            Step::Later(act) => cx.defer(move |n| act.perform(n)),
            Step::Reject => return Err(Disconnect::new(10, "as asked")),
            Step::Panic => fall_over(),
            step => debug_assert!(step.is_of_objects()),
        }
    }
    Ok(())
}

#[message_handler(role = client)]
fn post(cx: &mut MessageCx<'_>, message: Post) {
    cx.app_mut::<Diary>().seen.push(Seen::Post(message.number));
}

/// Panics without a word on the terminal: it is one of thousands.
fn fall_over() -> ! {
    std::panic::resume_unwind(Box::new("as asked"))
}

// ---- contracts

macro_rules! kinds {
    ($($kind:ident: $module:ident $name:literal, create = $create:ident, on_owner_left = $left:ident,
        rites = $rites:literal, views $server:ident $client:ident;)*) => {
        /// An object of any of the kinds.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum AnyObject {
            $($kind(Object<$module::Contract>),)*
        }

        $(
            #[network_object(name = $name, create = $create, on_owner_left = $left)]
            pub(crate) mod $module {
                pub(crate) struct State {
                    #[network_field(to = viewers)]
                    pub level: i32,
                    #[network_field(to = viewers)]
                    pub name: Str<8>,
                    #[network_field(to = viewers, always)]
                    pub loud: u8,
                    #[network_field(to = viewers)]
                    pub rate: f32,
                    #[network_field(to = owner)]
                    pub purse: u8,
                }
                pub(crate) trait Server {
                    #[network_field(from = anyone)]
                    fn act(&mut self, steps: Script);
                    #[network_field(from = owner)]
                    fn own(&mut self, steps: Script);
                    #[network_field(from = server)]
                    fn admin(&mut self, steps: Script);
                }
                pub(crate) trait Client {
                    fn heard(&mut self, number: u32);
                    #[network_field(to = owner)]
                    fn whispered(&mut self, number: u32);
                }
            }

            impl From<&$module::State> for Look {
                fn from(state: &$module::State) -> Self {
                    let name = state.name.to_string();
                    Self { level: state.level, name, loud: state.loud, rate: state.rate, purse: state.purse }
                }
            }

            #[derive(Default)]
            pub(crate) struct $server;

            #[network_object]
            impl $module::Server for $server {
                fn act(&mut self, cx: &mut $module::ServerCx<'_, Self>, steps: Script) {
                    self.perform(cx, steps);
                }
                fn own(&mut self, cx: &mut $module::ServerCx<'_, Self>, steps: Script) {
                    self.perform(cx, steps);
                }
                fn admin(&mut self, cx: &mut $module::ServerCx<'_, Self>, steps: Script) {
                    self.perform(cx, steps);
                }
                fn on_generate(&mut self, cx: &mut $module::ServerCx<'_, Self>) {
                    let (id, object) = (cx.id().to_u64(), AnyObject::$kind(cx.object()));
                    let park = cx.app_mut::<Park>();
                    park.born.push(id);
                    park.objects.insert(id, object);
                    if $rites {
                        cx.state_mut().level += 100;
                        cx.clients().heard(FIRST_WORDS);
                    }
                }
                fn on_destroy(&mut self, cx: &mut $module::ServerCx<'_, Self>) {
                    if $rites {
                        cx.clients().heard(LAST_WORDS);
                    }
                }
            }

            impl $server {
                fn perform(&mut self, cx: &mut $module::ServerCx<'_, Self>, steps: Script) {
                    for step in steps {
                        match step {
                            Step::Level(level) => cx.state_mut().level = level,
                            Step::Name(name) => cx.state_mut().name = name,
                            Step::Loud(loud) => cx.state_mut().loud = loud,
                            Step::Rate(rate) => cx.state_mut().rate = rate.map_or(f32::NAN, f32::from),
                            Step::Purse(purse) => cx.state_mut().purse = purse,
                            Step::Shout(number) => cx.clients().heard(number),
                            Step::Whisper(number) => cx.owner().whispered(number),
                            Step::Tell(who, number) => {
                                if let Some(who) = cx.app::<Park>().connection(who) {
                                    cx.client(who).heard(number);
                                }
                            }
                            Step::Post(number) => cx.send_to_all(Post { number }),
                            Step::Move(zone) => cx.set_zone(zone),
                            Step::Destroy => cx.destroy(),
                            Step::Kick(who) => {
                                if let Some(who) = cx.app::<Park>().connection(who) {
                                    cx.disconnect(who, Disconnect::new(ENOUGH, "enough"));
                                }
                            }
                            Step::Later(act) => cx.defer(move |n| act.perform(n)),
                            Step::Reject => return cx.reject("as asked"),
                            Step::Panic => fall_over(),
                        }
                    }
                }
            }

            #[derive(Default)]
            pub(crate) struct $client;

            impl $client {
                fn see(cx: &mut $module::ClientCx<'_, Self>, what: impl FnOnce(u64, Look) -> Seen) {
                    let seen = what(cx.id().to_u64(), Look::from(cx.state()));
                    cx.app_mut::<Diary>().seen.push(seen);
                }
            }

            #[network_object]
            impl $module::Client for $client {
                fn on_generate(&mut self, cx: &mut $module::ClientCx<'_, Self>) {
                    let (owner, zone) = (cx.owned_by().0, cx.zone().0);
                    Self::see(cx, |object, look| Seen::Generate { object, owner, zone, look });
                }
                fn on_destroy(&mut self, cx: &mut $module::ClientCx<'_, Self>) {
                    Self::see(cx, |object, look| Seen::Destroy { object, look });
                }
                fn level_changed(&mut self, cx: &mut $module::ClientCx<'_, Self>, old: i32) {
                    Self::see(cx, |object, look| Seen::Changed { object, old: Property::Level(old), look });
                }
                fn name_changed(&mut self, cx: &mut $module::ClientCx<'_, Self>, old: Str<8>) {
                    let old = Property::Name(old.into_string());
                    Self::see(cx, |object, look| Seen::Changed { object, old, look });
                }
                fn loud_changed(&mut self, cx: &mut $module::ClientCx<'_, Self>, old: u8) {
                    Self::see(cx, |object, look| Seen::Changed { object, old: Property::Loud(old), look });
                }
                fn heard(&mut self, cx: &mut $module::ClientCx<'_, Self>, number: u32) {
                    Self::see(cx, |object, look| Seen::Heard { object, number, look });
                    let reaction = reaction(number);
                    if let Some(mine) = cx.owned().filter(|_| reaction != Reaction::None) {
                        mine.server().own(answer(number));
                    }
                    match reaction {
                        Reaction::None | Reaction::Answers => {}
                        Reaction::AnswersAndRejects => cx.reject("as agreed"),
                        Reaction::AnswersAndPanics => fall_over(),
                    }
                }
                fn rate_changed(&mut self, cx: &mut $module::ClientCx<'_, Self>, old: f32) {
                    Self::see(cx, |object, look| Seen::Changed { object, old: Property::Rate(old), look });
                }
                fn purse_changed(&mut self, cx: &mut $module::ClientCx<'_, Self>, old: u8) {
                    Self::see(cx, |object, look| Seen::Changed { object, old: Property::Purse(old), look });
                }
                fn whispered(&mut self, cx: &mut $module::ClientCx<'_, Self>, number: u32) {
                    Self::see(cx, |object, look| Seen::Whispered { object, number, look });
                }
            }
        )*

        impl AnyObject {
            /// What the object looks like on a node, with its owner and its zone.
            pub(crate) fn look(self, n: &NodeCx<'_>) -> Option<(Look, u32, u32)> {
                match self {
                    $(Self::$kind(it) => {
                        Some((Look::from(n.state(it)?), n.owner_of(it)?.0, n.zone_of(it)?.0))
                    })*
                }
            }

            /// A call to the server's view, by the owner's capability if `as_owner`.
            pub(crate) fn call(self, n: &mut NodeCx<'_>, as_owner: bool, steps: Script) {
                match self {
                    $(Self::$kind(it) => match as_owner {
                        false => n.object(it).server().act(steps),
                        true => {
                            if let Some(mine) = n.object(it).owned() {
                                mine.server().own(steps);
                            }
                        }
                    })*
                }
            }

            pub(crate) fn destroy(self, n: &mut NodeCx<'_>) {
                match self {
                    $(Self::$kind(it) => n.destroy(it),)*
                }
            }

            fn set_zone(self, n: &mut NodeCx<'_>, zone: u32) {
                match self {
                    $(Self::$kind(it) => n.set_zone(it, zone),)*
                }
            }

            fn shout(self, n: &mut NodeCx<'_>, number: u32) {
                match self {
                    $(Self::$kind(it) => n.object(it).clients().heard(number),)*
                }
            }

            fn whisper(self, n: &mut NodeCx<'_>, number: u32) {
                match self {
                    $(Self::$kind(it) => n.object(it).owner().whispered(number),)*
                }
            }

            fn tell(self, n: &mut NodeCx<'_>, who: ConnectionId, number: u32) {
                match self {
                    $(Self::$kind(it) => n.object(it).client(who).heard(number),)*
                }
            }

            /// Performs a script as a handler of the object.
            fn with(self, n: &mut NodeCx<'_>, steps: Script) -> Result<(), Rejection> {
                match self {
                    $(Self::$kind(it) => {
                        n.with(it, |view: &mut $server, cx: &mut $module::ServerCx<'_, $server>| {
                            view.perform(cx, steps);
                        })
                    })*
                }
            }
        }

        /// Creates an object of a kind by its number, with calls by the owner's capability or without.
        pub(crate) fn create(
            n: &mut NodeCx<'_>,
            kind: u8,
            zone: u32,
            owner: Option<Repository>,
            calls: Vec<(bool, Script)>,
        ) -> Option<u64> {
            match KINDS[usize::from(kind)].name {
                $($name => {
                    let mut create = n.create::<$module::Contract>().zone(zone);
                    if let Some(owner) = owner {
                        create = create.owner(owner);
                    }
                    for (as_owner, steps) in calls {
                        create = create.call(|s| if as_owner { s.own(steps) } else { s.act(steps) });
                    }
                    create.send().ok().map(|object| object.id().to_u64())
                })*
                _ => None,
            }
        }

        /// The kinds by their number on the wire: in the order of their names.
        pub(crate) const KINDS: &[Kind] = &[
            $(Kind {
                name: $name,
                is_anyones: matches!(stringify!($create).as_bytes(), b"anyone"),
                is_kept: matches!(stringify!($left).as_bytes(), b"keep"),
                has_rites: $rites,
            },)*
        ];

        fn views_of_server(builder: NodeBuilder) -> NodeBuilder {
            builder$(.view::<$server>())*
        }

        fn views_of_client(builder: NodeBuilder) -> NodeBuilder {
            builder$(.view::<$client>())*
        }
    };
}

/// What the model must know of a kind.
#[derive(Debug)]
pub(crate) struct Kind {
    name: &'static str,
    /// Clients may create it.
    pub(crate) is_anyones: bool,
    /// It stays when its owner leaves.
    pub(crate) is_kept: bool,
    /// Its server's view shouts as it begins and as it ends, and changes its level as it begins.
    pub(crate) has_rites: bool,
}

kinds! {
    Idol: idol "idol", create = server, on_owner_left = destroy, rites = false, views IdolServer IdolClient;
    Relic: relic "relic", create = anyone, on_owner_left = keep, rites = true, views RelicServer RelicClient;
    Thing: thing "thing", create = anyone, on_owner_left = destroy, rites = false, views ThingServer ThingClient;
}

/// What an owner answers: a change of state, which nobody answers in turn.
pub(crate) fn answer(number: u32) -> Script {
    [Step::Level(i32::try_from(number % 1_000).expect("three digits fit"))].into()
}

impl Act {
    pub(crate) fn perform(self, n: &mut NodeCx<'_>) {
        let object = |n: &NodeCx<'_>, number| n.app::<Park>().object(number);
        let connection = |n: &NodeCx<'_>, number| n.app::<Park>().connection(number);
        match self {
            Self::Create { kind, zone, owner, level } => {
                let owner = owner.and_then(|number| connection(n, number)).and_then(|id| n.connection(id));
                let owner = owner.filter(|known| known.is_ready()).and_then(|known| known.repository());
                create(n, kind, zone, owner, vec![(true, poke(level))]);
            }
            Self::Post(number) => n.send_to_all(Post { number }),
            Self::PostTo(who, number) => {
                if let Some(who) = connection(n, who) {
                    n.send(who, Post { number });
                }
            }
            Self::Grant(who, mask) => {
                if let Some(who) = connection(n, who).filter(|_| n.app::<Park>().grants) {
                    n.grant_zones(who, zones(mask));
                }
            }
            Self::Tell(it, who, number) => {
                if let (Some(it), Some(who)) = (object(n, it), connection(n, who)) {
                    it.tell(n, who, number);
                }
            }
            Self::Kick(who) => {
                if let Some(who) = connection(n, who) {
                    n.disconnect(who, Disconnect::new(ENOUGH, "enough"));
                }
            }
            Self::Destroy(it) => drop(object(n, it).map(|it| it.destroy(n))),
            Self::Move(it, zone) => drop(object(n, it).map(|it| it.set_zone(n, zone))),
            Self::Shout(it, number) => drop(object(n, it).map(|it| it.shout(n, number))),
            Self::Whisper(it, number) => drop(object(n, it).map(|it| it.whisper(n, number))),
            Self::Poke(it, level) => drop(object(n, it).map(|it| it.call(n, false, poke(level)))),
            // The caller is told of a refusal, and nobody else.
            Self::With(it, level) => drop(object(n, it).map(|it| it.with(n, poke(level)))),
        }
    }
}

// ---- nodes

pub(crate) fn server(world: World) -> Node {
    let World { zones, interest, announces, ticks } = world;
    let park = Park { grants: zones == plan::Zones::Granted, ..Park::default() };
    let builder = views_of_server(Node::server()).handler::<ask>().message::<Post>().with(park);
    let builder = builder.announce(announces).interest(interest);
    let builder = match zones {
        plan::Zones::None => builder,
        plan::Zones::Granted => builder.zones(Zones::Granted),
        plan::Zones::Chosen => builder.zones(Zones::ClientChosen),
        plan::Zones::Ruled => builder.zones(Zones::chosen_if(|ask| ask.zone() != ZoneId(FORBIDDEN))),
    };
    let builder = builder
        .on(|n, event: Connected| {
            if n.app::<Park>().grants {
                n.grant_zones(event.connection, [ENTRANCE]);
            }
        })
        .on(|n, event: Disconnected| {
            let who = n.app::<Park>().connections.iter().position(|known| *known == event.connection);
            let number = who.and_then(|who| u32::try_from(who).ok()).expect("it was written down");
            n.send_to_all(Post { number: FIRST_GONE + number });
        })
        .on(|n, event: CallRejected| n.app_mut::<Park>().refused.push(event.reason.to_string()))
        .on(|n, event: RequestRejected| n.app_mut::<Park>().refused.push(event.reason.to_string()))
        .on(|n, event: MessageRejected| n.app_mut::<Park>().refused.push(event.reason.to_string()));
    let builder = if ticks { builder.flush(Flush::every(TICK)).limits(patient()) } else { builder };
    builder.build().expect("the server is in order")
}

/// How much time passes where there are ticks.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Nobody is in a hurry: what has its time is not what a simulation is about.
fn patient() -> Limits {
    let mut limits = Limits::default();
    let ever = Duration::from_secs(1_000_000);
    limits.heartbeat = None;
    (limits.handshake_timeout, limits.frame_timeout, limits.closing_timeout) = (ever, ever, ever);
    limits.behind_timeout = ever;
    limits
}

pub(crate) fn client(announces: bool) -> Node {
    let builder = views_of_client(Node::client()).handler::<post>().message::<Ask>().announce(announces);
    let builder = builder
        .with(Diary::default())
        .on(|n, _: MotdReceived| n.app_mut::<Diary>().told.push(Told::Greeted))
        .on(|n, event: Connected| {
            let repository = n.connection(event.connection).and_then(|known| known.repository());
            n.app_mut::<Diary>().told.push(Told::Connected(repository.map_or(0, |it| it.0)));
        })
        .on(|n, event: ParameterChanged| {
            if event.name == "vz" {
                n.app_mut::<Diary>().told.push(Told::Zones);
            }
        })
        .on(|n, event: ZoneComplete| n.app_mut::<Diary>().told.push(Told::Complete(event.zone.0)))
        .on(|n, event: Disconnected| n.app_mut::<Diary>().told.push(Told::Gone(event.ending.into())));
    builder.build().expect("the client is in order")
}
