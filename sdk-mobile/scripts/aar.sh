#!/usr/bin/env bash
# Builds target/carewire.aar, or the file that AAR names. Needs ANDROID_NDK_HOME, the Rust targets of
# Android, a JDK, and the jar of `cargo xtask kotlin`.
#
# With a folder as its argument it packs the libraries in there, one folder for each ABI, instead of
# building them. That much is run by `cargo xtask kotlin`; no NDK can be had where our tests run.
set -euo pipefail
cd "$(dirname "$0")/../.."

aar=${AAR:-target/carewire.aar}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir -p "$out/aar/jni" "$out/classes"

build() { # the target of Rust, the compiler's prefix, the ABI of Android
    local variable
    variable=$(echo "$1" | tr 'a-z-' 'A-Z_')
    # 16 KiB pages: required by Android 15 on devices that have them.
    env "CARGO_TARGET_${variable}_LINKER=$tools/$2$api-clang" \
        "CARGO_TARGET_${variable}_RUSTFLAGS=-C link-arg=-Wl,-z,max-page-size=16384" \
        "CC_${1//-/_}=$tools/$2$api-clang" "AR_${1//-/_}=$tools/llvm-ar" \
        cargo build --package carewire-mobile --lib --profile mobile --target "$1"
    mkdir -p "$out/aar/jni/$3"
    "$tools/llvm-strip" --strip-unneeded -o "$out/aar/jni/$3/libcarewire_mobile.so" \
        "${CARGO_TARGET_DIR:-target}/$1/mobile/libcarewire_mobile.so"
}

if [ $# -gt 0 ]; then
    cp -R "$1/." "$out/aar/jni/"
else
    : "${ANDROID_NDK_HOME:?names the NDK, r27 or newer}"
    api=26
    host=linux-x86_64
    [ "$(uname)" = Darwin ] && host=darwin-x86_64
    tools="$ANDROID_NDK_HOME/toolchains/llvm/prebuilt/$host/bin"
    build aarch64-linux-android aarch64-linux-android arm64-v8a
    build armv7-linux-androideabi armv7a-linux-androideabi armeabi-v7a
    build x86_64-linux-android x86_64-linux-android x86_64
fi

cp sdk-mobile/android/AndroidManifest.xml "$out/aar/"
cp sdk-mobile/kotlin/src/main/resources/META-INF/proguard/carewire.pro "$out/aar/proguard.txt"
touch "$out/aar/R.txt"
# The library of this machine is none of Android's.
jar=$PWD/sdk-mobile/kotlin/target/carewire-0.1.0.jar
(cd "$out/classes" && jar --extract --file "$jar" && rm -rf linux-* darwin-*)
jar --create --no-manifest --file "$out/aar/classes.jar" -C "$out/classes" .
mkdir -p "$(dirname "$aar")"
jar --create --no-manifest --file "$aar" -C "$out/aar" .
echo "$aar"
