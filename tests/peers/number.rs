//! `one-number`: two clients, one of which owns a number that both change, and a late joiner.

use magicnet::{CallRejected, Rejection};
use serde_json::{Value as Json, json};

use crate::nodes::{NumberClient, NumberServer, Ours, one_number};
use crate::python::{Python, Version};

fn value(object: u64, value: i32) -> Json {
    json!({"event": "value", "oid": object, "value": value})
}

pub(crate) fn rust_server(version: Version) {
    let server = Ours::server(|node| node.view::<NumberServer>());
    let (mut owner, repository) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    let (mut other, _) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    let ours = Ours::client(server.port(), |node| node.view::<NumberClient>());

    owner.command("new 10 7");
    let number = (u64::from(repository) << 32) + 1;
    let generated = json!({"event": "generated", "oid": number, "owner": repository, "zone": 7});
    for client in [&mut owner, &mut other] {
        client.tells(&value(number, 10));
        client.tells(&generated);
    }
    ours.hears(format!("generated {number} 10"));

    owner.command(&format!("add {number} 5"));
    for client in [&mut owner, &mut other] {
        client.tells(&value(number, 15));
    }
    ours.hears(format!("value {number} 15"));
    other.command(&format!("add {number} -20"));
    for client in [&mut owner, &mut other] {
        client.tells(&value(number, -5));
    }
    ours.hears(format!("value {number} -5"));
    // An add of nothing is sent again, as Python does.
    other.command(&format!("add {number} 0"));
    owner.tells(&value(number, -5));
    other.tells(&value(number, -5));
    ours.hears(format!("value {number} -5"));
    // An overflow is not.
    other.command(&format!("add {number} -2147483648"));
    let rejected = server.event(|_: &CallRejected| true);
    assert_eq!(rejected.reason, Rejection::ByHandler("integer overflow".into()));

    let (mut late, _) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    late.command("visible");
    late.tells(&value(number, -5));
    late.tells(&generated);
    late.command(&format!("add {number} 6"));
    for client in [&mut owner, &mut other, &mut late] {
        client.tells(&value(number, 1));
        assert_eq!(client.left("value"), [] as [Json; 0]);
    }
    ours.hears(format!("value {number} 1"));
}

pub(crate) fn python_server(version: Version) {
    let (mut server, port) = Python::server(version, "number_server.py", &[]);
    let [owner, other] = [(); 2].map(|()| Ours::client(port, |node| node.view::<NumberClient>()));
    let number = owner.create::<one_number::Contract>(|new| new.zone(7).call(|s| s.set_init_value(10)));
    let id = number.id().to_u64();
    for client in [&owner, &other] {
        client.hears(format!("generated {id} 10"));
    }
    assert_eq!(owner.run(move |n| n.zone_of(number)), Some(magicnet::ZoneId(7)));

    owner.run(move |n| n.object(number).server().add_value(5));
    for client in [&owner, &other] {
        client.hears(format!("value {id} 15"));
    }
    other.run(move |n| n.object(number).server().add_value(-20));
    for client in [&owner, &other] {
        client.hears(format!("value {id} -5"));
    }
    server.tells(&value(id, -5));
    owner.run(move |n| {
        let mine = n.object(number);
        mine.owned().expect("it has created it").server().set_init_value(i32::MAX);
    });
    for client in [&owner, &other] {
        client.hears(format!("value {id} {}", i32::MAX));
    }
    other.run(move |n| n.object(number).server().add_value(1));
    let overflow = server.event("warning");
    assert_eq!(overflow["text"], "Integer overflow: 1 + 2147483647");

    let late = Ours::client(port, |node| node.view::<NumberClient>());
    late.run(|n| n.request_visible_objects());
    late.hears(format!("generated {id} {}", i32::MAX));
    late.run(move |n| n.object(number).server().add_value(-7));
    for client in [&owner, &other, &late] {
        client.hears(format!("value {id} {}", i32::MAX - 7));
    }
}
