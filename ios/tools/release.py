#!/usr/bin/env python3
"""Fills in what a package for Swift and for CocoaPods says about a release.

FOLDER has the XCFramework, the sources, Package.swift and the podspecs. The version goes into the
podspecs. With a URL, the XCFramework and the sources go into FOLDER/GadgetRequest-VERSION.zip, and
the package takes them from that URL, if their checksum is the one of this zip.

usage: release.py FOLDER VERSION [URL]
"""

import hashlib
import json
import os
import sys
import zipfile
from typing import List

CONTENTS = ("GadgetRequest.xcframework", "Sources", "LICENSE-APACHE", "LICENSE-MIT")
LOCAL = "let release: (url: String, checksum: String)? = nil"
PODS = ("GadgetRequest", "GadgetRequestGenerated")


def pack(folder: str, archive: str) -> str:
    """Writes the zip, the same bytes for the same files, and returns its checksum."""
    paths: List[str] = []
    for name in CONTENTS:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            paths.append(path)
        for parent, _, files in os.walk(path):
            paths += [os.path.join(parent, file) for file in files]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(paths):
            entry = zipfile.ZipInfo(os.path.relpath(path, folder))  # of 1980
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            with open(path, "rb") as file:
                out.writestr(entry, file.read())
    with open(archive, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def release(folder: str, version: str, url: str = "") -> None:
    checksum = ""
    if url:
        archive = os.path.join(folder, f"GadgetRequest-{version}.zip")
        checksum = pack(folder, archive)
        print(f"{archive} {checksum}")
        path = os.path.join(folder, "Package.swift")
        with open(path, encoding="utf-8") as file:
            before, found, after = file.read().partition(LOCAL)
        if not found:
            raise SystemExit(f"{path} has no line to fill in: {LOCAL}")
        with open(path, "w", encoding="utf-8") as file:
            # In JSON, a text is quoted as in Swift.
            file.write(f"{before}let release: (url: String, checksum: String)? = (\n"
                       f"  url: {json.dumps(url)},\n  checksum: \"{checksum}\"\n){after}")
    for pod in PODS:
        path = os.path.join(folder, f"{pod}.podspec.json")
        with open(path, encoding="utf-8") as file:
            spec = json.load(file)
        spec["version"] = version
        for name in spec.get("dependencies", {}):
            spec["dependencies"][name] = [version]
        if url:
            spec["homepage"] = os.path.dirname(url)
            spec["source"] = {"http": url, "sha256": checksum}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(spec, file, indent=2)
            file.write("\n")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit((__doc__ or "").strip())
    release(*sys.argv[1:])
