"""A client of `one-number` and `every-hint`. Commands of its own: `number VALUE`, `hints`, `call OID CALL JSON-LIST`.
Events: value {oid, value}, called {oid, call, arguments}. The rest is in peer.py."""

import json

from hints_views import HintsClient, HintsServer
from number_views import NumberClient, NumberServer
from peer import Peer, from_json


def number(value):
    new = NumberClient(client.manager)
    new.send_message("set_init_value", [int(value)])
    new.request_generate()


def hints():
    HintsClient(client.manager).request_generate()


def call(oid, name, arguments):
    client.object(oid).send_message(name, from_json(json.loads(arguments)))


if __name__ == "__main__":
    client = Peer(
        "client",
        views=[(NumberClient, NumberServer), (HintsClient, HintsServer)],
        commands={"number": number, "hints": hints, "call": call},
    )
    client.run()
