"""Loads manifests of ours into the Python library and holds what it makes of them against what we say.

    PYTHON load_manifest.py < question.json

The question, from `manifest.rs`:
    contracts   the names, in the order of their numbers
    manifests   a manifest for each role
    cases       a list of {"contract", "role", "field", "arguments": hex of msgpack, "accepted", "becomes"?}

Prints every disagreement and ends with 1 if there is one.
"""

import json
import sys

import msgpack
from magicnet.batteries.asyncio_network_manager import AsyncIONetworkManager
from magicnet.batteries.encoders import MsgpackEncoder
from magicnet.batteries.transport_managers import EverywhereTransportManager
from magicnet.batteries.transports.socket_asyncio import AsyncIOSocketTransport
from magicnet.core.transport_manager import TransportParameters
from magicnet.netobjects.network_field import NetworkField
from magicnet.netobjects.network_object import NetworkObject
from magicnet.protocol import network_types as t

# No table of ours has this role, so that all of them are loaded.
OTHER_ROLE = 200


def main():
    question = json.load(sys.stdin)
    faults = list(compare_with_own()) + list(load(question))
    for fault in faults:
        print(fault)
    sys.exit(bool(faults))


def load(question):
    parameters = TransportParameters(MsgpackEncoder(), AsyncIOSocketTransport, None, [])
    manager = AsyncIONetworkManager.create_root(
        transport_type=EverywhereTransportManager,
        transport_params=("client", {"client": {"server": parameters}}),
        add_signal_handlers=False,
    )
    registry = manager.object_registry
    # Each needs a view: both versions raise an AttributeError for a name that a manifest alone knows.
    for name in question["contracts"]:
        registry.register_object(view_of(name))
    registry.initialize(question["manifests"])

    names = [registry.classes[number].network_name for number in range(len(registry.classes))]
    if names != question["contracts"]:
        yield f"the numbers of types: {names}"
    for manifest in question["manifests"]:
        for name, table in manifest.items():
            view = registry.classes[names.index(name)]
            loaded = [(field.name, int(field.flags)) for field in view.foreign_field_data[table["object_role"]]]
            if loaded != [(field["n"], field["a"]) for field in table["signatures"]]:
                yield f"the fields of {name}: {loaded}"
    for case in question["cases"]:
        yield from check(registry.classes[names.index(case["contract"])], case)


def view_of(name):
    class View(NetworkObject):
        network_name = name
        object_role = OTHER_ROLE

    return View


def check(view, case):
    [field] = [field for field in view.foreign_field_data[case["role"]] if field.name == case["field"]]
    arguments = msgpack.unpackb(bytes.fromhex(case["arguments"]))
    label = f"{case['contract']}.{case['field']}({', '.join(map(repr, arguments))})"
    try:
        taken, error = field.validate_arguments(arguments)
    except Exception as raised:
        yield f"{label} raises {raised!r}"
        return
    if case["accepted"] != (error is None):
        yield f"{label}: accepted is {error is None}: {error}"
    elif "becomes" in case and list(taken) != case["becomes"]:
        yield f"{label} becomes {taken}"


def compare_with_own():
    """What the library writes of this view is what `the_file_is_what_python_writes_itself` expects of ours."""

    class View(NetworkObject):
        network_name = "one-number"
        object_role = 0

        @NetworkField
        def set_current_value(self, value: t.int32):
            pass

    hint = {"t": "int", "m": [{"t": "av", "d": "Ge(-2147483648)"}, {"t": "av", "d": "Lt(2147483648)"}], "a": []}
    item = {"name": "value", "typehint": hint, "is_variadic": False}
    ours = {"object_role": 0, "signatures": [{"n": "set_current_value", "a": 1, "f": [item]}]}
    if View.marshal_fields() != ours:
        yield f"the library writes {json.dumps(View.marshal_fields())}"


main()
