// swift-tools-version: 6.0
import PackageDescription

// Where the XCFramework of a release lies, and its checksum. `nil`: in this folder, as
// scripts/build-ios made it.
let release: (url: String, checksum: String)? = nil

let package = Package(
  name: "GadgetRequest",
  platforms: [.iOS(.v13), .macOS(.v10_15)],
  products: [
    .library(name: "GadgetRequest", targets: ["GadgetRequest"]),
    // The same in a framework of its own.
    .library(name: "GadgetRequestDynamic", type: .dynamic, targets: ["GadgetRequest"]),
  ],
  targets: [
    release.map { .binaryTarget(name: "GadgetRequestFFI", url: $0.url, checksum: $0.checksum) }
      ?? .binaryTarget(name: "GadgetRequestFFI", path: "GadgetRequest.xcframework"),
    .target(name: "GadgetRequestGenerated", dependencies: ["GadgetRequestFFI"]),
    // Imports are internal unless they say `public import`.
    .target(
      name: "GadgetRequest", dependencies: ["GadgetRequestGenerated"],
      resources: [.copy("PrivacyInfo.xcprivacy")],
      swiftSettings: [.enableUpcomingFeature("InternalImportsByDefault")]),
  ],
  swiftLanguageModes: [.v6]
)
