//! What only a shared PostgreSQL has to show, and the PostgreSQL of the tests itself.

use carewire_tests::Postgres;

/// `cargo xtask test` installs it and says so; elsewhere its tests are reported as ignored.
#[test]
fn postgres_is_there_where_it_is_required() {
    if std::env::var("CAREWIRE_TEST_POSTGRES").as_deref() == Ok("required") {
        assert!(Postgres::is_installed() && cfg!(postgres));
    }
}
