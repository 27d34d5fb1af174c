//! Writes the Kotlin and Swift side of this layer; `cargo xtask kotlin` and `swift` run it.

fn main() {
    uniffi::uniffi_bindgen_main();
}
