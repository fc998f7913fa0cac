"""A server of `every-type`. Commands of its own: `call OID CALL JSON-LIST`, with --repository `new [ZONE [OWNER]]`.
Events: called {oid, call, arguments}. The rest is in peer.py."""

import json

from peer import Peer, from_json
from types_views import TypesClient, TypesServer


def new(zone=0, owner=0):
    TypesServer(server.manager).request_generate(zone=int(zone), owner=int(owner))


def call(oid, name, arguments):
    server.object(oid).send_message(name, from_json(json.loads(arguments)))


if __name__ == "__main__":
    server = Peer("server", views=[(TypesServer, TypesClient)], commands={"new": new, "call": call})
    server.run()
