//! I8 and I9: no repair without a fault, and nothing that grows.

use super::{History, Invariant, Judge, What};
use std::collections::BTreeSet;

pub(super) fn judge(history: &History, judge: &mut Judge) {
    let mut lossy = BTreeSet::new();
    let mut all_lossy = false;
    let mut repairs = 0;
    for entry in &history.entries {
        let at = entry.at;
        match &entry.what {
            What::Fault {
                target,
                loses: true,
                ..
            } => match target {
                Some(target) => drop(lossy.insert(target)),
                None => all_lossy = true,
            },
            What::Repaired { by, room } => {
                repairs += 1;
                judge.expect(Invariant::I8, at, all_lossy || lossy.contains(by), || {
                    format!("{by} repaired a gap in {room}, and nothing was lost on the way")
                });
            }
            What::Baseline {
                name,
                before,
                after,
            } => judge.expect(Invariant::I9, at, after <= before, || {
                format!("{name}: {before} before and {after} after")
            }),
            What::Bound { name, seen, most } => {
                judge.expect(Invariant::I9, at, seen <= most, || {
                    format!("{name}: {seen}, and at most {most} are allowed")
                });
            }
            _ => {}
        }
    }
    if repairs == 0 {
        // That there was none is what was looked for.
        judge.expect(Invariant::I8, history.end(), true, String::new);
    }
}
