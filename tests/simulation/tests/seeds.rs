//! Some seeds in the ordinary profile; `cargo xtask sim` runs the many.

use carewire_simulation::{Campaign, run};

#[test]
fn the_same_seed_gives_the_same_world() {
    for seed in [1, 13, 33, 75, 242, 2814] {
        let first = run(seed, false);
        let again = run(seed, true);
        assert_eq!(first.hash, again.hash, "seed {seed}");
        assert_eq!(first.faults, again.faults, "seed {seed}");
        assert!(!again.trace.is_empty());
    }
    assert_ne!(run(1, false).hash, run(2, false).hash);
}

#[test]
fn some_seeds_hold() {
    let campaign = Campaign {
        first: 1,
        seeds: 60,
        threads: None,
        plant: None,
    };
    let result = campaign.run();
    assert!(result.failed.is_empty(), "{result}");
    for (invariant, checked) in &result.report.checked {
        assert!(*checked > 0, "{invariant} was not looked at");
    }
}
