//! What the nodes of a script know: three kinds of objects and two messages.

use magicnet::prelude::*;

/// How often the views of a node were told of a beginning and of an end.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) begun: usize,
    pub(super) ended: usize,
}

/// Number 0: everyone's. What only the server may do shows in its state.
#[network_object(name = "lamp", create = anyone)]
pub(super) mod lamp {
    struct State {
        #[network_field(to = viewers)]
        pub glow: i32,
        #[network_field(to = viewers, always)]
        pub label: Str<8>,
        /// How often the server served it, which no peer can.
        #[network_field(to = viewers)]
        pub served: u32,
        #[network_field(to = owner)]
        pub key: Option<u16>,
    }
    trait Server {
        fn lock(&mut self, key: u16);
        #[network_field(from = anyone)]
        fn turn_up(&mut self, by: i32);
        #[network_field(from = anyone, persist = ram)]
        fn write(
            &mut self,
            text: Text<'_, 8>,
            #[arg(default = 2)] times: u8,
            #[arg(rest)] notes: List<Value<16>, 4>,
        );
        #[network_field(from = server)]
        fn serve(&mut self);
    }
    trait Client {
        #[network_field(persist = ram)]
        fn blink(&mut self, pattern: List<(u8, f32), 4>);
        #[network_field(to = owner)]
        fn whisper(&mut self, notes: List<Value<16>, 4>);
    }
}

/// Number 1: it outlives its owner.
#[network_object(name = "relic", create = anyone, on_owner_left = keep)]
pub(super) mod relic {
    struct State {
        #[network_field(to = viewers)]
        pub age: Map<u8, Option<i16>, 3>,
    }
    trait Server {
        #[network_field(from = owner)]
        fn carve(&mut self, at: u8, number: Option<i16>);
    }
}

/// Number 2: the server's to create.
#[network_object(name = "vault")]
pub(super) mod vault {
    struct State {
        #[network_field(to = viewers)]
        pub gold: u64,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn give(&mut self, gold: u64);
    }
}

#[derive(Default)]
pub(super) struct LampServer;

#[network_object]
impl lamp::Server for LampServer {
    fn lock(&mut self, cx: &mut lamp::ServerCx<'_, Self>, key: u16) {
        cx.state_mut().key = Some(key);
    }

    fn turn_up(&mut self, cx: &mut lamp::ServerCx<'_, Self>, by: i32) {
        cx.clients().blink([(1, 0.5)].into());
        let Some(sum) = cx.state().glow.checked_add(by) else {
            return cx.reject("too bright");
        };
        cx.state_mut().glow = sum;
        cx.clients().blink([(2, 1.5), (3, -0.0)].into());
    }

    fn write(
        &mut self,
        cx: &mut lamp::ServerCx<'_, Self>,
        text: Text<'_, 8>,
        times: u8,
        notes: List<Value<16>, 4>,
    ) {
        for _ in 0..times.min(3) {
            cx.state_mut().label = Str::truncated(&text);
            cx.owner().whisper(notes.clone());
        }
    }

    fn serve(&mut self, cx: &mut lamp::ServerCx<'_, Self>) {
        cx.state_mut().served += 1;
    }
}

#[derive(Default)]
pub(super) struct RelicServer;

#[network_object]
impl relic::Server for RelicServer {
    fn carve(&mut self, cx: &mut relic::ServerCx<'_, Self>, at: u8, number: Option<i16>) {
        if cx.state_mut().age.insert(at, number).is_err() {
            cx.reject("it is full");
        }
    }
}

#[derive(Default)]
pub(super) struct VaultServer;

#[network_object]
impl vault::Server for VaultServer {
    fn give(&mut self, cx: &mut vault::ServerCx<'_, Self>, gold: u64) {
        cx.state_mut().gold ^= gold;
    }
}

#[derive(Default)]
pub(super) struct LampClient;

#[network_object]
impl lamp::Client for LampClient {
    fn on_generate(&mut self, cx: &mut lamp::ClientCx<'_, Self>) {
        cx.app_mut::<Tally>().begun += 1;
        cx.server().turn_up(1);
    }

    fn on_destroy(&mut self, cx: &mut lamp::ClientCx<'_, Self>) {
        cx.app_mut::<Tally>().ended += 1;
    }

    fn blink(&mut self, _: &mut lamp::ClientCx<'_, Self>, _: List<(u8, f32), 4>) {}

    fn whisper(&mut self, _: &mut lamp::ClientCx<'_, Self>, _: List<Value<16>, 4>) {}
}

#[derive(Default)]
pub(super) struct RelicClient;

#[network_object]
impl relic::Client for RelicClient {}

#[derive(Default)]
pub(super) struct VaultClient;

#[network_object]
impl vault::Client for VaultClient {}

/// What clients say.
#[message(id = 65, from = client)]
pub(super) struct Say {
    pub(super) text: Str<8>,
}

/// What the server says.
#[message(id = 66, from = server)]
pub(super) struct Said {
    pub(super) text: Str<8>,
}

/// Answers, tells the others, and ends who says nothing.
#[message_handler]
pub(super) fn say(cx: &mut MessageCx<'_>, message: Say) -> Result<(), Disconnect> {
    cx.to_all_except_sender(Said { text: message.text.clone() });
    if message.text.is_empty() {
        return Err(Disconnect::new(40, "say something"));
    }
    cx.reply(Said { text: message.text });
    Ok(())
}

#[message_handler]
pub(super) fn said(_: &mut MessageCx<'_>, _: Said) {}

/// What may be lost, and never goes back.
#[message(id = 67, from = anyone, via = sequenced)]
pub(super) struct Moved {
    pub(super) number: u32,
}

/// Where somebody is by now.
#[derive(Default)]
pub(super) struct Place(pub(super) u32);

#[message_handler]
pub(super) fn moved(cx: &mut MessageCx<'_>, message: Moved) {
    cx.app_mut::<Place>().0 = message.number;
    cx.to_all_except_sender(message);
}
