//! `carewire-bindgen IN.wasm OUT NAME [names]`: writes `OUT/NAME.js` and `OUT/NAME_bg.wasm`.
//!
//! A crate of its own, as nothing else in `xtask` should wait for it to be built.

use anyhow::Context as _;
use std::env;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let mut args = env::args().skip(1);
    let mut next = || args.next().context("IN.wasm OUT NAME [names]");
    let (input, out, name) = (next()?, next()?, next()?);
    let names = next().is_ok();
    Bindgen::new()
        .input_path(input)
        .web(true)?
        .typescript(true)
        .out_name(&name)
        // The package knows where its module is, and checks what it finds there.
        .omit_default_module_path(true)
        .remove_name_section(!names)
        .remove_producers_section(true)
        .generate(out)
}
