// swift-tools-version: 6.0
import PackageDescription

// Where the Rust library lies on Linux; Apple platforms take it from the XCFramework.
let library =
  Context.environment["GADGET_REQUEST_LIBRARY"] ?? "\(Context.packageDirectory)/../target/debug"

#if os(Linux)
  let ffi = Target.systemLibrary(name: "GadgetRequestFFI")
  let linking: [LinkerSetting] = [
    .unsafeFlags(["-L\(library)", "-Xlinker", "-rpath", "-Xlinker", library])
  ]
#else
  let ffi = Target.binaryTarget(name: "GadgetRequestFFI", path: "GadgetRequestFFI.xcframework")
  let linking: [LinkerSetting] = []
#endif

// What is imported is internal unless it says `public import`: generated code in the public
// interface does not compile.
let ours: [SwiftSetting] = [.enableUpcomingFeature("InternalImportsByDefault")]

let package = Package(
  name: "GadgetRequest",
  platforms: [.iOS(.v13), .macOS(.v10_15)],
  products: [.library(name: "GadgetRequest", targets: ["GadgetRequest"])],
  targets: [
    ffi,
    // Its source is generated and never committed: see scripts/test-swift.
    .target(
      name: "GadgetRequestGenerated", dependencies: ["GadgetRequestFFI"], linkerSettings: linking),
    .target(name: "GadgetRequest", dependencies: ["GadgetRequestGenerated"], swiftSettings: ours),
    .executableTarget(name: "get", dependencies: ["GadgetRequest"], path: "Examples/get"),
    .target(name: "app", dependencies: ["GadgetRequest"], path: "Examples/app"),
    .testTarget(name: "GadgetRequestTests", dependencies: ["GadgetRequest"], swiftSettings: ours),
    // The Swift face of scripts/golden.
    .executableTarget(name: "golden", dependencies: ["GadgetRequest"], path: "Tests/golden"),
    // Prints a symbol graph as api/GadgetRequest.txt has it.
    .executableTarget(name: "public-api", path: "Tests/public-api"),
  ],
  swiftLanguageModes: [.v6]
)
