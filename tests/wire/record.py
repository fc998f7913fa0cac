"""Records the MagicNet v3 wire from the Python library itself: golden vectors are never written by hand.

    PYTHON record.py                               prints what the library of this interpreter puts on the wire
    PYTHON record.py --write golden.json A B ...   merges such recordings of several versions into the golden file
    PYTHON record.py --check golden.json A B ...   the same, but compares: says what differs and ends with 1

`tests/run vectors` does the first with both versions and then the third.

The file has three keys.

`comment`: for people.

`messages`: one message each, as the library's encoder writes it.
    name        unique; with `version` where the versions differ
    version     only there, and then one entry a version
    direction   "server" or "client": who sends it to the other, or "both"
    datagram    hex of the message alone, without the length of the frame
    meaning     [id, [parameter, ...]], see below
    refused     only where true: the library's checker refuses the parameters. With its validator 0.0.3 neither sends
                nor accepts such a message; the validator of 0.0.7 checks nothing

`sessions`: whole conversations over the library's own TCP transport, its sockets replaced by pipes in memory.
    name, version   as above
    steps           a list of {"do": what was asked of whom, "saw": what went over the connections, in order}, where
                    each thing seen is one of
        {"connection": n, "from": "server" | "client", "frame": hex, "meaning": [message, ...]}
        {"connection": n, "from": "server" | "client", "closed": true}
                The frame includes the two bytes of its length. `closed`: that side closed its end.
    Connections count from 1 in the order of connecting. "raw" clients are bytes of our own, written here to provoke
    an answer: their frames say "raw": true, and only the answers are the library's.

Values in `meaning` are JSON: 2 is an integer, 2.0 a float, bytes are {"bytes": hex}, a map is {"map": [[k, v], ...]}.
"""

import asyncio
import dataclasses
import difflib
import importlib.metadata
import json
import sys

VERSION = importlib.metadata.version("magicnet")

COMMENT = (
    "Recorded from the Python library by tests/wire/record.py, which describes the format. Do not edit by hand; "
    "`tests/run vectors` records anew and fails on any difference."
)

# ---- single messages


