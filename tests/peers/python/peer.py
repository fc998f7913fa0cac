"""What the Python peers share: a node of the library, driven by lines on stdin, telling events as JSON lines on stdout.

A script of this folder is one peer, a client or a server. It runs with magicnet 0.0.3 and with 0.0.7; where these
differ, the difference is bridged here and the comment says so.

Options: --port N (0 on a server: any free one), --hash HEX, --motd TEXT (servers), --no-validator (the library's
message validator is on by default), --trace (also tell every message, as it came and as it went), --veil HEX (XOR
every datagram with this key, and put the sum of its bytes behind it), --panda (Panda3D's network classes and loop
instead of asyncio's).
Clients that do wrong: --protocol N (claim this version of the protocol), --early (speak before HELLO).
Scripts with objects: --signatures FILE ... (manifests of both sides; without it both views are in this process),
--marshal FILE (write the manifest of this side and end).
Servers with objects: --zones (ZoneBasedRouter), --repository N (1 to 127: this server creates objects itself).

Commands, one a line; the end of stdin is `quit`. Every script knows
    share NAME JSON             set a shared parameter on every connection
    send ID JSON                send a message with these parameters to every connection
    disconnect REASON [DETAIL]  end every connection with this reason
    quit                        shut down in the library's way, exit code 0
and those with objects `visible` (clients: request the visible objects), `zones 1,2` (clients: share them as `vz`),
`delete OID`. What a script adds, its own first lines say. In JSON, bytes are {"bytes": hex}.

Events: {"event": name, ...}
    listening {port}                                    a server may be connected to
    marshalled                                          the manifest is written
    connected {connection}                              the handshake is through, as far as this side can tell
    parameter {connection, name, value}                 a shared parameter has a new value; `rp` on a server too
    ready {repository}                                  a client has got its `rp`: now it may create objects
    motd {text}
    disconnected {reason, detail, text}                 a DISCONNECT came; `text` is what the library makes of it
    closed {connection}                                 the connection is gone; a client ends with it
    generated {oid, owner, zone}                        net_create of a view
    deleted {oid}                                       net_delete of a view
    bad_call {oid, field, reason}                       the library refused a call: no-field, no-auth, bad-args
    warning, error {text}   exception {text, error}     what the library reports
    misuse {text}                                       a command could not be carried out
    received, sent {connection, id, parameters}         with --trace
Connections count from 1 in the order in which this side heard of them.
"""

import argparse
import asyncio
import dataclasses
import importlib.metadata
import itertools
import json
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
from magicnet.core.net_globals import MNEvents
from magicnet.core.net_message import NetMessage
from magicnet.core.transport_handler import TransportMiddleware
from magicnet.core.transport_manager import TransportParameters
from magicnet.netobjects.network_object import NetworkObject
from magicnet.protocol.processors import handshake
from magicnet.protocol.protocol_globals import StandardMessageTypes, mn_proto_version
from magicnet.util.messenger import MessengerNode, StandardEvents

VERSION = importlib.metadata.version("magicnet")


def tell(event, **fields):
    line = json.dumps({"event": event, **{name: to_json(value) for name, value in fields.items()}})
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # Whoever drove this peer is gone.
        os._exit(1)


