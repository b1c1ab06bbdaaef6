"""A Conan 2 recipe for the package that scripts/build-pc has built:

    scripts/build-pc && conan export-pkg packaging/conan

The package is one for all compilers and build types: its interface is C's.
"""

import glob
import os
import re

from conan import ConanFile
from conan.errors import ConanException, ConanInvalidConfiguration
from conan.tools.files import copy, load

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
IS_IN_TREE = os.path.isfile(os.path.join(TREE, "Cargo.toml"))  # not in Conan's cache
TARGETS = {
    ("Linux", "x86_64"): "x86_64-unknown-linux-gnu",
    ("Linux", "armv8"): "aarch64-unknown-linux-gnu",
    ("Windows", "x86_64"): "x86_64-pc-windows-gnu",
    ("Macos", "x86_64"): "x86_64-apple-darwin",
    ("Macos", "armv8"): "aarch64-apple-darwin",
}


class GadgetRequest(ConanFile):
    name = "gadget-request"
    description = "The HTTP API request of mini programs, the same on every platform"
    license = "MIT OR Apache-2.0"
    package_type = "library"
    settings = "os", "arch"
    options = {"shared": [True, False]}
    default_options = {"shared": True}
    test_package_folder = "test_package"

    def set_version(self):
        manifest = load(self, os.path.join(TREE, "Cargo.toml"))
        self.version = re.search(r'^version = "(.+)"', manifest, re.MULTILINE).group(1)

    def layout(self):
        if IS_IN_TREE:
            self.folders.generators = os.path.join(TREE, "target", "conan")

    def validate(self):
        if self._target is None:
            raise ConanInvalidConfiguration(f"there is no package for {self._system}")

    def package(self):
        if not IS_IN_TREE:
            raise ConanException("conan create cannot build it; use conan export-pkg")
        folder = os.path.join(TREE, "target", "pc", f"{self.name}-{self.version}-{self._target}")
        if not os.path.isdir(folder):
            raise ConanException(f"run this first: scripts/build-pc {self._target}")
        copy(self, "*", src=folder, dst=self.package_folder)
        shared = ["bin/*.dll", "lib/*.so*", "lib/*.dylib", "lib/*.dll.a", "lib/*.lib", "lib/*.def"]
        for pattern in ["lib/libgadget_request.a"] if self.options.shared else shared:
            for path in glob.glob(os.path.join(self.package_folder, pattern)):
                os.remove(path)

    def package_info(self):
        # The package has its own CMake configuration: gadget_request::shared and ::static.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("lib", "cmake", "gadget_request")]
        self.cpp_info.libs = ["gadget_request"]
        if not self.options.shared:
            pc = os.path.join(self.package_folder, "lib", "pkgconfig", "gadget_request-static.pc")
            libraries = re.search("^Libs: (.+)", load(self, pc), re.MULTILINE).group(1)
            self.cpp_info.system_libs = re.findall(r" -l(\S+)", libraries)

    @property
    def _system(self):
        return str(self.settings.os), str(self.settings.arch)

    @property
    def _target(self):
        return TARGETS.get(self._system)