def varied_messages():
    """(name, who sends it, id, parameters)"""
    from magicnet.protocol.protocol_globals import StandardMessageTypes as Id

    oid = (128 << 32) | 1
    first = (1 << 32) | 1
    last = (0xFFFFFFFF << 32) | 0xFFFFFFFF

    yield "motd", "server", Id.MOTD, ("An example native host",)
    yield "motd.empty", "server", Id.MOTD, ("",)
    yield "motd.nil", "server", Id.MOTD, (None,)
    yield "motd.unicode", "server", Id.MOTD, ("Grüße, 世界 🧙",)
    yield "motd.31_bytes", "server", Id.MOTD, ("x" * 31,)
    yield "motd.32_bytes", "server", Id.MOTD, ("x" * 32,)
    yield "motd.64_characters_of_4_bytes", "server", Id.MOTD, ("🧙" * 64,)

    yield "hello", "client", Id.HELLO, (3, b"\x12\x34\x56\x78")
    yield "hello.empty_hash", "client", Id.HELLO, (3, b"")
    yield "hello.longest_hash", "client", Id.HELLO, (65535, bytes(range(64)))

    yield "disconnect", "both", Id.DISCONNECT, (1, None)
    yield "disconnect.detail", "both", Id.DISCONNECT, (5, "Shared parameter rp is not set")
    yield "disconnect.largest_reason", "both", Id.DISCONNECT, (255, "x" * 64)
    yield "disconnect.empty_detail", "both", Id.DISCONNECT, (10, "")

    yield "shutdown", "both", Id.SHUTDOWN, ()

    yield "shared_parameter.rp", "server", Id.SHARED_PARAMETER, ("rp", 128)
    yield "shared_parameter.vz", "client", Id.SHARED_PARAMETER, ("vz", [1, 2, 70000])
    yield "shared_parameter.vz_empty", "client", Id.SHARED_PARAMETER, ("vz", [])
    for name, value in varied_values():
        yield f"shared_parameter.value.{name}", "both", Id.SHARED_PARAMETER, ("x" * 16, value)

    yield "create_object", "client", Id.CREATE_OBJECT, (1, 0, 0, 0, [])
    yield "create_object.one_call", "client", Id.CREATE_OBJECT, (1, 0, 0, 0, [(1, 0, [10])])
    yield "create_object.calls", "client", Id.CREATE_OBJECT, (
        7,
        300,
        64,
        9,
        [(1, 0, [-100]), (1, 1, []), (0, 2, ["text", b"bytes", [11, [12]]]), (255, 254, [70000])],
    )
    yield "create_object.largest", "client", Id.CREATE_OBJECT, (0xFFFFFFFF, 0xFFFF, 0xFFFFFFFE, 0xFFFFFFFD, [])

    yield "generate_object", "server", Id.GENERATE_OBJECT, (oid, 0, 128, 0)
    yield "generate_object.hand_configured", "server", Id.GENERATE_OBJECT, (first, 3, 1, 42)
    yield "generate_object.largest", "server", Id.GENERATE_OBJECT, (last, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)

    for name, number in (("first", first), ("usual", oid), ("largest", last)):
        yield f"request_delete_object.{name}", "client", Id.REQUEST_DELETE_OBJECT, (number,)
        yield f"destroy_object.{name}", "server", Id.DESTROY_OBJECT, (number,)
        yield f"object_generate_done.{name}", "server", Id.OBJECT_GENERATE_DONE, (number,)

    yield "set_object_field", "both", Id.SET_OBJECT_FIELD, (oid, 1, 1, [5])
    yield "set_object_field.no_arguments", "both", Id.SET_OBJECT_FIELD, (oid, 0, 0, [])
    yield "set_object_field.last_index", "both", Id.SET_OBJECT_FIELD, (last, 255, 255, [])
    yield "set_object_field.sixteen_arguments", "both", Id.SET_OBJECT_FIELD, (oid, 2, 3, list(range(16)))
    yield "set_object_field.equal_arguments", "both", Id.SET_OBJECT_FIELD, (oid, 2, 3, [5, 5])
    for name, value in varied_values():
        yield f"set_object_field.argument.{name}", "both", Id.SET_OBJECT_FIELD, (oid, 0, 6, [value])

    yield "request_visible_objects", "client", Id.REQUEST_VISIBLE_OBJECTS, ()

    yield "custom.set_name", "client", 64, ("Ada",)
    yield "custom.say", "client", 65, ("hello",)
    yield "custom.said", "server", 66, ("olleh",)
    yield "custom.heard", "server", 67, ("Ada", "hello")
    yield "custom.largest_id", "both", 2**64 - 1, ()


def varied_values():
    """Each boundary of each msgpack form that a value can take."""
    for number in (0, 1, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1):
        yield f"{number}", number
    for number in (-1, -32, -33, -128, -129, -32768, -32769, -(2**31), -(2**31) - 1, -(2**63)):
        yield f"minus_{-number}", number
    for number in (0.0, 1.5, -2.0, 0.1, 1e300):
        yield f"float_{number}", number
    yield "false", False
    yield "true", True
    yield "nil", None
    for size in (0, 1, 31, 32, 255, 256):
        yield f"str_{size}", "s" * size
        yield f"bytes_{size}", b"b" * size
    yield "str_unicode", "aß世🧙"
    yield "str_zero_character", "a\0b"
    yield "list_empty", []
    yield "list_mixed", [3, "three", b"\x03", -3]
    yield "list_15", list(range(100, 115))
    yield "list_16", list(range(100, 116))
    yield "list_nested", [[21, 22], [], [[23]]]
    yield "tuple", (31, "x y")
    yield "map_empty", {}
    yield "map", {"one": 41, "two": [42], "three": {"four": 44}}
    yield "map_16", {f"key {n:02}": n + 200 for n in range(16)}


