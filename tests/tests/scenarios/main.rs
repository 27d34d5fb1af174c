//! The wire contract, section by section, against the real server: see `tests/README.md`.

mod smoke;
