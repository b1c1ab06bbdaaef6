"""Tests of the tools in this folder, with small libraries that clang-19 and lld-19 make.

usage: python3 -m unittest discover --start-directory ios/tools
"""

import json
import os
import plistlib
import subprocess
import tempfile
import unittest
from typing import List

import isolate
import macho
import release
import xcframework
from xcframework import Checks

TRIPLES = {
    "aarch64-apple-ios": "arm64-apple-ios13.0",
    "aarch64-apple-ios-sim": "arm64-apple-ios14.0-simulator",
    "x86_64-apple-ios": "x86_64-apple-ios13.0-simulator",
    "aarch64-apple-darwin": "arm64-apple-macos11.0",
    "x86_64-apple-darwin": "x86_64-apple-macos10.15",
}
HEADER = """
uint64_t uniffi_gadget_fn_one(void *_Nonnull ptr
);
void ffi_gadget_two(void);
typedef void (*UniffiCallback)(uint64_t);
"""
MODULE = 'module M {\n  link framework "CoreFoundation"\n  link framework "Security"\n}\n'
SOURCE = """
extern int stat(const char *, void *), SecRandomCopyBytes(void *, long, void *);
int common;
static int hidden(void) { return common; }
int uniffi_gadget_fn_one(void *p) { return stat(p, 0) + hidden(); }
void ffi_gadget_two(void) { SecRandomCopyBytes(0, 0, 0); }
"""
FUNCTIONS = {"_ffi_gadget_two", "_uniffi_gadget_fn_one"}
LIBSYSTEM = "exports:\n  - symbols: [ _abort, '_stat$INODE64', _stat,\n               _statfs ]\n"
TIMESTAMP = "NSPrivacyAccessedAPICategoryFileTimestamp"


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Fixture(unittest.TestCase):
    """A folder with what scripts/build-ios would have compiled."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.out = self.path("GadgetRequest.xcframework")
        self.write("headers/GadgetRequestFFI/GadgetRequestFFI.h", HEADER)
        self.write("headers/GadgetRequestFFI/module.modulemap", MODULE)
        self.write("libSystem.tbd", LIBSYSTEM)
        self.declare(TIMESTAMP)

    def path(self, *names: str) -> str:
        return os.path.join(self.folder, *names)

    def write(self, name: str, text: str) -> str:
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def declare(self, *categories: str) -> None:
        entries = [{"NSPrivacyAccessedAPIType": category} for category in categories]
        self.write("PrivacyInfo.xcprivacy",
                   plistlib.dumps({"NSPrivacyAccessedAPITypes": entries}).decode())

    def library(self, target: str, triple: str, source: str = SOURCE, ours: bool = True) -> None:
        """Compiles the library of a target, makes its names ours, and links it."""
        text = self.write(f"{target}.c", source)
        item, archive = self.path("an_object_with_a_long_name.o"), self.path(f"{target}.a")
        run("clang-19", f"--target={triple}", "-w", "-c", text, "-o", item)
        if os.path.exists(archive):
            os.remove(archive)
        run("llvm-ar-19", "--format=darwin", "rcs", archive, item)
        if ours:
            with open(archive, "rb") as file:
                data = isolate.isolate(file.read(), FUNCTIONS)
            with open(archive, "wb") as file:
                file.write(data)
            run("llvm-ranlib-19", archive)
        build = next(it for part in xcframework.SLICES for it in part.builds if it.target == target)
        number = xcframework.version(build.minimum)
        system = next(part.system for part in xcframework.SLICES if build in part.builds)
        run("ld64.lld-19", "-dylib", "-w", "-arch", build.architecture, "-platform_version", system,
            number, number, "-undefined", "dynamic_lookup", "-dead_strip", "-all_load",
            "-exported_symbol", "_uniffi_gadget_fn_one", "-exported_symbol", "_ffi_gadget_two",
            archive, "-o", self.path(f"{target}.dylib"))

    def libraries(self) -> None:
        for target, triple in TRIPLES.items():
            self.library(target, triple)

    def problems(self) -> List[str]:
        """Makes the XCFramework, and says what is wrong with it."""
        xcframework.make(self.folder, self.path("headers"), self.out)
        return self.check()

    def check(self) -> List[str]:
        checks = Checks(self.folder, self.path("headers"), self.out,
                        xcframework.names_of(self.path("libSystem.tbd")))
        checks.run(self.path("PrivacyInfo.xcprivacy"))
        self.assertEqual(len(checks.table), len(TRIPLES))
        return checks.problems


class XCFramework(Fixture):
    def test_the_functions_are_those_that_the_header_declares(self) -> None:
        header = self.path("headers", "GadgetRequestFFI", "GadgetRequestFFI.h")
        self.assertEqual(xcframework.functions(header), sorted(FUNCTIONS))

    def test_a_whole_xcframework_has_nothing_to_be_mended(self) -> None:
        self.libraries()
        self.assertEqual(self.problems(), [])
        simulator = os.path.join(self.out, "ios-arm64_x86_64-simulator")
        self.assertEqual(os.listdir(os.path.join(simulator, "Headers")), ["GadgetRequestFFI"])
        # LLVM reads the universal file, too.
        archs = run("llvm-lipo-19", "-archs", os.path.join(simulator, xcframework.LIBRARY))
        self.assertEqual(archs.split(), ["arm64", "x86_64"])

    def test_an_object_for_another_system_is_found(self) -> None:
        self.libraries()
        self.library("aarch64-apple-ios", "arm64-apple-ios13.0-simulator")
        found = "\n".join(self.problems())
        self.assertIn("ios-arm64, arm64, an_object_with_a_long_name.o", found)
        self.assertIn("('arm64', 'ios-simulator'), but should be ('arm64', 'ios')", found)

    def test_an_object_for_a_newer_system_is_found(self) -> None:
        self.libraries()
        self.library("aarch64-apple-darwin", "arm64-apple-macos12.3")
        self.assertEqual(self.problems(), [
            "macos-arm64_x86_64, arm64, an_object_with_a_long_name.o: needs version 12.3"])

    def test_a_function_of_the_header_that_nobody_defines_is_found(self) -> None:
        self.libraries()
        self.write("headers/GadgetRequestFFI/GadgetRequestFFI.h", HEADER + "int ffi_three(void);\n")
        found = self.problems()
        self.assertEqual(len(found), len(TRIPLES))
        self.assertEqual(found[0], "ios-arm64, arm64: does not define _ffi_three")

    def test_a_name_that_neither_libsystem_nor_a_framework_has_is_found(self) -> None:
        self.libraries()
        self.library("aarch64-apple-ios", TRIPLES["aarch64-apple-ios"],
                     SOURCE + "extern void sqlite3_open(void); void f(void) { sqlite3_open(); }")
        # No function of ours calls it, so an app that strips what is unused does not ask for it.
        self.assertEqual(self.problems(), ["ios-arm64, arm64: nobody has _sqlite3_open"])

    def test_a_function_that_needs_a_reason_has_to_be_declared(self) -> None:
        self.libraries()
        self.library("aarch64-apple-ios", TRIPLES["aarch64-apple-ios"],
                     SOURCE.replace("stat(", "statfs("))
        space = "NSPrivacyAccessedAPICategoryDiskSpace"
        self.assertEqual(self.problems(), [
            f"PrivacyInfo.xcprivacy: {[space, TIMESTAMP]}, but should be {[TIMESTAMP]}"])
        self.declare(TIMESTAMP, space)
        self.assertEqual(self.problems(), [])

    def test_a_reason_for_a_function_that_is_not_used_is_found(self) -> None:
        self.libraries()
        self.declare(TIMESTAMP, "NSPrivacyAccessedAPICategorySystemBootTime")
        self.assertEqual(len(self.problems()), 1)

    def test_a_framework_without_its_line_in_the_module_map_is_found(self) -> None:
        self.libraries()
        self.write("headers/GadgetRequestFFI/module.modulemap", MODULE.replace("Security", "UIKit"))
        self.assertEqual(len(self.problems()), 1)

    def test_an_info_plist_that_promises_another_architecture_is_found(self) -> None:
        self.libraries()
        self.assertEqual(self.problems(), [])
        path = os.path.join(self.out, "Info.plist")
        plist = plistlib.loads(xcframework.read(path))
        plist["AvailableLibraries"][0]["SupportedArchitectures"] = ["arm64", "arm64e"]
        plist["AvailableLibraries"][1]["LibraryPath"] = "lib.a"
        with open(path, "wb") as file:
            plistlib.dump(plist, file)
        self.assertEqual(len(self.check()), 2)


class Objects(Fixture):
    def test_an_object_tells_its_system_its_version_and_its_names(self) -> None:
        self.library("x86_64-apple-ios", TRIPLES["x86_64-apple-ios"], ours=False)
        ((name, data),) = macho.members(xcframework.read(self.path("x86_64-apple-ios.a")))
        self.assertEqual(name, "an_object_with_a_long_name.o")
        item = macho.MachO(data)
        self.assertEqual((item.architecture, item.platform, item.minimum),
                         ("x86_64", "ios-simulator", (13, 0)))
        defined = {symbol.name for symbol in item.symbols() if symbol.defined}
        self.assertEqual(defined, {"_common", "_uniffi_gadget_fn_one", "_ffi_gadget_two"})
        used = {symbol.name for symbol in item.symbols() if not symbol.defined}
        self.assertEqual(used, {"_stat", "_SecRandomCopyBytes"})

    def test_the_older_commands_tell_a_system_too(self) -> None:
        path = self.write("old.c", "int f(void) { return 1; }")
        run("clang-19", "--target=x86_64-apple-macos10.9", "-c", path, "-o", self.path("old.o"))
        item = macho.MachO(xcframework.read(self.path("old.o")))
        self.assertEqual((item.platform, item.minimum), ("macos", (10, 9)))

    def test_other_bytes_are_refused(self) -> None:
        with self.assertRaises(macho.Malformed):
            macho.MachO(b"\x7fELF" + bytes(60))
        with self.assertRaises(macho.Malformed):
            list(macho.members(b"PK\3\4"))
        with self.assertRaises(macho.Malformed):
            macho.split(bytes(16))

    def test_a_universal_file_gives_back_what_was_joined(self) -> None:
        files = [("arm64", b"a" * 40_000), ("x86_64", b"b" * 7)]
        self.assertEqual(macho.split(macho.join(files)), files)


class Isolation(Fixture):
    TARGET, TRIPLE = "aarch64-apple-ios", TRIPLES["aarch64-apple-ios"]

    def test_a_name_that_is_not_ours_alone_is_found(self) -> None:
        self.libraries()
        self.library(self.TARGET, self.TRIPLE, ours=False)
        self.assertEqual(self.problems(),
                         ["ios-arm64, arm64: defines for the whole app _common"])

    def test_two_libraries_with_the_same_names_fit_into_one_app(self) -> None:
        # As in each library of Rust: functions that others of it call.
        shared = "int rust_eh_personality(void) { return %d; } int ZSTD_x(void) { return %d; }"
        source = shared % (1, 1) + """
            int uniffi_gadget_fn_one(void *p) { return rust_eh_personality() + ZSTD_x(); }
            void ffi_gadget_two(void) {}"""
        app = self.write("app.c", shared % (2, 2))
        run("clang-19", f"--target={self.TRIPLE}", "-w", "-c", app, "-o", self.path("app.o"))
        link = ("ld64.lld-19", "-dylib", "-arch", "arm64", "-platform_version", "ios", "13.0",
                "13.0", "-undefined", "dynamic_lookup", "-all_load", self.path("app.o"),
                self.path(f"{self.TARGET}.a"), "-o", self.path("app.dylib"))
        self.library(self.TARGET, self.TRIPLE, source, ours=False)
        with self.assertRaises(subprocess.CalledProcessError) as failure:
            run(*link)
        self.assertIn("duplicate symbol: _rust_eh_personality", failure.exception.stderr)
        self.assertIn("duplicate symbol: _ZSTD_x", failure.exception.stderr)
        self.library(self.TARGET, self.TRIPLE, source)
        run(*link)
        names = [line.split()[-1] for line in run("llvm-nm-19", self.path("app.dylib")).splitlines()]
        for name in ("_ZSTD_x", "_gadget_request_ZSTD_x", "_uniffi_gadget_fn_one"):
            self.assertIn(name, names)
        self.assertEqual(names.count("_rust_eh_personality"), 1)

    def test_an_object_whose_names_are_not_at_its_end_can_be_changed(self) -> None:
        self.library(self.TARGET, self.TRIPLE, ours=False)
        ((_, data),) = macho.members(xcframework.read(self.path(f"{self.TARGET}.a")))
        changed = macho.MachO(data + b"more").changed(lambda name: name.replace("n_one", "n"), ())
        self.assertEqual({symbol.name for symbol in macho.MachO(changed).symbols()}, {
            "_common", "_uniffi_gadget_fn", "_ffi_gadget_two", "_stat", "_SecRandomCopyBytes"})


class Release(Fixture):
    def setUp(self) -> None:
        super().setUp()
        self.ours = os.path.join(os.path.dirname(os.path.dirname(__file__)), "release")
        for name in os.listdir(self.ours):
            with open(os.path.join(self.ours, name), encoding="utf-8") as file:
                self.write(name, file.read())
        self.write("Sources/GadgetRequest/Client.swift", "struct Client {}\n")
        self.write("LICENSE-MIT", "MIT\n")

    def read(self, name: str) -> str:
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def test_without_a_url_the_package_takes_the_folder_beside_it(self) -> None:
        release.release(self.folder, "1.2.3")
        self.assertIn(release.LOCAL, self.read("Package.swift"))
        spec = json.loads(self.read("GadgetRequest.podspec.json"))
        self.assertEqual(spec["version"], "1.2.3")
        self.assertEqual(spec["dependencies"], {"GadgetRequestGenerated": ["1.2.3"]})
        self.assertNotIn("source", spec)

    def test_with_a_url_package_and_pods_have_the_checksum_of_the_zip(self) -> None:
        url = "https://packages.example.com/ios/GadgetRequest-1.2.3.zip"
        release.release(self.folder, "1.2.3", url)
        checksum = run("sha256sum", self.path("GadgetRequest-1.2.3.zip")).split()[0]
        self.assertIn(f'url: "{url}",\n  checksum: "{checksum}"\n)', self.read("Package.swift"))
        for pod in release.PODS:
            spec = json.loads(self.read(f"{pod}.podspec.json"))
            self.assertEqual(spec["source"], {"http": url, "sha256": checksum})
            self.assertEqual(spec["homepage"], "https://packages.example.com/ios")

    def test_the_same_files_make_the_same_zip(self) -> None:
        first = release.pack(self.folder, self.path("one.zip"))
        os.utime(self.path("LICENSE-MIT"), (0, 0))
        self.assertEqual(release.pack(self.folder, self.path("two.zip")), first)


if __name__ == "__main__":
    unittest.main()
