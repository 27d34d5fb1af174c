//! Any order of anything: what must be true of a call after each.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Deed {
    Accept(usize, usize),
    Join(usize, usize),
    Reject(usize),
    Leave(usize, usize),
    End,
    Lapse(usize),
    Restarted(usize),
    Media(usize, usize),
    /// Milliseconds pass, and whoever rings may have rung for long enough.
    Pass(i64),
}

const USERS: [&str; 4] = ["ana", "lee", "kim", "joe"];
const RING: i64 = 1000;

fn user(number: usize) -> UserId {
    USERS[number].parse().unwrap()
}

fn client(user: usize, device: usize) -> ClientId {
    format!("{}-{device}", USERS[user]).parse().unwrap()
}

fn start(visit: Option<&str>) -> Start {
    Start {
        id: "c1".parse().unwrap(),
        visit: visit.map(|visit| visit.parse().unwrap()),
        call_type: CallType::Audio,
        caller: user(0),
        client: client(0, 0),
        at: Timestamp::from_millis(0),
    }
}

fn ringing() -> Machine {
    let recipients = (1..USERS.len()).map(user).collect();
    Machine::ring(start(None), recipients, Timestamp::from_millis(RING))
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let who = 0..USERS.len();
    let device = || 0..2usize;
    let deed = prop_oneof![
        3 => (who.clone(), device()).prop_map(|(who, device)| Deed::Accept(who, device)),
        2 => (who.clone(), device()).prop_map(|(who, device)| Deed::Join(who, device)),
        1 => who.clone().prop_map(Deed::Reject),
        2 => (who.clone(), device()).prop_map(|(who, device)| Deed::Leave(who, device)),
        1 => Just(Deed::End),
        1 => who.clone().prop_map(Deed::Lapse),
        1 => who.clone().prop_map(Deed::Restarted),
        1 => (who, device()).prop_map(|(who, device)| Deed::Media(who, device)),
        2 => (0..RING).prop_map(Deed::Pass),
    ];
    prop::collection::vec(deed, 0..30)
}

fn perform(machine: &mut Machine, deed: &Deed, now: &mut i64) -> Result<Vec<Step>, ErrorReply> {
    let at = Timestamp::from_millis(*now);
    match *deed {
        Deed::Accept(who, device) => machine.accept(&user(who), &client(who, device), at),
        Deed::Join(who, device) => machine.join(&user(who), &client(who, device), at),
        Deed::Reject(who) => machine.reject(&user(who), None, at),
        Deed::Leave(who, device) => machine.leave(&user(who), &client(who, device), at),
        Deed::End => machine.end(at),
        Deed::Lapse(who) => Ok(machine.lapse(&user(who), CallEndReason::LastLeft, at)),
        Deed::Restarted(who) => Ok(machine.lapse(&user(who), CallEndReason::Restart, at)),
        Deed::Media(who, device) => {
            let media = Media {
                call_id: "c1".parse().unwrap(),
                audio: true,
                video: false,
                screen: false,
            };
            machine.media(&user(who), &client(who, device), &media)
        }
        Deed::Pass(ms) => {
            *now += ms;
            Ok(machine.ring_out(Timestamp::from_millis(*now)))
        }
    }
}

fn rank(state: &CallState) -> u8 {
    match state {
        CallState::Ringing => 0,
        CallState::Active => 1,
        _ => 2,
    }
}

fn count(call: &Call, state: &ParticipantState) -> usize {
    let people = call.participants.iter();
    people.filter(|one| one.state == *state).count()
}

