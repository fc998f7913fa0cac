"""Loads a manifest as the library does, and checks arguments by the typehints it holds.

Usage: manifest_check.py FILE. Each line on stdin is a JSON list [contract, field, [arguments...]]; each answer is a
line `true` or `false`: whether the library takes the arguments. Arguments that are missing take their default."""

import json
import sys

from magicnet.util.typechecking.typehint_marshal import typehint_marshal

from peer import from_json


def load(file):
    with open(file) as opened:
        contracts = json.load(opened)
    return {
        (name, item["n"]): typehint_marshal.marshal_to_signature(item)
        for name, contract in contracts.items()
        for item in contract["signatures"]
    }


def takes(signature, arguments):
    _, error = signature.validate_arguments(arguments)
    return error is None


if __name__ == "__main__":
    signatures = load(sys.argv[1])
    for line in sys.stdin:
        contract, field, arguments = json.loads(line)
        print(json.dumps(takes(signatures[contract, field], from_json(arguments))), flush=True)
