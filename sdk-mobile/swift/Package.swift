// swift-tools-version: 6.0
import PackageDescription

// `Core` is made by `cargo xtask swift` on Linux, and by `scripts/xcframework.sh` on a Mac: the
// bindings of the core in Swift, and the core itself.
#if os(Linux)
let core: Target = .systemLibrary(name: "CarewireFFI", path: "Core/CarewireFFI")
#else
let core: Target = .binaryTarget(name: "CarewireFFI", path: "Core/CarewireFFI.xcframework")
#endif

let package = Package(
    name: "Carewire",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "Carewire", targets: ["Carewire"])
    ],
    targets: [
        core,
        .target(
            name: "CarewireCore", dependencies: ["CarewireFFI"], path: "Core/CarewireCore",
            // The core asks Apple's systems whom they trust.
            linkerSettings: [.linkedFramework("Security", .when(platforms: [.iOS, .macOS]))]),
        .target(name: "Carewire", dependencies: ["CarewireCore"]),
        .executableTarget(name: "CarewireVisit", dependencies: ["Carewire"], path: "Samples/Visit"),
        .target(name: "CarewireChat", dependencies: ["Carewire"], path: "Samples/Chat"),
        .testTarget(name: "CarewireTests", dependencies: ["Carewire", "CarewireVisit", "CarewireChat"]),
    ]
)