class Peer:
    """One node. `views` is (own view, the other side's view) for each kind of object; the latter is None where both
    sides have the same."""

    def __init__(self, role, *, views=(), messages=None, commands=None):
        self.role = role
        self.options = read_options(role, bool(views))
        self.connections = []
        self.parameters = {}
        self.disconnect = (None, None)
        self.commands = {
            "share": self.share,
            "send": self.send,
            "disconnect": self.end_connections,
            "quit": self.quit,
            **(commands or {}),
        }
        if views:
            self.commands["delete"] = lambda oid: self.object(oid).request_delete()
        if views and role == "client":
            self.commands["visible"] = lambda: self.manager.object_manager.request_visible_objects()
            self.commands["zones"] = lambda zones: self.share("vz", f"[{zones}]")
        if role == "client":
            handshake.mn_proto_version = self.options.protocol
        self.manager = self.make_manager(messages)
        self.register(views)
        self.listen()

    def make_manager(self, messages):
        options = self.options
        middlewares = [] if options.no_validator else [MessageValidatorMiddleware]
        if getattr(options, "zones", False):
            middlewares.append(ZoneBasedRouter)
        # The last one: it sees what really leaves, and first what comes.
        middlewares.append(type("Tap", (Tap,), {"peer": self}))
        # Of bytes, which follow all of messages.
        if options.veil:
            middlewares += [type("Veil", (Veil,), {"key": bytes.fromhex(options.veil)}), Sum]
        manager, transport = stack(options)
        parameters = TransportParameters(MsgpackEncoder(), transport, AllButOne, middlewares)
        return manager.create_root(
            transport_type=EverywhereTransportManager,
            transport_params=(self.role, {"client": {"server": parameters}}),
            motd=options.motd if self.role == "server" else None,
            network_hash=bytes.fromhex(options.hash),
            # 0.0.7 iterates over it, so an empty dict and not None.
            extras=messages or {},
            client_repository=getattr(options, "repository", None),
            object_signature_filenames=getattr(options, "signatures", None),
            shutdown_on_disconnect=self.role == "client",
        )

    def register(self, views):
        registry = self.manager.object_registry
        for own, _ in views:
            registry.register_object(own)
        if not views:
            return
        if self.options.marshal:
            self.manager.marshalling_mode = self.options.marshal
            try:
                registry.activate()
            except Exception as error:  # noqa: BLE001 `hashable` as a hint cannot be written
                tell("misuse", text=f"--marshal: {type(error).__name__}: {error}")
                leave(1)
            tell("marshalled")
            leave(0)
        if not self.options.signatures:
            for _, foreign in views:
                if foreign is not None:
                    registry.register_object(foreign, foreign=True)
            registry.initialize([])

    def listen(self):
        # The library keeps one listener for an event and a node: a second one on the manager would replace its own.
        ears = self.manager.create_child(MessengerNode)
        ears.listen(MNEvents.HANDLE_ACTIVATED, lambda handle: tell("connected", connection=self.number(handle)))
        ears.listen(MNEvents.HANDLE_DESTROYED, lambda handle: tell("closed", connection=self.number(handle)))
        ears.listen(MNEvents.MOTD_SET, lambda text: tell("motd", text=text))
        ears.listen(MNEvents.DISCONNECT, self.tell_disconnect)
        ears.listen(MNEvents.BAD_NETWORK_OBJECT_CALL, self.tell_bad_call)
        ears.listen(MNEvents.DATAGRAM_RECEIVED, self.tell_parameters)
        ears.listen(StandardEvents.WARNING, lambda text: tell("warning", text=text))
        ears.listen(StandardEvents.ERROR, lambda text: tell("error", text=text))
        ears.listen(StandardEvents.EXCEPTION, self.tell_exception)

    def run(self):
        """Serves or stays connected until `quit`, the end of stdin, or, on a client, the end of the connection."""
        real = asyncio.start_server

        async def start_server(*arguments):
            server = await real(*arguments)
            tell("listening", port=server.sockets[0].getsockname()[1])
            return server

        # The library keeps its server to itself, and with it the port.
        asyncio.start_server = start_server
        self.manager.listening = lambda port: tell("listening", port=port)
        threading.Thread(target=self.read_commands, daemon=True).start()
        if self.role == "server":
            self.manager.open_server(client=("127.0.0.1", self.options.port))
        else:
            self.manager.open_connection(server=("127.0.0.1", self.options.port))
        leave(0)

    # ---- commands

    def read_commands(self):
        for line in sys.stdin:
            self.manager.loop.call_soon_threadsafe(self.command, line.rstrip("\n"))
        self.manager.loop.call_soon_threadsafe(self.quit)

    def command(self, line):
        name, _, rest = line.strip().partition(" ")
        if not name:
            return
        if name not in self.commands:
            tell("misuse", text=f"no command '{name}'; there are {', '.join(sorted(self.commands))}")
            return
        command = self.commands[name]
        count = command.__code__.co_argcount - hasattr(command, "__self__")
        try:
            # The last argument takes the rest of the line.
            command(*rest.split(" ", count - 1) if rest else ())
        except Exception as error:  # noqa: BLE001 whatever the library does to it
            tell("misuse", text=f"{line}: {type(error).__name__}: {error}")

    def share(self, name, value):
        for handle in self.handles():
            self.parameters.setdefault(handle.uuid, {})[name] = from_json(json.loads(value))
            handle.set_shared_parameter(name, from_json(json.loads(value)))

    def send(self, number, parameters):
        self.manager.send_message(NetMessage(int(number), from_json(json.loads(parameters))))

    def end_connections(self, reason, detail=None):
        for handle in self.handles():
            handle.send_disconnect(int(reason), detail)

    def quit(self):
        self.manager.shutdown()

    # ---- the node

    def handles(self):
        [transport] = self.manager.transport.transports.values()
        return list(transport.connections.values())

    def number(self, handle):
        if handle.uuid not in self.connections:
            self.connections.append(handle.uuid)
        return self.connections.index(handle.uuid) + 1

    def object(self, oid):
        # 0.0.3 names them otherwise.
        manager = self.manager
        objects = manager.managed_objects if VERSION == "0.0.3" else manager.net_objects
        return objects[int(oid)]

    # ---- events

    def tell_disconnect(self, text):
        reason, detail = self.disconnect
        tell("disconnected", reason=reason, detail=detail, text=text)

    def tell_bad_call(self, call):
        tell("bad_call", oid=call["obj"].oid, field=call["field_id"], reason=call["reason"])

    def tell_parameters(self, _messages):
        # No event of the library says that a parameter has come; after a datagram it has.
        for handle in self.handles():
            known = self.parameters.setdefault(handle.uuid, {})
            for name, value in handle.shared_parameters.items():
                if name in known and known[name] == value:
                    continue
                known[name] = value
                tell("parameter", connection=self.number(handle), name=name, value=value)
                if self.role == "client" and name == "rp":
                    tell("ready", repository=value)

    def tell_exception(self, text, error):
        tell("exception", text=text, error=f"{type(error).__name__}: {error}")
        if self.role == "client" and not self.connections and isinstance(error, OSError):
            leave(1)


