"""A chat client. Commands of its own: `name NAME`, `say TEXT`. Events: reversed {text}, heard {name, text}.
The rest is in peer.py."""

from magicnet.core.net_message import NetMessage

from chat_messages import MESSAGES, SAY, SET_NAME
from peer import Peer


def name(name):
    client.manager.send_message(NetMessage(SET_NAME, (name,)))


def say(text):
    client.manager.send_message(NetMessage(SAY, (text,)))


if __name__ == "__main__":
    client = Peer("client", messages=MESSAGES, commands={"name": name, "say": say})
    client.run()
