"""The views of `one-number`: the client's has the field set_current_value, the server's set_init_value and add_value.

Both tell value {oid, value} when a value is set; in a snapshot that is before `generated`."""

import dataclasses

from magicnet.core.errors import DataValidationError
from magicnet.netobjects.network_field import NetworkField
from magicnet.protocol.network_types import int32
from magicnet.util.messenger import StandardEvents
from magicnet.util.typechecking.magicnet_typechecker import check_type

from peer import View, tell


@dataclasses.dataclass
class NumberClient(View):
    network_name = "one-number"
    object_role = 0

    @NetworkField
    def set_current_value(self, value: int32):
        tell("value", oid=self.oid, value=value)


@dataclasses.dataclass
class NumberServer(View):
    network_name = "one-number"
    object_role = 1
    value: int = 0

    @NetworkField
    def set_init_value(self, value: int32):
        self.set(value)

    @NetworkField
    def add_value(self, value: int32):
        try:
            check_type(self.value + value, int32)
        except DataValidationError:
            self.emit(StandardEvents.WARNING, f"Integer overflow: {value} + {self.value}")
            return
        self.set(self.value + value)

    def set(self, value):
        self.value = value
        tell("value", oid=self.oid, value=value)
        self.send_message("set_current_value", [value])
