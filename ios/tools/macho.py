"""Reads Mach-O files and archives of them, writes archives and universal files, renames symbols.

Only what scripts/build-ios needs: 64 bits and little-endian, as arm64 and x86_64 are.
Sources: <mach-o/loader.h>, <mach-o/nlist.h>, <mach-o/fat.h> and <ar.h> of Apple.
"""

import struct
from typing import Callable, Container, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

CPU_TYPES = {"arm64": 0x0100000C, "x86_64": 0x01000007}
CPU_SUBTYPES = {"arm64": 0, "x86_64": 3}
PLATFORMS = {1: "macos", 2: "ios", 7: "ios-simulator"}

MACHO_MAGIC = 0xFEEDFACF
FAT_MAGIC = 0xCAFEBABE
ARCHIVE_MAGIC = b"!<arch>\n"
# A file within a universal file begins at a multiple of 2 to this power, as lipo does it.
FAT_ALIGNMENT = 14

LC_SYMTAB = 0x02
LC_LOAD_DYLIB = 0x0C
LC_BUILD_VERSION = 0x32
# Older objects have a command for each platform.
LC_VERSION_MIN = {0x24: 1, 0x25: 2}

N_STAB = 0xE0
N_TYPE = 0x0E
N_EXT = 0x01
# Not seen outside the file that is linked; may give way to another of that name.
N_PEXT = 0x10
N_WEAK_DEF = 0x80

HEADER = struct.Struct("<8I")
COMMAND = struct.Struct("<2I")
NLIST = struct.Struct("<IBBHQ")
FAT_HEADER = struct.Struct(">2I")
FAT_ARCH = struct.Struct(">5I")
MEMBER = struct.Struct("16s12s6s6s8s10s2s")


class Malformed(Exception):
    """The bytes are no file that this module reads."""


class Symbol(NamedTuple):
    """A global symbol of an object, defined in it or not."""

    name: str
    defined: bool


class MachO:
    """One Mach-O file: an object of an archive, or a linked library."""

    def __init__(self, data: bytes):
        if len(data) < HEADER.size or HEADER.unpack_from(data)[0] != MACHO_MAGIC:
            raise Malformed("it is no Mach-O file of 64 bits")
        _, cpu, _, _, commands, _, _, _ = HEADER.unpack_from(data)
        self._data = data
        # Where the command is, and what it says: symbols, their number, names, their size.
        self._symtab_at = 0
        self._symtab: Optional[Tuple[int, int, int, int]] = None
        self.architecture = next((name for name, it in CPU_TYPES.items() if it == cpu), hex(cpu))
        #: For which system the file is made, and the lowest version of it.
        self.platform: Optional[str] = None
        self.minimum: Optional[Tuple[int, int]] = None
        #: The libraries that a linked file loads.
        self.loads: List[str] = []
        offset = HEADER.size
        for _ in range(commands):
            command, size = COMMAND.unpack_from(data, offset)
            if command == LC_SYMTAB:
                self._symtab_at = offset
            self._read_command(command, data[offset : offset + size])
            offset += size

    def _read_command(self, command: int, data: bytes) -> None:
        if command == LC_BUILD_VERSION:
            self._set_platform(*struct.unpack_from("<2I", data, COMMAND.size))
        elif command in LC_VERSION_MIN:
            (minimum,) = struct.unpack_from("<I", data, COMMAND.size)
            self._set_platform(LC_VERSION_MIN[command], minimum)
        elif command == LC_LOAD_DYLIB:
            (start,) = struct.unpack_from("<I", data, COMMAND.size)
            self.loads.append(text_at(data, start))
        elif command == LC_SYMTAB:
            self._symtab = struct.unpack_from("<4I", data, COMMAND.size)

    def _set_platform(self, platform: int, minimum: int) -> None:
        self.platform = PLATFORMS.get(platform, f"platform {platform}")
        self.minimum = (minimum >> 16, minimum >> 8 & 0xFF)

    def symbols(self) -> Iterator[Symbol]:
        """The global symbols, in the order of the file."""
        for at, name in self._globals():
            _, kind, _, _, value = NLIST.unpack_from(self._data, at)
            # A symbol without a type and with a size is common, so it is defined here.
            yield Symbol(name, bool(kind & N_TYPE) or value != 0)

    def changed(self, name_for: Callable[[str], str], weak: Container[str]) -> bytes:
        """The same object with other names for its global symbols, and some of them weak."""
        if self._symtab is None:
            return self._data
        _, _, table, size = self._symtab
        names = bytearray(self._data[table : table + size])
        is_last = table + size == len(self._data)
        data = bytearray(self._data[:table] if is_last else self._data)
        for at, name in self._globals():
            start, kind, section, description, value = NLIST.unpack_from(data, at)
            other = name_for(name)
            if other != name:
                start = len(names)
                names += other.encode() + b"\0"
            if kind & N_TYPE and name in weak:
                kind, description = kind | N_PEXT, description | N_WEAK_DEF
            NLIST.pack_into(data, at, start, kind, section, description, value)
        struct.pack_into("<2I", data, self._symtab_at + COMMAND.size + 8, len(data), len(names))
        return bytes(data + names)

    def _globals(self) -> Iterator[Tuple[int, str]]:
        """Where a global symbol is in the file, and its name."""
        if self._symtab is None:
            return
        first, count, table, size = self._symtab
        names = self._data[table : table + size]
        for at in range(first, first + count * NLIST.size, NLIST.size):
            start, kind, _, _, _ = NLIST.unpack_from(self._data, at)
            if kind & N_EXT and not kind & N_STAB:
                yield at, text_at(names, start)


