//! A contract has state, calls of the server, calls of clients, or some of them; other items stay as they are.

use magicnet::__private::{Caller, Creator, FieldKind, OwnerLeft, Presence, Receiver};
use magicnet::{Contract, prelude::*};

#[network_object(name = "state")]
pub mod only_state {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
}

#[network_object(name = "server")]
pub mod only_server {
    pub trait Server {
        fn knock(&mut self);
    }
}

#[network_object(name = "client", create = anyone, on_owner_left = keep)]
pub mod only_client {
    pub trait Client {
        fn creak(&mut self);
    }
}

#[network_object(name = "empty-state", create = server, on_owner_left = destroy)]
pub mod empty_state {
    pub struct State {}
}

#[network_object(name = "all")]
pub mod all {
    use std::time::Duration;

    pub const LONG: Duration = Duration::from_secs(1);

    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
        #[network_field(to = viewers, wire = "title", always)]
        pub name: Title,
    }

    impl State {
        pub fn is_closed(&self) -> bool {
            !self.open
        }
    }

    pub type Title = Str<MOST>;
    const MOST: usize = 16;

    #[derive(NetworkType)]
    pub struct Knock {
        pub times: u8,
    }

    pub trait Server {
        fn knock(&mut self, knock: Knock, #[arg(default = MOST as u8)] loud: u8);
        #[network_field(from = anyone, wire = "push")]
        fn open(&mut self);
        #[network_field(from = server)]
        fn close(&mut self);
    }

    pub trait Client {
        fn creak(&mut self);
        #[network_field(to = owner)]
        fn whisper(&mut self, #[arg(rest)] words: List<Str<8>, 5>);
        #[network_field(to = viewers)]
        fn knock(&mut self, knock: Knock);
    }
}

#[derive(Default)]
struct Door;

#[network_object]
impl only_state::Server for Door {
    fn on_generate(&mut self, cx: &mut only_state::ServerCx<'_, Self>) {
        cx.state_mut().open = true;
    }
    fn on_destroy(&mut self, _cx: &mut only_state::ServerCx<'_, Self>) {}
}

#[derive(Default)]
struct Watcher;

#[network_object]
impl only_server::Client for Watcher {}

fn property(property: u8, always: bool) -> FieldKind {
    FieldKind::Property { property, to: Receiver::Viewers, always, init: false }
}

fn main() {
    let all = all::Contract::OBJECT;
    assert_eq!((all.name, all.create, all.on_owner_left), ("all", Creator::Server, OwnerLeft::Destroy));
    let [client, server] = all.roles else { panic!("there are two roles") };
    assert_eq!((client.number, client.role.name()), (0, "client"));
    assert_eq!((server.number, server.role.name()), (1, "server"));
    let fields: Vec<_> = client.fields.iter().chain(server.fields).map(|field| (field.name, field.kind)).collect();
    assert_eq!(
        fields,
        [
            ("set_open", property(0, false)),
            ("title", property(1, true)),
            ("creak", FieldKind::CallToClients { to: Receiver::Viewers }),
            ("whisper", FieldKind::CallToClients { to: Receiver::Owner }),
            ("knock", FieldKind::CallToClients { to: Receiver::Viewers }),
            ("knock", FieldKind::CallToServer { from: Caller::Owner }),
            ("push", FieldKind::CallToServer { from: Caller::Anyone }),
            ("close", FieldKind::CallToServer { from: Caller::Server }),
        ]
    );
    assert!(matches!(client.fields[3].parameters[0].presence, Presence::Rest { max: 5 }));
    assert!(matches!(server.fields[0].parameters[0].presence, Presence::Required));
    assert!(matches!(server.fields[0].parameters[1].presence, Presence::Default(_)));
    let kept = only_client::Contract::OBJECT;
    assert_eq!((kept.create, kept.on_owner_left), (Creator::Anyone, OwnerLeft::Keep));
    assert!(all.source.file.ends_with("parts.rs"));
    assert!(all::LONG.as_secs() == 1);
}
