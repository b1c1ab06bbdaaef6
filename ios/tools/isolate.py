#!/usr/bin/env python3
"""Makes a static library in Rust fit into an app beside others. Run ranlib on it afterwards.

Two static libraries must not define the same name, and a linker that meets another zstd first would
take that one for ours. So each global name gets our prefix, but the functions that Swift calls.

Rust's personality keeps its name and becomes weak, so that all libraries in Rust share one: Apple's
format of unwind information has room for three in an app, and C++ and Objective-C need two.

usage: isolate.py LIBRARY FUNCTIONS
"""

import sys
from typing import Set

from macho import MachO, archive, members

PREFIX = "_gadget_request_"
SHARED = {"_rust_eh_personality"}


def isolate(library: bytes, functions: Set[str]) -> bytes:
    """The same library, with the names of these functions as they are."""
    objects = [(name, MachO(data)) for name, data in members(library)]
    ours = {symbol.name for _, item in objects for symbol in item.symbols() if symbol.defined}
    ours -= functions | SHARED

    def name_for(name: str) -> str:
        return PREFIX + name[1:] if name in ours else name

    return archive((name, item.changed(name_for, SHARED)) for name, item in objects)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit((__doc__ or "").strip())
    with open(sys.argv[2], encoding="utf-8") as file:
        wanted = set(file.read().split())
    with open(sys.argv[1], "rb") as file:
        result = isolate(file.read(), wanted)
    with open(sys.argv[1], "wb") as file:
        file.write(result)