def record_messages():
    from magicnet.batteries.encoders import MsgpackEncoder
    from magicnet.core.errors import DataValidationError
    from magicnet.core.net_message import NetMessage
    from magicnet.protocol.message_processors import message_processors
    from magicnet.util.typechecking.magicnet_typechecker import check_type

    encoder = MsgpackEncoder()
    for name, sender, number, parameters in varied_messages():
        datagram = encoder.pack([NetMessage(number, parameters)])
        [again] = encoder.unpack(datagram)
        assert readable(list(again.value)) == readable([number, parameters]), name
        entry = {
            "name": name,
            "direction": sender,
            "datagram": datagram.hex(),
            "meaning": readable([int(number), parameters]),
        }
        if number in message_processors:
            try:
                check_type(again.parameters, message_processors[number].arg_type)
            except DataValidationError:
                entry["refused"] = True
        yield entry


# ---- sessions


class Stage:
    """A server, its clients, and pipes in memory under the library's TCP transport, on one loop without a clock."""

    def __init__(self, name):
        self.name = name
        self.loop = asyncio.new_event_loop()
        self.connections = 0
        self.steps = []
        self.accept = None
        self.accepting = []

    def run(self, script):
        """Runs the script, a coroutine function, with the library's two ways to a socket leading here."""
        real = asyncio.open_connection, asyncio.start_server
        asyncio.open_connection, asyncio.start_server = self.open_connection, self.start_server
        try:
            self.loop.run_until_complete(script(self))
        finally:
            asyncio.open_connection, asyncio.start_server = real
            left = asyncio.all_tasks(self.loop)
            for task in left:
                task.cancel()
            if left:
                self.loop.run_until_complete(asyncio.wait(left))
            self.loop.close()
        return {"name": self.name, "steps": self.steps}

    async def start_server(self, accept, _host, _port):
        self.accept = accept

    async def open_connection(self, _host, _port, raw=False):
        self.connections += 1
        to_server, to_client = asyncio.StreamReader(), asyncio.StreamReader()
        client = Writer(self, self.connections, "client", to_server, raw)
        server = Writer(self, self.connections, "server", to_client, False)
        self.accepting.append(self.loop.create_task(self.accept(to_server, server)))
        return to_client, client

    async def step(self, what, act=lambda: None):
        """One step of the story: acts, then lets everything that follows from it happen."""
        self.steps.append({"do": what, "saw": []})
        result = act()
        if asyncio.iscoroutine(result):
            result = await result
        # No clock and no socket: so what can happen happens within a bounded number of turns of the loop.
        for _ in range(200):
            await asyncio.sleep(0)
        for thing in self.steps[-1]["saw"]:
            if "frame" in thing:
                thing["meaning"] = meaning_of(thing["frame"])
        return result

    async def raw_client(self):
        """A client that says what we like."""
        _, writer = await self.open_connection(None, None, raw=True)
        return writer

    def manager(self, role, *, objects=(), zones=False, validator=True, **options):
        from magicnet.batteries.asyncio_network_manager import AsyncIONetworkManager
        from magicnet.batteries.encoders import MsgpackEncoder
        from magicnet.batteries.middlewares.message_validation import MessageValidatorMiddleware
        from magicnet.batteries.middlewares.zone_routing import ZoneBasedRouter
        from magicnet.batteries.transport_managers import EverywhereTransportManager
        from magicnet.batteries.transports.socket_asyncio import AsyncIOSocketTransport
        from magicnet.core.transport_manager import TransportParameters

        middlewares = [MessageValidatorMiddleware] * validator + [ZoneBasedRouter] * zones
        parameters = TransportParameters(MsgpackEncoder(), AsyncIOSocketTransport, None, middlewares)
        manager = AsyncIONetworkManager.create_root(
            transport_type=EverywhereTransportManager,
            transport_params=(role, {"client": {"server": parameters}}),
            add_signal_handlers=False,
            **options,
        )
        manager.loop.close()
        manager.loop = self.loop
        own = 0 if role == "client" else 1
        for views in objects:
            manager.object_registry.register_object(views[own])
            manager.object_registry.register_object(views[1 - own], foreign=True)
        manager.object_registry.initialize([])
        return manager

    def server(self, **options):
        from magicnet.core.network_manager import NetworkManager

        manager = self.manager("server", **options)
        # The subclass's own method runs the loop for ever; ours is running already.
        NetworkManager.open_server(manager, client=("memory", 0))
        return manager

    def client(self, **options):
        from magicnet.core.network_manager import NetworkManager

        manager = self.manager("client", **options)
        NetworkManager.open_connection(manager, server=("memory", 0))
        return manager


