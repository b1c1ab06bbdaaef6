"""Builds the examples with the package, and runs the smallest call if GADGET_HTTP has a server.

It builds that call by CMake, with the targets of the package, and with the flags of AutotoolsDeps.
"""

import os

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout


class Test(ConanFile):
    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps", "AutotoolsDeps", "VirtualRunEnv"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.user_presets_path = False
        toolchain.generate()

    def build(self):
        shared = self.dependencies["gadget-request"].options.shared
        cmake = CMake(self)
        cmake.configure({"LINK": "shared" if shared else "static"})
        cmake.build()
        source = os.path.join(self.source_folder, "../../../bindings/c/examples/get.c")
        self.run(f"cc $CPPFLAGS {source} $LDFLAGS $LIBS -o without-cmake")

    def test(self):
        if can_run(self) and "GADGET_HTTP" in os.environ:
            for program in os.path.join("examples", "get"), "without-cmake":
                path = os.path.join(self.build_folder, program)
                self.run(f"{path} {os.environ['GADGET_HTTP']}/status/404", env="conanrun")
