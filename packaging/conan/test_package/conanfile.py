"""Builds the examples with the package, and runs the smallest call if GADGET_HTTP has a server."""

import os

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, cmake_layout


class Test(ConanFile):
    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeToolchain", "CMakeDeps", "VirtualRunEnv"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self)

    def build(self):
        shared = self.dependencies["gadget-request"].options.shared
        cmake = CMake(self)
        cmake.configure({"LINK": "shared" if shared else "static"})
        cmake.build()

    def test(self):
        if can_run(self) and "GADGET_HTTP" in os.environ:
            program = os.path.join(self.build_folder, "examples", "get")
            self.run(f"{program} {os.environ['GADGET_HTTP']}/status/404", env="conanrun")
