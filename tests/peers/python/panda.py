"""The library over Panda3D: its network classes carry the bytes and its task manager is the loop. No window is opened.

Panda3D frames datagrams with little-endian lengths of its own, so reader and writer are in raw mode: what the reader
hands over is cut anywhere, and the frames are put together here.
"""

import dataclasses
import queue
import socket

from direct.showbase.ShowBase import ShowBase
from magicnet.core.connection import ConnectionHandle
from magicnet.core.network_manager import NetworkManager
from magicnet.core.transport_handler import TransportHandler
from panda3d.core import (
    ClockObject,
    ConnectionWriter,
    Datagram,
    NetAddress,
    NetDatagram,
    PointerToConnection,
    QueuedConnectionListener,
    QueuedConnectionManager,
    QueuedConnectionReader,
    loadPrcFileData,
)

CONNECT_TIMEOUT_MS = 5_000
BACKLOG = 64
FRAMES_PER_SECOND = 120
SETTINGS = """
window-type none
audio-library-name null
notify-level-net error
notify-level-device fatal
sleep-precision 0.001
"""


@dataclasses.dataclass
class Wire:
    """One connection: Panda3D's, the library's, and what has come of a frame."""

    connection: object
    handle: ConnectionHandle
    received: bytearray = dataclasses.field(default_factory=bytearray)

    def datagrams(self):
        while len(self.received) >= 2:
            end = 2 + int.from_bytes(self.received[:2], "big")
            if len(self.received) < end:
                return
            datagram = bytes(self.received[2:end])
            del self.received[:end]
            yield datagram


@dataclasses.dataclass
class PandaTransport(TransportHandler):
    """TCP."""

    def __post_init__(self):
        super().__post_init__()
        self.sockets = QueuedConnectionManager()
        self.acceptor = QueuedConnectionListener(self.sockets, 0)
        self.reader = QueuedConnectionReader(self.sockets, 0)
        self.writer = ConnectionWriter(self.sockets, 0)
        self.reader.set_raw_mode(True)
        self.writer.set_raw_mode(True)
        self.wires = []

    def connect(self, host, port, *_more):
        connection = self.sockets.open_TCP_client_connection(host, port, CONNECT_TIMEOUT_MS)
        if connection is None:
            raise ConnectionRefusedError(f"nobody answers at {host}:{port}")
        self.add(connection)
        self.manager.each_frame("read", self.read)

    def open_server(self, host, port, *_more):
        # Panda3D does not tell the port of a listening socket, so that one is chosen first.
        port = port or free_port(host)
        rendezvous = self.sockets.open_TCP_server_rendezvous(host, port, BACKLOG)
        if rendezvous is None:
            raise OSError(f"cannot listen at {host}:{port}")
        self.acceptor.add_connection(rendezvous)
        self.manager.each_frame("accept", self.accept)
        self.manager.each_frame("read", self.read)
        self.manager.listening(port)

    def accept(self):
        while self.acceptor.new_connection_available():
            rendezvous, address, accepted = PointerToConnection(), NetAddress(), PointerToConnection()
            if self.acceptor.get_new_connection(rendezvous, address, accepted):
                self.send_motd(self.add(accepted.p()))

    def add(self, connection):
        # Panda3D collects what is written for a quarter of a second otherwise.
        connection.set_no_delay(True)
        self.reader.add_connection(connection)
        self.wires.append(Wire(connection, ConnectionHandle(self, connection)))
        return self.wires[-1].handle

    def send(self, connection, dg):
        frame = Datagram(len(dg).to_bytes(2, "big") + dg)
        self.writer.send(frame, connection.connection_data)

    def read(self):
        while self.reader.data_available():
            piece = NetDatagram()
            if self.reader.get_data(piece):
                self.take(piece.get_connection(), piece.get_message())
        while self.sockets.reset_connection_available():
            ended = PointerToConnection()
            if self.sockets.get_reset_connection(ended):
                self.lose(ended.p())

    def take(self, connection, received):
        for wire in [wire for wire in self.wires if wire.connection == connection]:
            wire.received += received
            for datagram in wire.datagrams():
                self.datagram_received(wire.handle, datagram)

    def lose(self, connection):
        for wire in [wire for wire in self.wires if wire.connection == connection]:
            wire.handle.destroy()

    def before_disconnect(self, handle):
        for wire in [wire for wire in self.wires if wire.handle is handle]:
            self.wires.remove(wire)
            self.reader.remove_connection(wire.connection)
            self.sockets.close_connection(wire.connection)


@dataclasses.dataclass(kw_only=True)
class PandaNetworkManager(NetworkManager):
    """A node whose loop is Panda3D's; for its user it looks like the library's own over asyncio."""

    def __post_init__(self):
        super().__post_init__()
        loadPrcFileData("", SETTINGS)
        self.base = ShowBase()
        self.calls = queue.SimpleQueue()
        self.each_frame("calls", self.take_calls)
        self.is_over = False
        self.listening = lambda _port: None

    @property
    def loop(self):
        return self

    def call_soon_threadsafe(self, act, *arguments):
        self.calls.put((act, arguments))

    def take_calls(self):
        while not self.calls.empty():
            act, arguments = self.calls.get()
            act(*arguments)

    def each_frame(self, name, act):
        def task(task):
            act()
            return task.cont

        self.base.task_mgr.add(task, name)

    def open_connection(self, **kwargs):
        """Connects, and runs until `shutdown`."""
        super().open_connection(**kwargs)
        self.run_forever()

    def open_server(self, **kwargs):
        """Listens, and runs until `shutdown`."""
        super().open_server(**kwargs)
        self.run_forever()

    def run_forever(self):
        # Where nothing is drawn, nothing else waits for the end of a frame.
        clock = ClockObject.get_global_clock()
        clock.set_mode(ClockObject.M_limited)
        clock.set_frame_rate(FRAMES_PER_SECOND)
        while not self.is_over:
            self.base.task_mgr.step()
            clock.tick()

    def shutdown(self):
        super().shutdown()
        self.is_over = True


def free_port(host):
    with socket.socket() as chosen:
        chosen.bind((host, 0))
        return chosen.getsockname()[1]
