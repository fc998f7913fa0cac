"""A server of `dot`. Commands of its own: `call OID CALL JSON-LIST`, and with --repository `new X`.
Events: called {oid, call, arguments}. The rest is in peer.py."""

import json

from dot_views import Dot
from peer import Peer


def new(x):
    dot = Dot(server.manager)
    dot.send_message("set_x", [int(x)])
    dot.request_generate()


def call(oid, name, arguments):
    server.object(oid).send_message(name, json.loads(arguments))


if __name__ == "__main__":
    server = Peer("server", views=[(Dot, None)], commands={"new": new, "call": call})
    server.run()
