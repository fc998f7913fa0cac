"""The views of `every-hint`: a field for every typehint that the library can write, with defaults, nested and variadic.

The server answers each call `set_x` with the client's `echo_x`, the same arguments after conversion and defaults.
`moved` is kept by the library, `flashed` is not."""

# No `from __future__ import annotations`: the library reads the annotations as types.

import dataclasses
from typing import Annotated, Any, Optional, Union

from magicnet.netobjects.network_field import NetworkField
from magicnet.protocol.network_types import Ge, Lt, MaxLen, bs16, int32, s16, s64, uint8, uint16

from peer import View, tell

Percent = Annotated[int, Ge(0), Lt(101)]


@dataclasses.dataclass
class Place:
    """Written by its name alone, which the library cannot load again."""

    x: int32
    y: int32 = 7


@dataclasses.dataclass
class HintsServer(View):
    network_name = "every-hint"
    object_role = 1

    @NetworkField
    def set_anything(self, it: Any):
        self.answer("anything", it)

    @NetworkField
    def set_bare(self, it):
        self.answer("bare", it)

    @NetworkField
    def set_int(self, it: int, percent: Percent, least: Annotated[int, Ge(-5)] = -5):
        self.answer("int", it, percent, least)

    @NetworkField
    def set_float(self, it: float = 1.5, far: float = float("inf")):
        self.answer("float", it)

    @NetworkField
    def set_flag(self, it: bool = True):
        self.answer("flag", it)

    @NetworkField
    def set_text(self, it: str, name: s16 = "nobody", title: Optional[s64] = None):
        self.answer("text", it, name)

    @NetworkField
    def set_data(self, it: bytes, small: bs16):
        self.answer("data", it, small)

    @NetworkField
    def set_lists(self, it: list, numbers: list[int], names: list[list[s16]]):
        self.answer("lists", numbers, names)

    @NetworkField
    def set_dicts(self, it: dict, scores: dict[s16, int32] = {}):  # noqa: B006 the library writes it
        self.answer("dicts", it, scores)

    @NetworkField
    def set_tuples(self, it: tuple, pair: tuple[s16, uint8], row: tuple[uint16, ...] = (1, 2)):
        self.answer("tuples", pair, row)

    @NetworkField
    def set_either(self, it: Union[int, str]):
        self.answer("either", it)

    @NetworkField
    def set_place(self, it: Place, places: list[Place]):
        self.answer("place", it)

    @NetworkField
    def set_rest(self, title: s16, *numbers: uint8):
        self.answer("rest", title, *numbers)

    @NetworkField
    def set_three(self, it: Annotated[list, MaxLen(3)]):
        """The library writes and loads such a rule, and raises when it checks by it."""

    @NetworkField(ram_persist=False)
    def type(self, cx: uint8 = 1):
        self.answer("type", cx)

    def answer(self, name, *arguments):
        tell("called", oid=self.oid, call=f"set_{name}", arguments=arguments)
        self.send_message(f"echo_{name}", list(arguments))


@dataclasses.dataclass
class HintsClient(View):
    network_name = "every-hint"
    object_role = 0

    @NetworkField(ram_persist=False)
    def flashed(self):
        self.heard("flashed")

    @NetworkField
    def set_level(self, level: Percent):
        self.heard("level", level)

    @NetworkField
    def moved(self, x: int32, y: int32):
        self.heard("moved", x, y)

    @NetworkField
    def set_owner_name(self, name: str):
        self.heard("owner_name", name)

    @NetworkField
    def echo_anything(self, it: Any):
        self.heard("anything", it)

    @NetworkField
    def echo_bare(self, it):
        self.heard("bare", it)

    @NetworkField
    def echo_int(self, it: int, percent: Percent, least: int):
        self.heard("int", it, percent, least)

    @NetworkField
    def echo_float(self, it: float):
        self.heard("float", it)

    @NetworkField
    def echo_flag(self, it: bool):
        self.heard("flag", it)

    @NetworkField
    def echo_text(self, it: str, name: s16):
        self.heard("text", it, name)

    @NetworkField
    def echo_data(self, it: bytes, small: bs16):
        self.heard("data", it, small)

    @NetworkField
    def echo_lists(self, numbers: list[int], names: list[list[s16]]):
        self.heard("lists", numbers, names)

    @NetworkField
    def echo_dicts(self, it: dict, scores: dict[s16, int32]):
        self.heard("dicts", it, scores)

    @NetworkField
    def echo_tuples(self, pair: tuple[s16, uint8], row: tuple[uint16, ...]):
        self.heard("tuples", pair, row)

    @NetworkField
    def echo_either(self, it: Union[int, str]):
        self.heard("either", it)

    @NetworkField
    def echo_place(self, it: Place):
        self.heard("place", it)

    @NetworkField
    def echo_rest(self, title: s16, *numbers: uint8):
        self.heard("rest", title, *numbers)

    @NetworkField
    def echo_type(self, it: uint8):
        self.heard("type", it)

    def heard(self, name, *arguments):
        tell("called", oid=self.oid, call=name if name in PLAIN else f"echo_{name}", arguments=arguments)


PLAIN = ("flashed", "level", "moved", "owner_name")
