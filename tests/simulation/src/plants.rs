//! The planted bugs, by name, and whether they are caught.

use crate::campaign::{Campaign, Result as CampaignResult};
use carewire::session::planted::{self as client, Bug as ClientBug};
use carewire_check::Invariant;
use carewire_server::planted::{self as server, Bug as ServerBug};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Debug},
};

/// A planted bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// In the server.
    Server(ServerBug),
    /// In the client.
    Client(ClientBug),
}

impl Plant {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let server = ServerBug::ALL.into_iter().map(Self::Server);
        server.chain(ClientBug::ALL.into_iter().map(Self::Client))
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|plant| plant.name() == name)
    }

    /// Its name: `acknowledge-before-commit`.
    pub fn name(self) -> String {
        match self {
            Self::Server(bug) => kebab(&bug),
            Self::Client(bug) => kebab(&bug),
        }
    }

    /// Plants a bug on this thread, or none.
    pub(crate) fn plant(plant: Option<Self>) {
        let (in_server, in_client) = match plant {
            Some(Self::Server(bug)) => (Some(bug), None),
            Some(Self::Client(bug)) => (None, Some(bug)),
            None => (None, None),
        };
        server::plant(in_server);
        client::plant(in_client);
    }
}

fn kebab(bug: &impl Debug) -> String {
    let mut name = String::new();
    for letter in format!("{bug:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// How a bug was caught.
#[derive(Debug, Clone)]
pub struct Catch {
    /// Which.
    pub plant: Plant,
    /// In how many seeds, of how many.
    pub seeds: (u64, u64),
    /// By which invariants, in how many seeds each.
    pub by: BTreeMap<Invariant, u64>,
    /// In how many seeds something panicked.
    pub panics: u64,
}

impl Catch {
    fn of(plant: Plant, result: &CampaignResult) -> Self {
        let mut by: BTreeMap<Invariant, u64> = BTreeMap::new();
        let mut panics = 0;
        for failure in result.failed.values() {
            panics += u64::from(failure.violated.is_empty());
            let violated: BTreeSet<Invariant> = failure.violated.iter().copied().collect();
            for invariant in violated {
                *by.entry(invariant).or_default() += 1;
            }
        }
        Self {
            plant,
            seeds: (result.failed.len() as u64, result.seeds),
            by,
            panics,
        }
    }

    /// Whether any seed showed it.
    pub fn is_caught(&self) -> bool {
        self.seeds.0 > 0
    }

    /// The only invariant that catches it.
    pub fn only(&self) -> Option<Invariant> {
        match self.by.keys().collect::<Vec<_>>()[..] {
            [only] if self.panics == 0 => Some(*only),
            _ => None,
        }
    }
}

/// How often as many seeds are tried for a bug that none has shown.
const ROUNDS: u64 = 8;

/// What came of looking for every bug.
#[derive(Debug, Clone)]
pub struct Hunt(pub Vec<Catch>);

impl Hunt {
    /// Looks for every bug in so many seeds each, and for one that none of them showed in as many
    /// more, [`ROUNDS`] times in all: which seeds show a rare one changes with whatever draws.
    pub fn run(seeds: u64) -> Self {
        let catches = Plant::all().map(|plant| look_for(plant, seeds));
        Self(catches.collect())
    }

    /// The bugs that nothing showed.
    pub fn escaped(&self) -> Vec<String> {
        let escaped = self.0.iter().filter(|catch| !catch.is_caught());
        escaped.map(|catch| catch.plant.name()).collect()
    }

    /// The invariants without which every bug would still be caught.
    pub fn idle(&self) -> Vec<Invariant> {
        let needed: BTreeSet<Invariant> = self.0.iter().filter_map(Catch::only).collect();
        let all = Invariant::ALL.into_iter();
        all.filter(|invariant| !needed.contains(invariant))
            .collect()
    }
}

fn look_for(plant: Plant, seeds: u64) -> Catch {
    let mut first = 1;
    loop {
        let campaign = Campaign {
            first,
            seeds,
            threads: None,
            plant: Some(plant),
        };
        let mut catch = Catch::of(plant, &campaign.run());
        first += seeds;
        catch.seeds.1 = first - 1;
        if catch.is_caught() || first > ROUNDS * seeds {
            return catch;
        }
    }
}

impl fmt::Display for Hunt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| planted bug | seeds that catch it | by |")?;
        writeln!(f, "| --- | --: | --- |")?;
        for catch in &self.0 {
            let (caught, of) = catch.seeds;
            let share = caught as f64 * 100.0 / of.max(1) as f64;
            let mut by: Vec<_> = catch.by.iter().collect();
            by.sort_by_key(|(_, seeds)| std::cmp::Reverse(**seeds));
            let by: Vec<_> = by
                .iter()
                .map(|(invariant, _)| invariant.to_string())
                .collect();
            let name = catch.plant.name();
            writeln!(f, "| `{name}` | {share:.1} % | {} |", by.join(", "))?;
        }
        Ok(())
    }
}