fn check(before: &Call, steps: &Result<Vec<Step>, ErrorReply>, after: &Call, now: i64) {
    use ParticipantState::{Joined, Left, Missed, Rejected, Ringing};
    let Ok(steps) = steps else {
        assert_eq!(before, after, "what is refused changes nothing");
        return;
    };
    assert_eq!(
        steps.is_empty(),
        before == after,
        "every change is told: {steps:?}"
    );
    assert!(rank(&before.state) <= rank(&after.state), "no way back");
    if before.state.is_over() {
        assert_eq!(before, after, "the end is the end");
    }
    let over = after.state.is_over();
    let (joined, ringing) = (count(after, &Joined), count(after, &Ringing));
    if over {
        assert_eq!((joined, ringing), (0, 0), "nobody is left in it");
        assert!(after.ended_at.is_some());
        assert_eq!(
            after.end_reason.is_none(),
            after.state == CallState::Rejected
        );
    } else {
        assert!(joined > 0, "a call without anybody is over");
        assert_eq!(after.ended_at, None);
    }
    match after.state {
        CallState::Ringing => assert_eq!((joined, ringing > 0), (1, true)),
        CallState::Active => assert!(joined > 1 || after.visit_id.is_some()),
        _ => {}
    }
    assert_eq!(
        after.started_at.is_some(),
        matches!(after.state, CallState::Active | CallState::Ended)
    );
    assert_eq!(
        after.expires_at.is_some(),
        ringing > 0,
        "somebody rings until then"
    );
    assert!(after.expires_at.is_none_or(|at| at.as_millis() <= RING));
    for one in &after.participants {
        assert_eq!(one.client_id.is_some(), one.state == Joined, "{one:?}");
        assert!(one.state == Joined || !(one.audio || one.video || one.screen));
        let was = before.participant(&one.user_id).map(|one| &one.state);
        if was != Some(&one.state) {
            let told = steps.iter().any(|step| match (step, &one.state) {
                (Step::Joined(user, client), Joined) => {
                    *user == one.user_id && Some(client) == one.client_id.as_ref()
                }
                (Step::Left(user), Left)
                | (Step::Missed(user), Missed)
                | (Step::Rejected(user, _), Rejected) => *user == one.user_id,
                // The end of the call says so of everybody who was in it.
                (Step::Ended(..), Left) => was == Some(&Joined),
                // So does the last refusal.
                (Step::Rejected(..), Left) => after.state == CallState::Rejected,
                _ => false,
            });
            assert!(told, "{one:?} in {steps:?}");
        }
    }
    let ended = steps.iter().filter(|step| matches!(step, Step::Ended(..)));
    let ends = !before.state.is_over() && over && after.state != CallState::Rejected;
    assert_eq!(ended.count(), usize::from(ends));
    for step in steps {
        if let Step::Ended(reason, Millis(active)) = step {
            assert_eq!(Some(reason), after.end_reason.as_ref());
            assert!(*active <= u64::try_from(now).unwrap());
        }
    }
}

fn play(mut machine: Machine, deeds: &[Deed]) {
    let mut now = 0;
    for deed in deeds {
        let before = machine.call().clone();
        let steps = perform(&mut machine, deed, &mut now);
        check(&before, &steps, machine.call(), now);
    }
}

proptest! {
    #[test]
    fn a_call_that_rings(deeds in deeds()) {
        play(ringing(), &deeds);
    }

    #[test]
    fn a_call_of_a_visit(deeds in deeds()) {
        play(Machine::open(start(Some("v1"))), &deeds);
    }

    /// Whatever happened, signals pass between devices that hold places and no others.
    #[test]
    fn signals_go_from_place_to_place(deeds in deeds(), who in 0..USERS.len(), device in 0..2usize) {
        let mut machine = ringing();
        let mut now = 0;
        for deed in &deeds {
            let _ = perform(&mut machine, deed, &mut now);
        }
        let (sender, from) = (user(who), client(who, device));
        match machine.signal(&sender, &from, None) {
            Err(_) => prop_assert!(!machine.holds(&sender, &from)),
            Ok(devices) => {
                prop_assert!(machine.holds(&sender, &from));
                for (user, client) in devices {
                    prop_assert!(user != sender && machine.holds(&user, &client));
                }
            }
        }
    }
}

#[test]
fn the_messages_name_the_state() {
    let mut machine = ringing();
    let now = Timestamp::from_millis(1);
    machine.accept(&user(1), &client(1, 0), now).unwrap();
    let refused = machine.accept(&user(1), &client(1, 1), now).unwrap_err();
    assert_eq!(refused.message, "Cannot accept call in active state");
    machine.end(now).unwrap();
    let refused = machine.leave(&user(1), &client(1, 0), now).unwrap_err();
    assert_eq!(refused.message, "Cannot leave call in ended state");
}
