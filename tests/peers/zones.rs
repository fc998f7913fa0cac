//! Zones: who sees which, what is shown on request, and what is not heard of.

use magicnet::{Interest, ObjectId, ParameterChanged, Zones};
use serde_json::{Value as Json, json};

use crate::nodes::{NumberClient, NumberServer, Ours, one_number};
use crate::python::{Python, Version};

/// The objects that a client has been told of and that were not asked for.
fn generated(client: &mut Python) -> Vec<Json> {
    client.left("generated").into_iter().map(|event| event["oid"].clone()).collect()
}

pub(crate) fn rust_server(version: Version) {
    shown_on_request(version);
    shown_by_itself(version);
}

fn shown_on_request(version: Version) {
    let server = Ours::server(|node| node.view::<NumberServer>().zones(Zones::ClientChosen));
    let (mut both, repository) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    let (mut second, _) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    let (mut none, _) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    both.command("zones 1,2");
    second.command("zones 2");
    for _ in [&both, &second] {
        server.event(|event: &ParameterChanged| event.name == "vz");
    }
    let own = |local: u64| (u64::from(repository) << 32) + local;

    // What is in zone 1 is heard of by the first alone; zone 2 comes later, so nothing is on its way any more.
    both.command("new 10 1");
    both.command("new 20 2");
    both.tells(&json!({"event": "generated", "oid": own(1), "owner": repository, "zone": 1}));
    for client in [&mut both, &mut second] {
        client.tells(&json!({"event": "generated", "oid": own(2), "owner": repository, "zone": 2}));
    }
    assert_eq!(generated(&mut second), [] as [Json; 0]);
    both.command(&format!("add {} 1", own(1)));
    both.command(&format!("add {} 1", own(2)));
    second.tells(&json!({"event": "value", "oid": own(2), "value": 20}));
    second.tells(&json!({"event": "value", "oid": own(2), "value": 21}));
    assert_eq!(second.left("value"), [] as [Json; 0]);

    // A change of zones alone sends nothing; what is in them comes on request.
    second.command("zones 1");
    second.command("visible");
    second.tells(&json!({"event": "generated", "oid": own(1), "owner": repository, "zone": 1}));
    second.tells(&json!({"event": "value", "oid": own(1), "value": 11}));
    both.command(&format!("add {} 1", own(2)));
    both.command(&format!("add {} 1", own(1)));
    second.tells(&json!({"event": "value", "oid": own(1), "value": 12}));
    assert_eq!(second.left("value"), [] as [Json; 0]);

    // An object that ends is gone for those who see its zone, and so is one that the server makes and ends.
    both.command(&format!("delete {}", own(1)));
    for client in [&mut both, &mut second] {
        client.tells(&json!({"event": "deleted", "oid": own(1)}));
    }
    let made = server.run(|n| n.create::<one_number::Contract>().zone(1).send());
    let made = made.expect("the server has authority");
    second.tells(&json!({"event": "generated", "oid": made.id().to_u64(), "owner": 1, "zone": 1}));
    server.run(move |n| n.destroy(made));
    second.tells(&json!({"event": "deleted", "oid": made.id().to_u64()}));

    // Who chose no zones was told of nothing; it chooses now, and the answer is all that it hears.
    none.command("visible");
    none.command("zones 2");
    none.command("visible");
    none.tells(&json!({"event": "generated", "oid": own(2), "owner": repository, "zone": 2}));
    assert_eq!(generated(&mut none), [] as [Json; 0]);
}

/// What a server shows by itself when it was told to do so for plain peers too, which hear of it in their own words.
fn shown_by_itself(version: Version) {
    let server = Ours::server(|node| {
        node.view::<NumberServer>().zones(Zones::ClientChosen).interest(Interest::AutomaticForAll)
    });
    let (mut maker, repository) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    let (mut walker, _) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    let number = (u64::from(repository) << 32) + 1;
    maker.command("zones 1");
    maker.command("new 10 1");
    maker.tells(&json!({"event": "generated", "oid": number, "owner": repository, "zone": 1}));

    // It walks in, out, and in again, and asks for nothing.
    for _ in 0..2 {
        walker.command("zones 1,3");
        walker.tells(&json!({"event": "value", "oid": number, "value": 10}));
        walker.tells(&json!({"event": "generated", "oid": number, "owner": repository, "zone": 1}));
        walker.command("zones 3");
        walker.tells(&json!({"event": "deleted", "oid": number}));
    }

    // The object walks to it, and away from who made it: with that one it stays, and is in step when it is seen again.
    let move_to = |zone: u32| {
        server.run(move |n| {
            let number = n.objects::<one_number::Contract>()[0];
            n.set_zone(number, zone);
            n.object(number).server().add_value(1);
        });
    };
    move_to(3);
    walker.tells(&json!({"event": "generated", "oid": number, "owner": repository, "zone": 3}));
    walker.tells(&json!({"event": "value", "oid": number, "value": 11}));
    maker.command("zones 3");
    maker.tells(&json!({"event": "value", "oid": number, "value": 11}));
    maker.command(&format!("add {number} 1"));
    maker.tells(&json!({"event": "value", "oid": number, "value": 12}));
    assert_eq!(maker.left("deleted"), [] as [Json; 0]);

    // Its end reaches them both, though neither sees it by then.
    move_to(9);
    walker.tells(&json!({"event": "deleted", "oid": number}));
    server.run(|n| n.destroy(n.objects::<one_number::Contract>()[0]));
    maker.tells(&json!({"event": "deleted", "oid": number}));
}

pub(crate) fn python_server(version: Version) {
    let (mut server, port) = Python::server(version, "number_server.py", &["--zones", "--repository", "64"]);
    let [both, second] = [(); 2].map(|()| Ours::client(port, |node| node.view::<NumberClient>()));
    both.run(|n| n.set_zones([1, 2]));
    second.run(|n| n.set_zones([2]));
    // Who is told of what is created depends on the zones that the server knows of then.
    server.tells(&json!({"event": "parameter", "connection": 1, "name": "vz", "value": [1, 2]}));
    server.tells(&json!({"event": "parameter", "connection": 2, "name": "vz", "value": [2]}));
    let [first, twin] = [1, 2].map(|zone: u32| {
        both.create::<one_number::Contract>(|new| new.zone(zone).call(|s| s.set_init_value(10)))
    });
    let [first_id, twin_id] = [first, twin].map(|number| number.id().to_u64());
    both.hears(format!("generated {first_id} 10"));
    both.hears(format!("generated {twin_id} 10"));
    second.hears(format!("generated {twin_id} 10"));
    both.run(move |n| {
        n.object(first).server().add_value(1);
        n.object(twin).server().add_value(1);
    });
    second.hears(format!("value {twin_id} 11"));
    both.hears(format!("value {first_id} 11"));
    both.hears(format!("value {twin_id} 11"));

    second.run(|n| n.set_zones([1, 2]));
    second.run(|n| n.request_visible_objects());
    second.hears(format!("generated {first_id} 11"));
    // It has the other one already, and is shown it again.
    second.hears(format!("value {twin_id} 11"));
    server.command("new 5 1");
    let made = (64 << 32) + 1;
    for client in [&both, &second] {
        client.hears(format!("generated {made} 5"));
    }
    // Each knows the zone of what it sees.
    let zone = second.run(move |n| {
        let numbers = n.objects::<one_number::Contract>();
        let made = numbers.into_iter().find(|number| number.id() == ObjectId::from_u64(made));
        made.and_then(|number| n.zone_of(number))
    });
    assert_eq!(zone, Some(magicnet::ZoneId(1)));
}
