#!/usr/bin/env python3
"""Gives each global name of a static library our prefix, but the functions that Swift calls.

An app may have another library in Rust, or zstd of its own. Two static libraries must not define the
same name: Rust's `rust_eh_personality` is in each of its libraries, and a linker that found another
zstd first would give us that one. Run ranlib afterwards.

usage: isolate.py LIBRARY FUNCTIONS
"""

import sys

from macho import MachO, archive, members

PREFIX = "_gadget_request_"


def isolate(library: bytes, functions: "set[str]") -> bytes:
    objects = [(name, MachO(data)) for name, data in members(library)]
    ours = {symbol.name for _, item in objects for symbol in item.symbols() if symbol.defined}
    ours -= functions

    def name_for(name: str) -> str:
        return PREFIX + name[1:] if name in ours else name

    return archive((name, item.renamed(name_for)) for name, item in objects)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit((__doc__ or "").strip())
    with open(sys.argv[2], encoding="utf-8") as file:
        wanted = set(file.read().split())
    with open(sys.argv[1], "rb") as file:
        result = isolate(file.read(), wanted)
    with open(sys.argv[1], "wb") as file:
        file.write(result)