class Writer:
    """What the library writes to instead of a socket."""

    def __init__(self, stage, connection, side, reader, raw):
        self.stage, self.reader, self.raw = stage, reader, raw
        self.who = {"connection": connection, "from": side}
        self.pending = b""
        self.closed = False

    def write(self, data):
        if self.closed:
            return
        self.pending += data
        while len(self.pending) >= 2 and len(self.pending) >= 2 + int.from_bytes(self.pending[:2], "big"):
            end = 2 + int.from_bytes(self.pending[:2], "big")
            frame, self.pending = self.pending[:end], self.pending[end:]
            seen = {**self.who, "frame": frame.hex()}
            if self.raw:
                seen["raw"] = True
            self.stage.steps[-1]["saw"].append(seen)
        self.reader.feed_data(data)

    def say(self, *messages):
        """For raw clients: the messages as one frame."""
        import msgpack

        datagram = b"".join(msgpack.packb(message) for message in messages)
        self.write(len(datagram).to_bytes(2, "big") + datagram)

    async def drain(self):
        pass

    def close(self):
        if not self.closed:
            self.closed = True
            self.stage.steps[-1]["saw"].append({**self.who, "closed": True})
            self.reader.feed_eof()


def views():
    """(client view, server view) of `one-number` and of an object with other shapes of calls."""
    from magicnet.core.errors import DataValidationError
    from magicnet.netobjects.network_field import NetworkField
    from magicnet.netobjects.network_object import NetworkObject
    from magicnet.protocol import network_types as t
    from magicnet.util.typechecking.magicnet_typechecker import check_type

    class View(NetworkObject):
        def net_create(self):
            pass

        def net_delete(self):
            pass

    @dataclasses.dataclass
    class NumberClient(View):
        network_name = "one-number"
        object_role = 0

        @NetworkField
        def set_current_value(self, value: t.int32):
            pass

    @dataclasses.dataclass
    class NumberServer(View):
        network_name = "one-number"
        object_role = 1
        value: int = 0

        @NetworkField
        def set_init_value(self, value: t.int32):
            self.value = value
            self.send_message("set_current_value", [self.value])

        @NetworkField
        def add_value(self, value: t.int32):
            try:
                check_type(self.value + value, t.int32)
            except DataValidationError:
                return
            self.value += value
            self.send_message("set_current_value", [self.value])

    @dataclasses.dataclass
    class Corner:
        x: int
        y: int = 8

    @dataclasses.dataclass
    class ShapeClient(View):
        network_name = "shapes"
        object_role = 0

        @NetworkField
        def drawn(self, name: t.s16, corners: list):
            pass

        @NetworkField(ram_persist=False)
        def flashed(self, *colours: t.uint8):
            pass

    @dataclasses.dataclass
    class ShapeServer(View):
        network_name = "shapes"
        object_role = 1

        @NetworkField
        def draw(self, name: t.s16, corner: Corner, scale: t.uint16 = 256):
            self.send_message("drawn", [f"{name} x {scale}", [corner]])

        @NetworkField(ram_persist=False)
        def flash(self, *colours: t.uint8):
            self.send_message("flashed", colours)

    return {"number": (NumberClient, NumberServer), "shapes": (ShapeClient, ShapeServer), "Corner": Corner}


def objects_of(manager):
    """0.0.3 names them otherwise."""
    return manager.managed_objects if hasattr(manager, "managed_objects") else manager.net_objects


async def handshake(stage):
    await stage.step("a server with the motd 'hello' opens", lambda: stage.server(motd="hello"))
    client = await stage.step("a client connects", stage.client)
    await stage.step("another client connects", stage.client)
    await stage.step(
        "the first client sets the shared parameter 'name'",
        lambda: client.get_handle("server").set_shared_parameter("name", "Ada"),
    )