@dataclasses.dataclass
class Tap(TransportMiddleware):
    """Sees every message; `peer` is set in a subclass because the library makes the instance."""

    peer = None

    def __post_init__(self):
        self.add_message_operator(self.leaving, self.coming)

    def leaving(self, message, handle):
        # ZoneBasedRouter hands on None for what it holds back.
        if message is not None and self.peer.options.trace:
            self.tell_message("sent", message, handle)
        return message

    def coming(self, message, handle):
        if message.message_type == StandardMessageTypes.DISCONNECT and len(message.parameters) == 2:
            self.peer.disconnect = tuple(message.parameters)
        if message.message_type == StandardMessageTypes.MOTD and getattr(self.peer.options, "early", False):
            self.peer.manager.send_message(NetMessage(StandardMessageTypes.REQUEST_VISIBLE_OBJECTS))
        if self.peer.options.trace:
            self.tell_message("received", message, handle)
        return message

    def tell_message(self, event, message, handle):
        number = self.peer.number(handle)
        tell(event, connection=number, id=int(message.message_type), parameters=message.parameters)


@dataclasses.dataclass
class Veil(TransportMiddleware):
    """Datagrams, XOR a key that is set in a subclass."""

    key = b"\0"

    def __post_init__(self):
        self.add_bytes_operator(self.turn, self.turn)

    def turn(self, datagram):
        return bytes(byte ^ key for byte, key in zip(datagram, itertools.cycle(self.key)))


@dataclasses.dataclass
class Sum(TransportMiddleware):
    """The sum of the bytes of a datagram behind them."""

    def __post_init__(self):
        self.add_bytes_operator(self.add, self.check)

    def add(self, datagram):
        return datagram + bytes([sum(datagram) % 256])

    def check(self, datagram):
        if not datagram or sum(datagram[:-1]) % 256 != datagram[-1]:
            tell("error", text="the sum is wrong")
            return b""
        return datagram[:-1]


class AllButOne(BaseHandleFilter):
    """A message with an attribute `besides` goes to everybody but that connection, in both versions of the library."""

    def resolve_destination(self, message):
        besides = getattr(message, "besides", None)
        if besides is None:
            return super().resolve_destination(message)
        return [uuid for uuid in self.transport.connections if uuid != besides.uuid]


@dataclasses.dataclass
class View(NetworkObject):
    """Tells when it comes and goes."""

    def net_create(self):
        tell("generated", oid=self.oid, owner=self.owner, zone=self.zone)

    def net_delete(self):
        tell("deleted", oid=self.oid)


def stack(options):
    """What carries the bytes, and the node whose loop that is."""
    if options.panda:
        from panda import PandaNetworkManager, PandaTransport

        return PandaNetworkManager, PandaTransport
    return AsyncIONetworkManager, AsyncIOSocketTransport


def read_options(role, has_objects):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hash", default="12345678")
    parser.add_argument("--no-validator", action="store_true")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--veil")
    parser.add_argument("--panda", action="store_true")
    if role == "server":
        parser.add_argument("--motd", default="hello")
    else:
        parser.add_argument("--protocol", type=int, default=mn_proto_version)
        parser.add_argument("--early", action="store_true")
    if has_objects:
        parser.add_argument("--signatures", nargs="+")
        parser.add_argument("--marshal")
    if has_objects and role == "server":
        parser.add_argument("--zones", action="store_true")
        parser.add_argument("--repository", type=int)
    return parser.parse_args()


def to_json(value):
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if dataclasses.is_dataclass(value):
        return [to_json(member) for member in dataclasses.astuple(value)]
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    return value


def from_json(value):
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if isinstance(value, dict) and value.keys() == {"bytes"}:
        return bytes.fromhex(value["bytes"])
    if isinstance(value, dict):
        return {key: from_json(item) for key, item in value.items()}
    return value


def leave(code):
    """Ends at once: the thread that reads stdin would hold up an ordinary exit. Every line has been flushed."""
    os._exit(code)
