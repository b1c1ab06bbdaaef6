#!/usr/bin/env python3
"""Makes the XCFramework of static libraries, and checks it. scripts/build-ios calls it.

PARTS is a folder with TARGET.a and TARGET.dylib for each target of `builds`: the library, and the
same library linked as an app links it, with the functions of HEADER and nothing that is unused.

usage: xcframework.py builds
       xcframework.py functions HEADER
       xcframework.py make PARTS HEADERS OUT
       xcframework.py check PARTS HEADERS OUT PRIVACY [LIBSYSTEM]
"""

import os
import plistlib
import re
import shutil
import sys
from typing import List, NamedTuple, Optional, Set, Tuple

from isolate import PREFIX, SHARED
from macho import MachO, Malformed, join, members, split

LIBRARY = "libgadget_request_uniffi.a"


class Build(NamedTuple):
    """A target of Rust, and the lowest version of the system that its library may ask for."""

    target: str
    architecture: str
    minimum: Tuple[int, int]


class Slice(NamedTuple):
    """A folder of the XCFramework: one library, for one kind of device."""

    folder: str
    platform: str
    variant: Optional[str]
    builds: Tuple[Build, ...]

    @property
    def system(self) -> str:
        """The platform in the words of the linker."""
        return f"{self.platform}-{self.variant}" if self.variant else self.platform


# There are no simulators for arm64 before iOS 14, and no macOS for arm64 before 11.
SLICES = (
    Slice("ios-arm64", "ios", None, (Build("aarch64-apple-ios", "arm64", (13, 0)),)),
    Slice(
        "ios-arm64_x86_64-simulator",
        "ios",
        "simulator",
        (
            Build("aarch64-apple-ios-sim", "arm64", (14, 0)),
            Build("x86_64-apple-ios", "x86_64", (13, 0)),
        ),
    ),
    Slice(
        "macos-arm64_x86_64",
        "macos",
        None,
        (
            Build("aarch64-apple-darwin", "arm64", (11, 0)),
            Build("x86_64-apple-darwin", "x86_64", (10, 15)),
        ),
    ),
)

# Beside libSystem, the library may use these frameworks; their names begin so. The module map
# has a line for each.
FRAMEWORKS = {
    "CoreFoundation": ("_CF", "_kCF"),
    "Security": ("_Sec", "_kSec", "_SSL", "_CMS", "_Authorization"),
}
# The linker defines it.
LINKER = {"___dso_handle"}

# Functions for which Apple wants a reason, by category.
# https://developer.apple.com/documentation/bundleresources/describing-use-of-required-reason-api
ATTRIBUTES = {"_getattrlist", "_fgetattrlist", "_getattrlistat", "_getattrlistbulk"}
CATEGORY = "NSPrivacyAccessedAPICategory"
REASONED = {
    CATEGORY + "FileTimestamp": {"_stat", "_fstat", "_fstatat", "_lstat"} | ATTRIBUTES,
    CATEGORY + "DiskSpace": {"_statfs", "_statvfs", "_fstatfs", "_fstatvfs"} | ATTRIBUTES,
    CATEGORY + "SystemBootTime": {"_mach_absolute_time"},
}


def functions(header: str) -> List[str]:
    """The names of the functions that a header declares, as the linker sees them."""
    with open(header, encoding="utf-8") as file:
        names = re.findall(r"^\w[\w *]*?\b((?:uniffi|ffi)_\w+)\s*\(", file.read(), re.MULTILINE)
    return sorted({f"_{name}" for name in names})


def make(parts: str, headers: str, out: str) -> None:
    """Writes the XCFramework."""
    shutil.rmtree(out, ignore_errors=True)
    entries = []
    for part in SLICES:
        files = [(build.architecture, read(parts, build.target + ".a")) for build in part.builds]
        os.makedirs(os.path.join(out, part.folder))
        with open(os.path.join(out, part.folder, LIBRARY), "wb") as file:
            file.write(join(files) if len(files) > 1 else files[0][1])
        shutil.copytree(headers, os.path.join(out, part.folder, "Headers"))
        entry = {
            "BinaryPath": LIBRARY,
            "HeadersPath": "Headers",
            "LibraryIdentifier": part.folder,
            "LibraryPath": LIBRARY,
            "SupportedArchitectures": [build.architecture for build in part.builds],
            "SupportedPlatform": part.platform,
        }
        if part.variant:
            entry["SupportedPlatformVariant"] = part.variant
        entries.append(entry)
    plist = {
        "AvailableLibraries": entries,
        "CFBundlePackageType": "XFWK",
        "XCFrameworkFormatVersion": "1.0",
    }
    with open(os.path.join(out, "Info.plist"), "wb") as file:
        plistlib.dump(plist, file)


def read(*path: str) -> bytes:
    with open(os.path.join(*path), "rb") as file:
        return file.read()


