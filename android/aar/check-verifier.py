#!/usr/bin/env python3
"""Compares what the Rust of rustls-platform-verifier asks of Kotlin with the classes of an AAR, and
with those of an app that was shrunk. Needs cargo and javap.

usage: check-verifier.py CLASSES.JAR SHRUNK.JAR
"""

import json
import re
import subprocess
import sys

PRIMITIVE = {"jlong": "J", "jint": "I", "byte": "B", "void": "V"}
SHORT = {"JString": "java.lang.String"}
# Has the numbers of Rust's VerifierStatus.
JUDGE = "org.rustls.platformverifier.CertificateJudge"


def descriptor(type_name):
    """The JVM's name of a type as the macro `jni_sig!` writes it."""
    if type_name.endswith("[]"):
        return "[" + descriptor(type_name[:-2])
    if type_name in PRIMITIVE:
        return PRIMITIVE[type_name]
    return "L" + SHORT.get(type_name, type_name).replace(".", "/") + ";"


def only(pattern, text):
    found = re.findall(pattern, text, re.DOTALL)
    if len(found) != 1:
        sys.exit(f"check-verifier: {len(found)} places in the Rust source look like {pattern}")
    return found[0]


def rust_source():
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(subprocess.check_output(command))
    manifests = [package["manifest_path"] for package in metadata["packages"]
                 if package["name"] == "rustls-platform-verifier"]
    if len(manifests) != 1:
        sys.exit(f"check-verifier: {len(manifests)} versions of rustls-platform-verifier")
    path = manifests[0].replace("Cargo.toml", "src/verification/android.rs")
    with open(path, encoding="utf-8") as file:
        return file.read()


def members(jar, name):
    """The static methods and the fields of a class, with their descriptors."""
    command = ["javap", "-p", "-s", "-classpath", jar, name]
    text = subprocess.check_output(command, text=True)
    return re.findall(r"^  ([^\n]*?)([\w$]+)(?:\([^\n]*\))?;\n    descriptor: (\S+)$", text, re.M)


def numbers(jar, name):
    """The constants of a class that are numbers."""
    command = ["javap", "-p", "-constants", "-classpath", jar, name]
    text = subprocess.check_output(command, text=True)
    return re.findall(r"static final int ([A-Z_]+) = (\d+);", text)


def main(jar, shrunk):
    rust = rust_source()
    verifier = only(r'CachedClass::new\(jni_str!\("([\w.]+)"\)\)', rust)
    parameters, result = only(
        r"VERIFIER_CALL: MethodSignature<[^>]*> = jni_sig!\(\s*\((.*?)\) -> ([\w.]+)\s*\)", rust)
    method = only(r'jni_str!\("(\w+)"\),\s*VERIFIER_CALL', rust)
    fields = re.findall(r'get_field\(&?result, jni_str!\("(\w+)"\), jni_sig!\(([\w.]+)\)\)', rust)
    if len(fields) != 2:
        sys.exit(f"check-verifier: fields of the result in the Rust source: {fields}")

    asked = "".join(descriptor(part.strip()) for part in parameters.split(","))
    wanted = [(verifier, "static", method, f"({asked}){descriptor(result)}")]
    wanted += [(result, "", name, descriptor(type_name)) for name, type_name in fields]
    for where in (jar, shrunk):
        for class_name, modifier, name, signature in wanted:
            found = [of for flags, has, of in members(where, class_name)
                     if has == name and modifier in flags]
            if signature not in found:
                sys.exit(f"check-verifier: Rust asks for {class_name}.{name} {signature}; "
                         f"{where} has {found or 'none'}")

    statuses = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper(): number
                for number, status in re.findall(r"(\d+) => VerifierStatus::(\w+),", rust)}
    returned = numbers(jar, JUDGE)
    for status, number in returned:
        if statuses.get(status) != number:
            sys.exit(f"check-verifier: {status} is {number} in {jar}; Rust has {statuses}")
    if not returned:
        sys.exit(f"check-verifier: {JUDGE} has no numbers")
    print(f"{verifier}: {len(wanted)} members and {len(returned)} numbers as Rust asks for them")


if len(sys.argv) != 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
