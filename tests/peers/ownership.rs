//! Ownership and deletion: what only an owner may, what goes with it, and what the server may anyway.

use magicnet::{CallRejected, ObjectId, Rejection, Repository, Request, RequestRejected};
use serde_json::json;

use crate::nodes::{NumberClient, NumberServer, Ours, one_number};
use crate::python::{Python, Version};

pub(crate) fn rust_server(version: Version) {
    let server = Ours::server(|node| node.view::<NumberServer>());
    let (mut owner, repository) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    let (mut other, others) = Python::ready_client(version, "number_client.py", server.port(), &[]);
    let own = |local: u64| (u64::from(repository) << 32) + local;
    for _ in 0..2 {
        owner.command("new 10");
    }
    for local in 1..=2 {
        let generated = json!({"event": "generated", "oid": own(local), "owner": repository, "zone": 0});
        owner.tells(&generated);
        other.tells(&generated);
    }

    // Neither delete what is another's nor make the owner's calls.
    let first = ObjectId::from_u64(own(1));
    other.command(&format!("delete {}", own(1)));
    let refused = server.event(|_: &RequestRejected| true);
    assert_eq!((refused.request, refused.reason), (Request::Delete { object: first }, Rejection::NotOwner));
    other.command(&format!("send 10 [{}, 1, 0, [666]]", own(1)));
    let refused = server.event(|_: &CallRejected| true);
    assert_eq!((refused.field, refused.reason), (Some("set_init_value"), Rejection::NotOwner));
    // Nor create in another's name.
    other.command(&format!("new 10 0 {repository}"));
    let refused = server.event(|_: &RequestRejected| true);
    assert_eq!((refused.request, refused.reason), (Request::Create { local_id: 1 }, Rejection::NotOwner));
    // In one's own it is as good as in none.
    other.command(&format!("new 30 0 {others}"));
    let owned = json!({"event": "generated", "oid": (u64::from(others) << 32) + 2, "owner": others, "zone": 0});
    owner.tells(&owned);

    // The owner may.
    owner.command(&format!("send 10 [{}, 1, 0, [11]]", own(1)));
    other.tells(&json!({"event": "value", "oid": own(1), "value": 11}));
    owner.command(&format!("delete {}", own(1)));
    let deleted = json!({"event": "deleted", "oid": own(1)});
    owner.tells(&deleted);
    other.tells(&deleted);

    // What the server makes is the server's, unless it says whose.
    let made = server.run(move |n| {
        n.create::<one_number::Contract>()
            .owner(Repository(repository))
            .call(|s| s.set_init_value(40))
            .send()
    });
    let made = made.expect("the server has authority").id().to_u64();
    let generated = json!({"event": "generated", "oid": made, "owner": repository, "zone": 0});
    owner.tells(&generated);
    other.tells(&generated);
    owner.command(&format!("delete {made}"));
    other.tells(&json!({"event": "deleted", "oid": made}));

    // What an owner leaves behind goes with it.
    assert_eq!(owner.quit(), Some(0));
    other.tells(&json!({"event": "deleted", "oid": own(2)}));
    assert_eq!(server.run(|n| n.object_count()), 1);
}

pub(crate) fn python_server(version: Version) {
    let (mut server, port) = Python::server(version, "number_server.py", &["--repository", "64"]);
    let [owner, other] = [(); 2].map(|()| Ours::client(port, |node| node.view::<NumberClient>()));
    let number = owner.create::<one_number::Contract>(|new| new.call(|s| s.set_init_value(10)));
    let id = number.id().to_u64();
    for client in [&owner, &other] {
        client.hears(format!("generated {id} 10"));
    }
    let owns = move |n: &mut magicnet::NodeCx<'_>| n.object(number).owned().is_some();
    assert!(owner.run(owns));
    assert!(!other.run(owns));
    let repository = owner.run(move |n| n.owner_of(number));
    assert_eq!(repository, Some(number.id().repository()));

    // The Python server refuses a delete by another, and does its owner's.
    other.run(move |n| n.destroy(number));
    let refused = server.event("warning")["text"].to_string();
    assert!(refused.contains("unauthorized delete"), "{refused}");
    assert!(other.run(move |n| n.contains(number)));
    owner.run(move |n| n.destroy(number));
    for client in [&owner, &other] {
        client.hears(format!("deleted {id} 10"));
    }
    server.tells(&json!({"event": "deleted", "oid": id}));

    // What the server makes is the server's.
    server.command("new 5");
    let made = (64_u64 << 32) + 1;
    for client in [&owner, &other] {
        client.hears(format!("generated {made} 5"));
        let found = client.run(|n| {
            let found = n.objects::<one_number::Contract>()[0];
            (n.owner_of(found), n.object(found).owned().is_some())
        });
        assert_eq!(found, (Some(Repository(64)), false));
    }
    server.command(&format!("set {made} 6"));
    for client in [&owner, &other] {
        client.hears(format!("value {made} 6"));
    }
}
