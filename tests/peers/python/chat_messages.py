"""The messages of the chat, for both sides: 64 set name, 65 say, 66 the reversed text, 67 what somebody said."""

from magicnet.core.net_message import NetMessage
from magicnet.protocol import network_types
from magicnet.protocol.processor_base import MessageProcessor

from peer import tell

SET_NAME, SAY, REVERSED, HEARD = 64, 65, 66, 67


class SetName(MessageProcessor):
    arg_type = tuple[network_types.s16]

    def invoke(self, message):
        [name] = message.parameters
        message.sent_from.context["name"] = name
        tell("named", name=name)


class Say(MessageProcessor):
    arg_type = tuple[network_types.s256]

    def invoke(self, message):
        [text] = message.parameters
        sender = message.sent_from
        name = sender.context.get("name")
        if not name:
            message.disconnect_sender(10, "MsgCustom requires a username!")
            return
        tell("said", name=name, text=text)
        self.manager.send_message(NetMessage(REVERSED, (text[::-1],), destination=sender))
        heard = NetMessage(HEARD, (name, text))
        heard.besides = sender
        self.manager.send_message(heard)


class Reversed(MessageProcessor):
    arg_type = tuple[network_types.s256]

    def invoke(self, message):
        tell("reversed", text=message.parameters[0])


class Heard(MessageProcessor):
    arg_type = tuple[network_types.s16, network_types.s256]

    def invoke(self, message):
        name, text = message.parameters
        tell("heard", name=name, text=text)


MESSAGES = {SET_NAME: SetName, SAY: Say, REVERSED: Reversed, HEARD: Heard}