async def handshake_without_motd(stage):
    await stage.step("a server without a motd and without the validator opens", lambda: stage.server(validator=False))
    await stage.step("a client connects", lambda: stage.client(validator=False))


async def handshake_with_a_hash(stage):
    secret = bytes.fromhex("00ff10")
    await stage.step("a server with the hash 00ff10 opens", lambda: stage.server(motd="", network_hash=secret))
    await stage.step("a client with that hash connects", lambda: stage.client(network_hash=secret))


async def parting(stage):
    server = await stage.step("a server opens", lambda: stage.server(motd="hello"))
    client = await stage.step("a client connects", stage.client)
    await stage.step("another client connects", stage.client)
    from magicnet.core.network_manager import NetworkManager

    await stage.step("the first client shuts down", lambda: NetworkManager.shutdown(client))
    await stage.step("the server shuts down", lambda: NetworkManager.shutdown(server))


async def one_number(stage):
    number = views()["number"]
    await stage.step("a server with one-number opens", lambda: stage.server(motd="hello", objects=[number]))
    client = await stage.step("a client connects", lambda: stage.client(objects=[number]))

    def create():
        view = number[0](client)
        view.send_message("set_init_value", [10])
        view.request_generate()
        return view

    view = await stage.step("the client creates a number with set_init_value(10)", create)
    await stage.step("and calls add_value(5)", lambda: view.send_message("add_value", [5]))
    await stage.step("and calls add_value(0)", lambda: view.send_message("add_value", [0]))
    await stage.step("and calls add_value(2147483647): overflow", lambda: view.send_message("add_value", [2**31 - 1]))
    late = await stage.step("a late client connects", lambda: stage.client(objects=[number]))
    await stage.step("and requests the visible objects", late.object_manager.request_visible_objects)
    other = objects_of(late)[view.oid]
    await stage.step("and calls add_value(-20)", lambda: other.send_message("add_value", [-20]))
    await stage.step("and requests to delete what it does not own", other.request_delete)
    await stage.step("the owner requests to delete the number", view.request_delete)
    again = client.object_manager.request_delete_object
    await stage.step("the owner requests it again, nothing is there", lambda: again(view.oid))
    await stage.step("the late client requests the visible objects", late.object_manager.request_visible_objects)


async def authority(stage):
    number = views()["number"]
    server = await stage.step(
        "a server of repository 64 opens", lambda: stage.server(motd="hello", objects=[number], client_repository=64)
    )
    await stage.step("a client connects", lambda: stage.client(objects=[number]))
    view = number[1](server)
    view.send_message("set_current_value", [3])
    await stage.step("the server creates a number at 3 in zone 5", lambda: view.request_generate(zone=5))
    await stage.step("and sets it to 4", lambda: view.send_message("set_current_value", [4]))
    given = number[1](server)
    await stage.step("and creates another, owned by repository 128", lambda: given.request_generate(owner=128))
    await stage.step("and deletes both", lambda: (view.request_delete(), given.request_delete()))


async def shapes(stage):
    everything = views()
    both = [everything["shapes"], everything["number"]]
    corner = everything["Corner"]
    await stage.step("a server with one-number and shapes opens", lambda: stage.server(motd="hello", objects=both))
    client = await stage.step("a client connects", lambda: stage.client(objects=both))
    view = both[0][0](client)
    await stage.step("the client creates a shape, type 1 of 2, in zone 3", lambda: view.request_generate(zone=3))
    await stage.step(
        "draw('square', Corner(1, 2), 50)", lambda: view.send_message("draw", ["square", corner(1, 2), 50])
    )
    await stage.step(
        "draw('dot', [7]): the missing member and argument take their defaults",
        lambda: view.send_message("draw", ["dot", [7]]),
    )
    await stage.step("flash(1, 2, 3)", lambda: view.send_message("flash", [1, 2, 3]))
    await stage.step("flash()", lambda: view.send_message("flash"))
    await stage.step("the visible objects: flash is not persisted", client.object_manager.request_visible_objects)


