//! The PostgreSQL of the tests itself.

use carewire_tests::{Postgres, wait};
use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

/// `cargo xtask test` installs it and says so; elsewhere its tests are reported as ignored.
#[test]
fn postgres_is_there_where_it_is_required() {
    if env::var("CAREWIRE_TEST_POSTGRES").as_deref() == Ok("required") {
        assert!(Postgres::is_installed() && cfg!(postgres));
    }
}

const VICTIM: &str = "own::victim";
const MARK: &str = "its folder is ";

/// Nothing of it is left when the tests are killed.
#[tokio::test]
#[cfg_attr(not(postgres), ignore = "PostgreSQL is not installed")]
async fn postgres_does_not_outlive_the_tests() {
    let mut victim = Command::new(env::current_exe().unwrap())
        .args([VICTIM, "--exact", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let folder = lines
        .map_while(Result::ok)
        .find_map(|line| Some(PathBuf::from(line.split_once(MARK)?.1)))
        .expect("the victim should say where it is");
    assert!(folder.join("data/postmaster.pid").exists());
    victim.kill().unwrap();
    victim.wait().unwrap();
    wait::until("the folder to go", async || {
        (!folder.exists()).then_some(())
    })
    .await;
}

/// Run by the test above, in a process of its own.
#[test]
#[ignore = "waits to be killed"]
fn victim() {
    let postgres = Postgres::start();
    println!("{MARK}{}", postgres.folder().display());
    std::io::stdout().flush().unwrap();
    // Ends with whoever started this.
    let _ = std::io::stdin().read_line(&mut String::new());
}
