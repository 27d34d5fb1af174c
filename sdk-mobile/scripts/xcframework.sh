#!/usr/bin/env bash
# Builds swift/Core/CarewireFFI.xcframework and the bindings beside it. Needs a Mac with Xcode and the
# Rust targets of Apple. Not run by our tests, which run on Linux.
set -euo pipefail
cd "$(dirname "$0")/../.."

core=sdk-mobile/swift/Core
targets=(aarch64-apple-ios aarch64-apple-ios-sim aarch64-apple-darwin)
rm -rf "$core"
mkdir -p "$core/CarewireCore" target/headers

for target in "${targets[@]}"; do
    cargo rustc --package carewire-mobile --lib --profile mobile --target "$target" --crate-type staticlib
done
cargo build --package carewire-mobile --lib --profile mobile
cargo run --quiet --package carewire-mobile --features bindgen --bin carewire-mobile-bindgen -- \
    generate --no-format --language swift --config sdk-mobile/bindgen.toml \
    --out-dir "$core/CarewireCore" target/mobile/libcarewire_mobile.dylib
mv "$core/CarewireCore/CarewireFFI.h" target/headers/
mv "$core/CarewireCore/CarewireFFI.modulemap" target/headers/module.modulemap

arguments=()
for target in "${targets[@]}"; do
    arguments+=(-library "target/$target/mobile/libcarewire_mobile.a" -headers target/headers)
done
xcodebuild -create-xcframework "${arguments[@]}" -output "$core/CarewireFFI.xcframework"
