"""A client of `every-type`. Commands of its own: `new [ZONE [OWNER]]`, `call OID CALL JSON-LIST`.
Events: called {oid, call, arguments}. The rest is in peer.py."""

import json

from peer import Peer, from_json
from types_views import TypesClient, TypesServer


def new(zone=0, owner=0):
    TypesClient(client.manager).request_generate(zone=int(zone), owner=int(owner))


def call(oid, name, arguments):
    client.object(oid).send_message(name, from_json(json.loads(arguments)))


if __name__ == "__main__":
    client = Peer("client", views=[(TypesClient, TypesServer)], commands={"new": new, "call": call})
    client.run()
