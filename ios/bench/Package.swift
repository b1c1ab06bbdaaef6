// swift-tools-version: 6.0
import PackageDescription

// The library beside URLSession: scripts/bench swift runs it.
let package = Package(
  name: "bench",
  dependencies: [.package(path: "..")],
  targets: [
    .executableTarget(
      name: "bench", dependencies: [.product(name: "GadgetRequest", package: "ios")])
  ],
  swiftLanguageModes: [.v6]
)
