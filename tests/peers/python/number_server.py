"""A server of `one-number`. Commands of its own: `set OID VALUE`, and with --repository `new VALUE [ZONE [OWNER]]`.
Events: value {oid, value}. The rest is in peer.py."""

from number_views import NumberClient, NumberServer
from peer import Peer


def new(value, zone=0, owner=0):
    number = NumberServer(server.manager)
    number.set(int(value))
    number.request_generate(zone=int(zone), owner=int(owner))


def set_value(oid, value):
    server.object(oid).set(int(value))


if __name__ == "__main__":
    server = Peer("server", views=[(NumberServer, NumberClient)], commands={"new": new, "set": set_value})
    server.run()
