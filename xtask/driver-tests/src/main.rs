//! `carewire-driver-tests TESTS.wasm [filter]`: runs them in the browser of the present folder's
//! `webdriver.json`. What the tests fetch lies in that folder, too.

use std::env;
use wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args;

fn main() -> anyhow::Result<()> {
    run_cli_with_args(env::args_os())
}
