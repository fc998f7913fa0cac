"""A client of `dot`. Commands of its own: `new X`, `call OID CALL JSON-LIST`.
Events: called {oid, call, arguments}. The rest is in peer.py."""

import json

from dot_views import Dot
from peer import Peer


def new(x):
    dot = Dot(client.manager)
    dot.send_message("set_x", [int(x)])
    dot.request_generate()


def call(oid, name, arguments):
    client.object(oid).send_message(name, json.loads(arguments))


if __name__ == "__main__":
    client = Peer("client", views=[(Dot, None)], commands={"new": new, "call": call})
    client.run()