def text_at(data: bytes, start: int) -> str:
    """The text from there to the next zero byte."""
    end = data.find(b"\0", start)
    return data[start : end if end >= 0 else len(data)].decode()


def members(archive: bytes) -> Iterator[Tuple[str, bytes]]:
    """The name and the bytes of each file in an archive, but its table of symbols."""
    if not archive.startswith(ARCHIVE_MAGIC):
        raise Malformed("it is no archive")
    offset = len(ARCHIVE_MAGIC)
    while offset < len(archive):
        name, _, _, _, _, size, end = MEMBER.unpack_from(archive, offset)
        if end != b"`\n":
            raise Malformed(f"no member at {offset}")
        start = offset + MEMBER.size
        offset = start + int(size) + int(size) % 2
        data = archive[start : start + int(size)]
        if name.startswith(b"#1/"):  # A long name stands before the bytes.
            length = int(name[3:])
            name, data = data[:length].rstrip(b"\0"), data[length:]
        if not name.startswith(b"__.SYMDEF"):
            yield name.decode().strip(), data


def archive(files: Iterable[Tuple[str, bytes]]) -> bytes:
    """An archive as Apple's linker reads it, without a table of symbols: ranlib adds that."""
    out = bytearray(ARCHIVE_MAGIC)
    for name, data in files:
        # The bytes of a member begin and end at a multiple of 8, and so does its name.
        title = name.encode() + b"\0"
        title += bytes(-(len(out) + MEMBER.size + len(title)) % 8)
        body = title + data + b"\n" * (-len(data) % 8)
        fields = (f"#1/{len(title)}", "0", "0", "0", "100644", str(len(body)))
        widths = (16, 12, 6, 6, 8, 10)
        out += b"".join(text.ljust(width).encode() for text, width in zip(fields, widths))
        out += b"`\n" + body
    return bytes(out)


def join(files: Sequence[Tuple[str, bytes]]) -> bytes:
    """A universal file of files for one architecture each, as lipo -create makes it."""
    offset = FAT_HEADER.size + len(files) * FAT_ARCH.size
    header = FAT_HEADER.pack(FAT_MAGIC, len(files))
    body = b""
    for architecture, data in files:
        start = -(-(offset + len(body)) >> FAT_ALIGNMENT) << FAT_ALIGNMENT
        body += bytes(start - offset - len(body)) + data
        header += FAT_ARCH.pack(
            CPU_TYPES[architecture], CPU_SUBTYPES[architecture], start, len(data), FAT_ALIGNMENT
        )
    return header + body


def split(data: bytes) -> List[Tuple[str, bytes]]:
    """The architecture and the bytes of each file in a universal file."""
    magic, count = FAT_HEADER.unpack_from(data)
    if magic != FAT_MAGIC:
        raise Malformed("it is no universal file")
    files = []
    for index in range(count):
        cpu, _, start, size, _ = FAT_ARCH.unpack_from(
            data, FAT_HEADER.size + index * FAT_ARCH.size
        )
        architecture = next((name for name, it in CPU_TYPES.items() if it == cpu), hex(cpu))
        files.append((architecture, data[start : start + size]))
    return files
