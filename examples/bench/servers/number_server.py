"""A server of `one-number` as the Python library has it, with its zones. It says where it listens, and ends with its
input."""

import asyncio
import dataclasses
import os
import sys
import threading

from magicnet.batteries.asyncio_network_manager import AsyncIONetworkManager
from magicnet.batteries.encoders import MsgpackEncoder
from magicnet.batteries.middlewares.message_validation import MessageValidatorMiddleware
from magicnet.batteries.middlewares.zone_routing import ZoneBasedRouter
from magicnet.batteries.transport_managers import EverywhereTransportManager
from magicnet.batteries.transports.socket_asyncio import AsyncIOSocketTransport
from magicnet.core.handle_filter import BaseHandleFilter
from magicnet.core.transport_manager import TransportParameters
from magicnet.netobjects.network_field import NetworkField
from magicnet.netobjects.network_object import NetworkObject
from magicnet.protocol.network_types import int32


@dataclasses.dataclass
class NumberClient(NetworkObject):
    network_name = "one-number"
    object_role = 0

    @NetworkField
    def set_current_value(self, value: int32):
        pass


@dataclasses.dataclass
class NumberServer(NetworkObject):
    network_name = "one-number"
    object_role = 1
    value: int = 0

    def net_create(self):
        pass

    def net_delete(self):
        pass

    @NetworkField
    def set_init_value(self, value: int32):
        self.set(value)

    @NetworkField
    def add_value(self, value: int32):
        self.set(self.value + value)

    def set(self, value):
        self.value = value
        self.send_message("set_current_value", [value])


def end_with_input():
    sys.stdin.read()
    os._exit(0)


async def say_where(*arguments, start=asyncio.start_server):
    server = await start(*arguments)
    print("listening 127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    return server


# The library keeps its server to itself, and with it the port.
asyncio.start_server = say_where
threading.Thread(target=end_with_input, daemon=True).start()
middlewares = [MessageValidatorMiddleware, ZoneBasedRouter]
parameters = TransportParameters(MsgpackEncoder(), AsyncIOSocketTransport, BaseHandleFilter, middlewares)
manager = AsyncIONetworkManager.create_root(
    transport_type=EverywhereTransportManager,
    transport_params=("server", {"client": {"server": parameters}}),
    motd="python",
    network_hash=b"\x12\x34\x56\x78",
    extras={},
)
manager.object_registry.register_object(NumberServer)
manager.object_registry.register_object(NumberClient, foreign=True)
manager.object_registry.initialize([])
manager.open_server(client=("127.0.0.1", 0))
