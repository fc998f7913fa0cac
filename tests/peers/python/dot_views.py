"""The view of `dot`, the same on every node, as in most of the library's own tests: one role with the number 0.

It tells called {oid, call, arguments} for each call; in a snapshot that is before `generated`."""

import dataclasses

from magicnet.netobjects.network_field import NetworkField
from magicnet.protocol.network_types import int32, uint16

from peer import View, tell


@dataclasses.dataclass
class Dot(View):
    network_name = "dot"
    object_role = 0

    @NetworkField
    def set_x(self, x: int32):
        tell("called", oid=self.oid, call="set_x", arguments=[x])

    @NetworkField(ram_persist=False)
    def blink(self, times: uint16 = 256):
        tell("called", oid=self.oid, call="blink", arguments=[times])
