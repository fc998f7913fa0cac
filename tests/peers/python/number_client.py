"""A client of `one-number`. Commands of its own: `new VALUE [ZONE [OWNER]]`, `add OID VALUE`.
Events: value {oid, value}. The rest is in peer.py."""

from number_views import NumberClient, NumberServer
from peer import Peer


def new(value, zone=0, owner=0):
    number = NumberClient(client.manager)
    number.send_message("set_init_value", [int(value)])
    number.request_generate(zone=int(zone), owner=int(owner))


def add(oid, value):
    client.object(oid).send_message("add_value", [int(value)])


if __name__ == "__main__":
    client = Peer("client", views=[(NumberClient, NumberServer)], commands={"new": new, "add": add})
    client.run()
