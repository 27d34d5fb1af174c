//! Says whether PostgreSQL is there, so that tests which need it are reported as ignored where it
//! is not. `cargo xtask test` installs it.

#[path = "src/postgres/find.rs"]
mod find;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(postgres)");
    println!("cargo::rerun-if-changed=/usr/lib/postgresql");
    println!("cargo::rerun-if-env-changed=PATH");
    if find::programs().is_some() {
        println!("cargo::rustc-cfg=postgres");
    }
}
