#!/usr/bin/env bash
# Builds target/carewire.aar. Needs ANDROID_NDK_HOME, the Rust targets of Android, and the jar of
# `cargo xtask kotlin`. Not run by our tests: no NDK can be had where they run.
set -euo pipefail
cd "$(dirname "$0")/../.."

: "${ANDROID_NDK_HOME:?names the NDK, r27 or newer}"
api=26
host=linux-x86_64
[ "$(uname)" = Darwin ] && host=darwin-x86_64
tools="$ANDROID_NDK_HOME/toolchains/llvm/prebuilt/$host/bin"
out=target/aar
rm -rf "$out"
mkdir -p "$out"

build() { # the target of Rust, the compiler's prefix, the ABI of Android
    local variable
    variable=$(echo "$1" | tr 'a-z-' 'A-Z_')
    # 16 KiB pages: required by Android 15 on devices that have them.
    env "CARGO_TARGET_${variable}_LINKER=$tools/$2$api-clang" \
        "CARGO_TARGET_${variable}_RUSTFLAGS=-C link-arg=-Wl,-z,max-page-size=16384" \
        "CC_${1//-/_}=$tools/$2$api-clang" "AR_${1//-/_}=$tools/llvm-ar" \
        cargo build --package carewire-mobile --lib --profile mobile --target "$1"
    mkdir -p "$out/jni/$3"
    "$tools/llvm-strip" --strip-unneeded -o "$out/jni/$3/libcarewire_mobile.so" \
        "target/$1/mobile/libcarewire_mobile.so"
}

build aarch64-linux-android aarch64-linux-android arm64-v8a
build armv7-linux-androideabi armv7a-linux-androideabi armeabi-v7a
build x86_64-linux-android x86_64-linux-android x86_64

cp sdk-mobile/android/AndroidManifest.xml "$out/"
cp sdk-mobile/kotlin/src/main/resources/META-INF/proguard/carewire.pro "$out/proguard.txt"
touch "$out/R.txt"
cp sdk-mobile/kotlin/target/carewire-0.1.0.jar "$out/classes.jar"
# The library of this machine is none of Android's.
zip --quiet --delete "$out/classes.jar" 'linux-*' 'darwin-*' || true
(cd "$out" && zip --quiet --recurse-paths ../carewire.aar .)
echo "target/carewire.aar"
