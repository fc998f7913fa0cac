"""A server of `one-number` and `every-type`. Events: value {oid, value}, called {oid, call, arguments}.
The rest is in peer.py."""

from number_views import NumberClient, NumberServer
from peer import Peer
from types_views import TypesClient, TypesServer

if __name__ == "__main__":
    Peer("server", views=[(NumberServer, NumberClient), (TypesServer, TypesClient)]).run()
