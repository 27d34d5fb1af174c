#!/usr/bin/env bash
# Builds swift/Core/CarewireFFI.xcframework and the bindings beside it. Needs a Mac with Xcode and the
# Rust targets of Apple, which it asks rustup for where there is one. `cargo xtask swift` runs it on a
# Mac; our tests run on Linux and have never run it.
set -euo pipefail
cd "$(dirname "$0")/../.."

core=sdk-mobile/swift/Core
out=${CARGO_TARGET_DIR:-target}
targets=(aarch64-apple-ios aarch64-apple-ios-sim aarch64-apple-darwin)
rm -rf "$core"
mkdir -p "$core/CarewireCore" "$out/headers"

if command -v rustup > /dev/null; then
    rustup target add "${targets[@]}"
fi
for target in "${targets[@]}"; do
    cargo rustc --package carewire-mobile --lib --profile mobile --target "$target" --crate-type staticlib
done
cargo build --package carewire-mobile --lib --profile mobile
cargo run --quiet --package carewire-mobile --features bindgen --bin carewire-mobile-bindgen -- \
    generate --no-format --language swift --config sdk-mobile/bindgen.toml \
    --out-dir "$core/CarewireCore" "$out/mobile/libcarewire_mobile.dylib"
mv "$core/CarewireCore/CarewireFFI.h" "$out/headers/"
mv "$core/CarewireCore/CarewireFFI.modulemap" "$out/headers/module.modulemap"

arguments=()
for target in "${targets[@]}"; do
    arguments+=(-library "$out/$target/mobile/libcarewire_mobile.a" -headers "$out/headers")
done
xcodebuild -create-xcframework "${arguments[@]}" -output "$core/CarewireFFI.xcframework"
