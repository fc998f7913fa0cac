"""A server of `one-number` and `every-hint`. Commands of its own: `call OID CALL JSON-LIST`.
Events: value {oid, value}, called {oid, call, arguments}. The rest is in peer.py."""

import json

from hints_views import HintsClient, HintsServer
from number_views import NumberClient, NumberServer
from peer import Peer, from_json


def call(oid, name, arguments):
    server.object(oid).send_message(name, from_json(json.loads(arguments)))


if __name__ == "__main__":
    server = Peer(
        "server",
        views=[(NumberServer, NumberClient), (HintsServer, HintsClient)],
        commands={"call": call},
    )
    server.run()
