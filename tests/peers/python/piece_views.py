"""The views of `piece`: set_pos with two arguments and named on the client, move_to and rename on the server.

All fields persist, as they do in the library if nothing else is said. Clients tell pos {oid, x, y} and
named {oid, name}; in a snapshot that is before `generated`. Values differ, because of what the checker makes of equal
small ones."""

import dataclasses

from magicnet.netobjects.network_field import NetworkField
from magicnet.protocol.network_types import int32, s16

from peer import View, tell


@dataclasses.dataclass
class PieceClient(View):
    network_name = "piece"
    object_role = 0

    @NetworkField
    def set_pos(self, x: int32, y: int32):
        tell("pos", oid=self.oid, x=x, y=y)

    @NetworkField
    def named(self, name: s16):
        tell("named", oid=self.oid, name=name)


@dataclasses.dataclass
class PieceServer(View):
    network_name = "piece"
    object_role = 1

    @NetworkField
    def move_to(self, x: int32, y: int32):
        self.send_message("set_pos", [x, y])

    @NetworkField
    def rename(self, name: s16):
        self.send_message("named", [name])