async def zones(stage):
    number = views()["number"]
    await stage.step("a server with zones opens", lambda: stage.server(motd="hello", objects=[number], zones=True))
    first = await stage.step("a client connects", lambda: stage.client(objects=[number]))
    second = await stage.step("another client connects", lambda: stage.client(objects=[number]))
    see = lambda client, zones: (lambda: client.get_handle("server").set_shared_parameter("vz", zones))  # noqa: E731

    def create(value, zone):
        view = number[0](first)
        view.send_message("set_init_value", [value])
        view.request_generate(zone=zone)
        return view

    await stage.step("the first sees zones 1 and 2", see(first, [1, 2]))
    await stage.step("the first creates 10 in zone 1", lambda: create(10, 1))
    visible_to_second = second.object_manager.request_visible_objects
    await stage.step("the second, which sees nothing, requests the visible objects", visible_to_second)
    await stage.step("the second sees zone 2: that alone sends nothing", see(second, [2]))
    await stage.step("the second requests the visible objects: none in zone 2", visible_to_second)
    view = await stage.step("the first creates 20 in zone 2", lambda: create(20, 2))
    await stage.step("the first calls add_value(1) on it", lambda: view.send_message("add_value", [1]))
    await stage.step("the second sees zone 1", see(second, [1]))
    await stage.step("the first calls add_value(1) again", lambda: view.send_message("add_value", [1]))
    await stage.step("the second requests the visible objects", visible_to_second)
    await stage.step("the first creates 30 in zone 3, which it does not see: no answer", lambda: create(30, 3))
    await stage.step("the first deletes the number in zone 2: DESTROY_OBJECT is lost", view.request_delete)


async def reasons(stage):
    import msgpack

    number = views()["number"]
    hello = [2, [3, b"\x12\x34\x56\x78"]]
    await stage.step("a server with one-number opens", lambda: stage.server(motd="hello", objects=[number]))

    async def provoke(what, *frames):
        raw = await stage.step(f"a raw client connects, for: {what}", stage.raw_client)
        await stage.step(what, lambda: [raw.say(*messages) for messages in frames])

    await provoke("reason 1, HELLO twice", [hello], [hello])
    await provoke("reason 2, wrong version", [[2, [2, b"\x12\x34\x56\x78"]]])
    await provoke("reason 3, wrong hash", [[2, [3, b"\x00"]]])
    await provoke("reason 4, an object message before HELLO", [[12, []]])
    await provoke("reason 5, rp overwritten with text", [hello], [[5, ["rp", "text"]], [8, [1]]])
    await provoke("reason 6, unknown object type", [hello], [[6, [9, 77, 0, 0, []]]])
    unknown = [[63, []], [99, ["x"]], [10, [1, 1, 0, [5]]], [8, [1]]]
    await provoke("ignored: unknown types, objects and deletes", [hello], unknown)
    await provoke("ignored: a MOTD from a client", [[1, ["hi"]], hello])
    raw = await stage.step("a raw client connects, for: a half value at the end of a datagram", stage.raw_client)
    half = msgpack.packb(hello) + msgpack.packb([12, []])[:-1]
    await stage.step("HELLO and a half value in one datagram", lambda: raw.write(len(half).to_bytes(2, "big") + half))
    await stage.step("the connection lives on", lambda: raw.say([1, ["still here"]], [2, [3, b""]]))
    await provoke("SHUTDOWN before HELLO", [[4, []]])
    await provoke("an empty frame, then HELLO", [], [hello])
    await provoke("parameters before HELLO in the same datagram", [[5, ["mn", b"\x01"]], hello])


async def broadcasts(stage):
    number = views()["number"]
    server = await stage.step(
        "a server of repository 1 opens", lambda: stage.server(motd="hello", objects=[number], client_repository=1)
    )
    await stage.step("a raw client connects and never says HELLO", stage.raw_client)
    view = number[1](server)
    await stage.step("the server creates a number: the silent one hears of it too", view.request_generate)
    handle = lambda: server.get_handle("client")  # noqa: E731
    await stage.step("the server disconnects it with reason 10", lambda: handle().send_disconnect(10, "a detail"))


