//! What each case came to.

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// What the suite says of a case: how it was played, and how the connection was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    behavior: String,
    behavior_close: String,
}

/// By case, in the order of the suite.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdicts(BTreeMap<Vec<u32>, Verdict>);

impl Verdicts {
    /// Reads the index that the suite wrote.
    pub(super) fn read(index: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(index).context("the suite wrote no report")?;
        let agents: BTreeMap<String, BTreeMap<String, Verdict>> = serde_json::from_str(&text)?;
        let cases = agents.into_values().next().context("a report of nobody")?;
        Self::new(cases)
    }

    /// Reads what was kept.
    pub(super) fn from_text(text: &str) -> anyhow::Result<Self> {
        let by_verdict: BTreeMap<String, Vec<String>> = serde_json::from_str(text)?;
        let cases = by_verdict.into_iter().flat_map(|(verdict, cases)| {
            let (behavior, close) = verdict.split_once(", closed ").unwrap_or((&verdict, ""));
            let verdict = Verdict {
                behavior: behavior.to_owned(),
                behavior_close: close.to_owned(),
            };
            cases.into_iter().map(move |case| (case, verdict.clone()))
        });
        Self::new(cases.collect())
    }

    fn new(cases: BTreeMap<String, Verdict>) -> anyhow::Result<Self> {
        let numbered = cases.into_iter().map(|(case, verdict)| {
            let numbers: Result<Vec<u32>, _> = case.split('.').map(str::parse).collect();
            Ok((numbers.with_context(|| format!("case {case}"))?, verdict))
        });
        numbered.collect::<anyhow::Result<_>>().map(Self)
    }

    /// As it is kept: cases by verdict.
    pub(super) fn to_text(&self) -> String {
        let mut by_verdict: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (case, verdict) in &self.0 {
            let Verdict {
                behavior,
                behavior_close,
            } = verdict;
            let verdict = format!("{behavior}, closed {behavior_close}");
            by_verdict.entry(verdict).or_default().push(name(case));
        }
        let mut text = serde_json::to_string_pretty(&by_verdict).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Fails with every case that came to something else.
    pub(super) fn compare(&self, expected: &Self) -> anyhow::Result<()> {
        let cases = self.0.keys().chain(expected.0.keys());
        let mut differences: Vec<_> = cases
            .filter(|case| self.0.get(*case) != expected.0.get(*case))
            .map(|case| {
                let (now, kept) = (self.0.get(case), expected.0.get(case));
                format!("{}: {now:?}, expected {kept:?}", name(case))
            })
            .collect();
        differences.dedup();
        ensure!(
            differences.is_empty(),
            "Autobahn:\n{}",
            differences.join("\n")
        );
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many of each.
    pub(super) fn summary(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for verdict in self.0.values() {
            *counts.entry(&verdict.behavior).or_default() += 1;
        }
        let counts = counts
            .iter()
            .map(|(behavior, count)| format!("{count} {behavior}"));
        counts.collect::<Vec<_>>().join(", ")
    }
}

fn name(case: &[u32]) -> String {
    let numbers: Vec<_> = case.iter().map(u32::to_string).collect();
    numbers.join(".")
}
