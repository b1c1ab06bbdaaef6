// swift-tools-version: 6.0
// A package of the host app. Its dependency is the folder that scripts/build-ios made.

import PackageDescription

let package = Package(
  name: "MiniPrograms",
  platforms: [.iOS(.v13)],
  dependencies: [.package(path: "../../../target/ios")],
  targets: [
    .target(
      name: "MiniPrograms",
      dependencies: [.product(name: "GadgetRequest", package: "ios")],
      path: "Sources")
  ]
)
