"""A client of `piece`. Commands of its own: `new NAME`, `move OID X Y`. Events: pos, named. The rest is in peer.py."""

from peer import Peer
from piece_views import PieceClient, PieceServer


def new(name):
    piece = PieceClient(client.manager)
    piece.send_message("rename", [name])
    piece.request_generate()


def move(oid, x, y):
    client.object(oid).send_message("move_to", [int(x), int(y)])


if __name__ == "__main__":
    client = Peer("client", views=[(PieceClient, PieceServer)], commands={"new": new, "move": move})
    client.run()
