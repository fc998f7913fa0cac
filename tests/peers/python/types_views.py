"""The views of `every-type`: the server answers each call `set_x` with the client's `echo_x`, the same arguments after
conversion and defaults. Fields are numbered in the order below, alike on both sides.

Values that the library cannot carry are the caller's business: PROTOCOL facts about equal small values, and floats,
which the validator of 0.0.3 drops (--no-validator)."""

# No `from __future__ import annotations`: the library reads the annotations as types.

import dataclasses

from magicnet.netobjects.network_field import NetworkField
from magicnet.protocol.network_types import bs256, hashable, int8, int32, int64, s16, s256, uint8, uint16, uint64

from peer import View, tell


@dataclasses.dataclass
class Point:
    """A struct as an argument: an array on the wire, missing trailing members take their default."""

    x: int32
    y: int32 = 7
    z: int32 = 9


@dataclasses.dataclass
class TypesServer(View):
    network_name = "every-type"
    object_role = 1

    @NetworkField
    def set_value(self, value: uint16 = 256):
        self.answer("value", value)

    @NetworkField
    def set_extras(self, *extras: s16):
        self.answer("extras", *extras)

    @NetworkField
    def set_labels(self, title: s16, *numbers: uint8):
        self.answer("labels", title, *numbers)

    @NetworkField
    def set_point(self, point: Point):
        self.answer("point", point)

    @NetworkField
    def set_numbers(self, tiny: int8, huge: uint64, low: int64):
        self.answer("numbers", tiny, huge, low)

    @NetworkField
    def set_list(self, values: list[int32]):
        self.answer("list", values)

    @NetworkField
    def set_pair(self, pair: tuple[s16, uint8]):
        self.answer("pair", pair)

    @NetworkField
    def set_bytes(self, data: bs256):
        self.answer("bytes", data)

    @NetworkField
    def set_text(self, text: s256):
        self.answer("text", text)

    @NetworkField
    def set_float(self, number: float):
        self.answer("float", number)

    @NetworkField
    def set_rows(self, rows: list[list[uint16]]):
        self.answer("rows", rows)

    @NetworkField
    def set_points(self, points: list[Point]):
        self.answer("points", points)

    @NetworkField
    def set_map(self, entries: dict[s16, int32]):
        self.answer("map", entries)

    @NetworkField
    def set_any(self, anything: hashable):
        self.answer("any", anything)

    def answer(self, name, *arguments):
        tell("called", oid=self.oid, call=f"set_{name}", arguments=arguments)
        self.send_message(f"echo_{name}", list(arguments))


@dataclasses.dataclass
class TypesClient(View):
    network_name = "every-type"
    object_role = 0

    @NetworkField
    def echo_value(self, value: uint16 = 256):
        self.heard("value", value)

    @NetworkField
    def echo_extras(self, *extras: s16):
        self.heard("extras", *extras)

    @NetworkField
    def echo_labels(self, title: s16, *numbers: uint8):
        self.heard("labels", title, *numbers)

    @NetworkField
    def echo_point(self, point: Point):
        self.heard("point", point)

    @NetworkField
    def echo_numbers(self, tiny: int8, huge: uint64, low: int64):
        self.heard("numbers", tiny, huge, low)

    @NetworkField
    def echo_list(self, values: list[int32]):
        self.heard("list", values)

    @NetworkField
    def echo_pair(self, pair: tuple[s16, uint8]):
        self.heard("pair", pair)

    @NetworkField
    def echo_bytes(self, data: bs256):
        self.heard("bytes", data)

    @NetworkField
    def echo_text(self, text: s256):
        self.heard("text", text)

    @NetworkField
    def echo_float(self, number: float):
        self.heard("float", number)

    @NetworkField
    def echo_rows(self, rows: list[list[uint16]]):
        self.heard("rows", rows)

    @NetworkField
    def echo_points(self, points: list[Point]):
        self.heard("points", points)

    @NetworkField
    def echo_map(self, entries: dict[s16, int32]):
        self.heard("map", entries)

    @NetworkField
    def echo_any(self, anything: hashable):
        self.heard("any", anything)

    def heard(self, name, *arguments):
        tell("called", oid=self.oid, call=f"echo_{name}", arguments=arguments)
