"""A client of `one-number` and `every-type`. Commands of its own: `number VALUE`, `types`, `call OID CALL JSON-LIST`.
Events: value {oid, value}, called {oid, call, arguments}. The rest is in peer.py."""

import json

from number_views import NumberClient, NumberServer
from peer import Peer, from_json
from types_views import TypesClient, TypesServer


def number(value):
    new = NumberClient(client.manager)
    new.send_message("set_init_value", [int(value)])
    new.request_generate()


def types():
    TypesClient(client.manager).request_generate()


def call(oid, name, arguments):
    client.object(oid).send_message(name, from_json(json.loads(arguments)))


if __name__ == "__main__":
    client = Peer(
        "client",
        views=[(NumberClient, NumberServer), (TypesClient, TypesServer)],
        commands={"number": number, "types": types, "call": call},
    )
    client.run()