SESSIONS = [
    handshake,
    handshake_without_motd,
    handshake_with_a_hash,
    parting,
    one_number,
    authority,
    shapes,
    zones,
    reasons,
    broadcasts,
]


def record():
    messages = list(record_messages())
    sessions = [Stage(script.__name__).run(script) for script in SESSIONS]
    return {"version": VERSION, "messages": messages, "sessions": sessions}


# ---- reading


def meaning_of(frame):
    import msgpack

    unpacker = msgpack.Unpacker(strict_map_key=False)
    unpacker.feed(bytes.fromhex(frame)[2:])
    return [readable(message) for message in unpacker]


def readable(value):
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, (list, tuple)):
        return [readable(item) for item in value]
    if isinstance(value, dict):
        return {"map": [[readable(key), readable(item)] for key, item in value.items()]}
    return value


# ---- merging and comparing


def merge(recordings):
    """One entry for all versions where they agree, one for each where they don't."""
    merged = {"comment": COMMENT}
    for part in ("messages", "sessions"):
        merged[part] = []
        names = [[entry["name"] for entry in recording[part]] for recording in recordings]
        assert all(one == names[0] for one in names) and len(set(names[0])) == len(names[0]), "names differ or repeat"
        for entries in zip(*(recording[part] for recording in recordings)):
            if all(entry == entries[0] for entry in entries):
                merged[part].append(entries[0])
                continue
            for recording, entry in zip(recordings, entries):
                rest = {key: value for key, value in entry.items() if key != "name"}
                merged[part].append({"name": entry["name"], "version": recording["version"], **rest})
    return merged


def written(merged):
    """Stable JSON, one message or one thing seen a line, so that a diff can be read."""
    line = lambda value: json.dumps(value, ensure_ascii=False)  # noqa: E731
    out = ["{", f' "comment": {line(merged["comment"])},', ' "messages": [']
    out.append(",\n".join(f"  {line(entry)}" for entry in merged["messages"]))
    out += [" ],", ' "sessions": [']
    sessions = []
    for session in merged["sessions"]:
        head = ", ".join(f"{line(key)}: {line(value)}" for key, value in session.items() if key != "steps")
        steps = []
        for step in session["steps"]:
            saw = ",\n".join(f"     {line(thing)}" for thing in step["saw"])
            saw = f"\n{saw}\n    " if saw else ""
            steps.append(f'    {{"do": {line(step["do"])}, "saw": [{saw}]}}')
        sessions.append(f'  {{{head}, "steps": [\n' + ",\n".join(steps) + "\n  ]}")
    out += [",\n".join(sessions), " ]", "}"]
    text = "\n".join(out) + "\n"
    assert json.loads(text) == merged
    return text


def main(arguments):
    if not arguments:
        json.dump(record(), sys.stdout)
        return 0
    verb, golden, *paths = arguments
    assert verb in ("--check", "--write") and paths, __doc__
    recordings = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            recordings.append(json.load(file))
    text = written(merge(recordings))
    versions = " and ".join(recording["version"] for recording in recordings)
    if verb == "--write":
        with open(golden, "w", encoding="utf-8") as file:
            file.write(text)
        return 0
    with open(golden, encoding="utf-8") as file:
        kept = file.read()
    if kept != text:
        named = (kept.splitlines(), text.splitlines())
        diff = difflib.unified_diff(*named, f"kept: {golden}", f"recorded now from {versions}", lineterm="", n=1)
        print("\n".join(diff))
        print(f"\nThe wire of magicnet {versions} is not what {golden} says. To keep what was recorded now:")
        print(f"{sys.executable} {sys.argv[0]} --write {golden} {' '.join(paths)}")
        return 1
    merged = json.loads(text)
    frames = sum(len(step["saw"]) for session in merged["sessions"] for step in session["steps"])
    counts = f"{len(merged['messages'])} messages, {len(merged['sessions'])} sessions ({frames} frames and closings)"
    print(f"{counts} of magicnet {versions}: as kept")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
