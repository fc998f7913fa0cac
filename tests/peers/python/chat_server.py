"""A chat server. Events of its own: named {name}, said {name, text}. The rest is in peer.py."""

from chat_messages import MESSAGES
from peer import Peer

if __name__ == "__main__":
    Peer("server", messages=MESSAGES).run()