class Checks:
    """What is wrong with an XCFramework, and a line about each library in it."""

    def __init__(self, parts: str, headers: str, out: str, libsystem: Optional[Set[str]]):
        self.parts, self.headers, self.out = parts, headers, out
        #: The names of libSystem; None if a real linker has looked for them.
        self.libsystem = libsystem
        self.problems: List[str] = []
        self.table: List[str] = []
        #: The categories of required reasons for which linked libraries have functions.
        self.reasons: Set[str] = set()

    def run(self, privacy: str) -> None:
        self.check_plist()
        self.check_module()
        for part in SLICES:
            data = read(self.out, part.folder, LIBRARY)
            files = split(data) if len(part.builds) > 1 else [(part.builds[0].architecture, data)]
            self.expect(part.folder, [build.architecture for build in part.builds],
                        [architecture for architecture, _ in files])
            for build, (_, archive) in zip(part.builds, files):
                self.check_library(part, build, archive)
        declared = {
            entry["NSPrivacyAccessedAPIType"]
            for entry in plistlib.loads(read(privacy))["NSPrivacyAccessedAPITypes"]
        }
        self.expect("PrivacyInfo.xcprivacy", sorted(declared), sorted(self.reasons))

    def expect(self, where: str, wanted: object, found: object) -> None:
        if wanted != found:
            self.problems.append(f"{where}: {found}, but should be {wanted}")

    def check_plist(self) -> None:
        plist = plistlib.loads(read(self.out, "Info.plist"))
        self.expect("Info.plist", ("XFWK", "1.0"),
                    (plist["CFBundlePackageType"], plist["XCFrameworkFormatVersion"]))
        libraries = {entry["LibraryIdentifier"]: entry for entry in plist["AvailableLibraries"]}
        self.expect("Info.plist", sorted(part.folder for part in SLICES), sorted(libraries))
        for part in SLICES:
            entry = libraries.get(part.folder, {})
            self.expect(f"Info.plist, {part.folder}",
                        [part.platform, part.variant, [it.architecture for it in part.builds]],
                        [entry.get("SupportedPlatform"), entry.get("SupportedPlatformVariant"),
                         entry.get("SupportedArchitectures")])
            for key in ("LibraryPath", "HeadersPath"):
                if not os.path.exists(os.path.join(self.out, part.folder, entry.get(key, "?"))):
                    self.problems.append(f"Info.plist, {part.folder}: {key} leads to nothing")

    def check_module(self) -> None:
        (module,) = os.listdir(self.headers)
        text = read(self.headers, module, "module.modulemap").decode()
        self.expect("module.modulemap", sorted(FRAMEWORKS),
                    sorted(re.findall(r'link framework "(\w+)"', text)))

    def check_library(self, part: Slice, build: Build, archive: bytes) -> None:
        where = f"{part.folder}, {build.architecture}"
        defined: Set[str] = set()
        used: Set[str] = set()
        count = 0
        for name, data in members(archive):
            count += 1
            try:
                member = MachO(data)
            except Malformed as error:
                self.problems.append(f"{where}, {name}: {error}")
                continue
            self.expect(f"{where}, {name}", (build.architecture, part.system),
                        (member.architecture, member.platform))
            if member.minimum and member.minimum > build.minimum:
                self.problems.append(f"{where}, {name}: needs version {version(member.minimum)}")
            for symbol in member.symbols():
                (defined if symbol.defined else used).add(symbol.name)
        (module,) = os.listdir(self.headers)
        wanted = functions(os.path.join(self.headers, module, module + ".h"))
        self.missing(f"{where}: does not define", set(wanted) - defined)
        others = defined - set(wanted) - SHARED
        others = {it for it in others if not it.startswith(PREFIX)}
        self.missing(f"{where}: defines for the whole app", others)
        self.missing(f"{where}: nobody has", {it for it in used - defined if not self.known(it)})
        linked = read(self.parts, build.target + ".dylib")
        self.check_linked(where, linked)
        self.table.append(
            f"{part.folder:27} {build.architecture:7} {part.system:13} {version(build.minimum):>5} "
            f"{count:5} objects {megabytes(archive):>8} {megabytes(linked):>8} linked"
        )

    def check_linked(self, where: str, data: bytes) -> None:
        linked = MachO(data)
        used = {symbol.name for symbol in linked.symbols() if not symbol.defined}
        self.missing(f"{where}, linked: nobody has", {it for it in used if not self.known(it)})
        plain = {name.split("$")[0] for name in used}
        self.reasons |= {category for category, names in REASONED.items() if names & plain}

    def missing(self, where: str, names: Set[str]) -> None:
        if names:
            self.problems.append(f"{where} {', '.join(sorted(names))}")

    def known(self, name: str) -> bool:
        begins = tuple(start for starts in FRAMEWORKS.values() for start in starts)
        if self.libsystem is None:
            return True
        return name in self.libsystem or name in LINKER or name.startswith(begins)


def version(pair: Tuple[int, int]) -> str:
    return f"{pair[0]}.{pair[1]}"


def megabytes(data: bytes) -> str:
    return f"{len(data) / 1e6:.1f} MB"


def names_of(stub: str) -> Set[str]:
    """The names in a text stub (.tbd) of a library and of those that it exports again."""
    return set(re.findall(r"[\s\[']([_][\w$.]*)", read(stub).decode()))


def main(arguments: List[str]) -> int:
    command, paths = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command == "builds" and not paths:
        for part in SLICES:
            for build in part.builds:
                print(build.target, build.architecture, part.system, version(build.minimum))
    elif command == "functions" and len(paths) == 1:
        print("\n".join(functions(paths[0])))
    elif command == "make" and len(paths) == 3:
        make(*paths)
    elif command == "check" and len(paths) in (4, 5):
        checks = Checks(*paths[:3], names_of(paths[4]) if len(paths) == 5 else None)
        checks.run(paths[3])
        print("\n".join(checks.table))
        for problem in checks.problems:
            print(problem, file=sys.stderr)
        return 1 if checks.problems else 0
    else:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
