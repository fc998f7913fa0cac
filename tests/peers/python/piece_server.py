"""A server of `piece`, without commands of its own. The rest is in peer.py."""

from peer import Peer
from piece_views import PieceClient, PieceServer

if __name__ == "__main__":
    Peer("server", views=[(PieceServer, PieceClient)]).run()
