//! The rest of the matrix: every command about a message, a whiteboard, a thread, a channel, a
//! report or a notification × role × relation, against [`oracle`](crate::oracle); and what an admin of another tenant sees of any of it.

use crate::{
    access::{ROLES, chat, furnish},
    clinic::{Clinic, no_limits},
    oracle::{self, Kind, Relation, may_join, may_write},
};
use carewire_tests::{Failure, Raw};
use serde_json::{Value, json};

/// A room with a message that somebody else wrote, and what the user is to it.
struct Place {
    room: String,
    message: String,
    kind: Kind,
    relation: Relation,
}

/// Who wrote the messages.
const AUTHOR: &str = "author";

async fn places(clinic: &Clinic, me: &str, role: &str) -> Vec<Place> {
    let near = me.starts_with("near-");
    let circle = Relation {
        own: near,
        ..Relation::default()
    };
    let mut rooms: Vec<_> = ["thread:t", "visit:v", "call:v"]
        .map(|room| (room.to_owned(), Kind::Circle, circle))
        .into();
    for other in ["patient", "provider", "staff", "admin"] {
        let care = near && matches!((role, other), ("patient", "provider") | (_, "patient"));
        let relation = Relation {
            talks_to: Some(other),
            care: care && role != other,
            own: false,
        };
        rooms.push((chat(me, &format!("other-{other}")), Kind::Chat, relation));
    }
    // One they are not in.
    let foreign = chat("other-provider", "other-staff");
    rooms.push((foreign, Kind::Chat, Relation::default()));
    let mut places = Vec::new();
    for (room, kind, relation) in rooms {
        places.push(Place {
            message: write(clinic, &room).await,
            room,
            kind,
            relation,
        });
    }
    places
}

/// Makes a report of somebody's.
async fn report(clinic: &Clinic, owner: &str) {
    let path = format!("/v1/reports/of-{owner}");
    clinic
        .ok("PUT", &path, Some(json!({"ownerId": owner})))
        .await;
}

/// Writes a message as somebody else, and yields its id.
async fn write(clinic: &Clinic, room: &str) -> String {
    let body = json!({"roomId": room, "senderId": AUTHOR, "body": "x"});
    let reply = clinic.ok("POST", "/v1/messages", Some(body)).await;
    reply["message"]["id"].as_str().unwrap().to_owned()
}

/// Asks, and notes where the answer is not what the oracle says.
async fn expect(
    raw: &mut Raw,
    wrong: &mut Vec<String>,
    who: &str,
    (command, data): (&str, Value),
    allowed: bool,
) {
    let shown = format!("{who}: {command} {data}");
    match (raw.request(command, data).await, allowed) {
        (Ok(_), true) => {}
        (Ok(reply), false) => wrong.push(format!("{shown} succeeded: {reply}")),
        (Err(failure), true) => wrong.push(format!("{shown} was refused: {failure:?}")),
        (Err(failure), false) if failure.code() == "access_denied" => {}
        (Err(failure), false) => wrong.push(format!("{shown} failed with {failure:?}")),
    }
}

async fn table(clinic: &Clinic, admin_access: bool) {
    furnish(clinic).await;
    clinic.user(AUTHOR, "provider").await;
    report(clinic, "other-provider").await;
    let mut wrong = Vec::new();
    for role in ROLES {
        for me in [format!("near-{role}"), format!("far-{role}")] {
            let mut raw = clinic.login(&me, role).await;
            report(clinic, &me).await;
            for place in places(clinic, &me, role).await {
                about_message(&mut raw, &mut wrong, (&me, role), &place, admin_access).await;
            }
            about_thread(&mut raw, &mut wrong, (&me, role)).await;
            about_channels(&mut raw, &mut wrong, (&me, role), admin_access).await;
            about_reports(&mut raw, &mut wrong, (&me, role), admin_access).await;
            about_notifications(clinic, &mut raw, &mut wrong, &me).await;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn about_message(
    raw: &mut Raw,
    wrong: &mut Vec<String>,
    (me, role): (&str, &str),
    place: &Place,
    admin_access: bool,
) {
    let Place {
        room,
        message,
        kind,
        relation,
    } = place;
    let reads = may_join(role, *kind, *relation, admin_access);
    let writes = may_write(role, *kind, *relation, admin_access);
    let about = json!({"roomId": room, "messageId": message});
    let reaction = json!({"messageId": message, "emoji": "👍"});
    for (command, data, allowed) in [
        ("message:received", about.clone(), reads),
        ("message:read", about, reads),
        ("message:react", reaction.clone(), writes),
        ("message:unreact", reaction, writes),
        (
            "message:edit",
            json!({"messageId": message, "body": "mine"}),
            false,
        ),
        (
            "message:delete",
            json!({"messageId": message}),
            writes && oracle::may_delete(role),
        ),
        (
            "whiteboard:update",
            json!({"roomId": room, "ops": ["line"]}),
            writes,
        ),
        ("whiteboard:snapshot", json!({"roomId": room}), reads),
        ("whiteboard:clear", json!({"roomId": room}), writes),
    ] {
        expect(raw, wrong, me, (command, data), allowed).await;
    }
    let position = json!({"rooms": [{"roomId": room, "epoch": "e", "offset": 0}]});
    let resumed = raw.request("session:resume", position).await.unwrap();
    let code = &resumed["rooms"][0]["error"]["code"];
    let fine = if reads {
        code.is_null()
    } else {
        code == "access_denied"
    };
    if !fine {
        wrong.push(format!("{me}: session:resume of {room}: {code}"));
    }
    // Whoever may not join is not in the room, which they are told.
    let point = json!({"roomId": room, "x": 1, "y": 1});
    let pointed = raw.request("whiteboard:cursor", point).await;
    let fine = match &pointed {
        Ok(_) => writes,
        Err(failure) => !writes && failure.code() == "not_joined",
    };
    if !fine {
        wrong.push(format!("{me}: whiteboard:cursor in {room}: {pointed:?}"));
    }
}

async fn about_reports(
    raw: &mut Raw,
    wrong: &mut Vec<String>,
    (me, role): (&str, &str),
    admin_access: bool,
) {
    for owner in [me, "other-provider"] {
        let relation = Relation {
            own: owner == me,
            ..Relation::default()
        };
        let allowed = may_join(role, Kind::Report, relation, admin_access);
        let report = format!("of-{owner}");
        let named = json!({"reportId": report});
        let room = json!({"roomId": format!("report:{report}"), "snapshot": true});
        expect(raw, wrong, me, ("room:join", room), allowed).await;
        expect(raw, wrong, me, ("report:cancel", named.clone()), allowed).await;
        expect(raw, wrong, me, ("report:refresh", named), allowed).await;
    }
}

/// Notifications are one's own, whatever one's role: somebody else's looks like one that never was.
async fn about_notifications(clinic: &Clinic, raw: &mut Raw, wrong: &mut Vec<String>, me: &str) {
    let theirs = notify(clinic, "other-staff").await;
    let mine = notify(clinic, me).await;
    let reading = |id: &str| json!({"notificationId": id});
    let list = ("notification:list", json!({}));
    let listed = raw.request(list.0, list.1).await.unwrap();
    let listed = listed["notifications"].as_array().unwrap().clone();
    if !listed.iter().all(|one| one["id"] == mine.as_str()) || listed.len() != 1 {
        wrong.push(format!("{me}: notification:list: {listed:?}"));
    }
    let mut never = theirs.clone();
    let last = if never.ends_with('0') { "1" } else { "0" };
    never.replace_range(never.len() - 1.., last);
    let mut answers = Vec::new();
    for id in [&theirs, &never] {
        let answer = raw.request("notification:read", reading(id)).await;
        if answer.is_ok() {
            wrong.push(format!("{me}: notification:read of another's"));
        }
        answers.push(shown(answer, &[id.as_str()]));
    }
    if answers[0] != answers[1] {
        wrong.push(format!("{me}: notification:read: {answers:?}"));
    }
    for (left, command, data) in [
        (1, "notification:subscribe", json!({"topics": ["wards"]})),
        (0, "notification:read", reading(&mine)),
        (0, "notification:readAll", json!({})),
        (0, "notification:unsubscribe", json!({"topics": ["wards"]})),
    ] {
        expect(raw, wrong, me, (command, data), true).await;
        let count = ("notification:getUnreadCount", json!({}));
        let count = raw.request(count.0, count.1).await.unwrap();
        if count["unreadCount"] != left {
            wrong.push(format!("{me}: after {command}: {count}"));
        }
    }
}

/// Notifies somebody, and yields the id.
async fn notify(clinic: &Clinic, user: &str) -> String {
    let body = json!({"userId": user, "kind": "system", "title": "t", "message": "m"});
    let reply = clinic.ok("POST", "/v1/notifications", Some(body)).await;
    reply["notificationId"].as_str().unwrap().to_owned()
}

async fn about_thread(raw: &mut Raw, wrong: &mut Vec<String>, (me, role): (&str, &str)) {
    let members = json!({"roomId": "thread:t", "memberIds": ["other-provider"]});
    let allowed = oracle::may_change_members(role);
    for command in ["thread:addMembers", "thread:removeMembers"] {
        expect(raw, wrong, me, (command, members.clone()), allowed).await;
    }
}

async fn about_channels(
    raw: &mut Raw,
    wrong: &mut Vec<String>,
    (me, role): (&str, &str),
    admin_access: bool,
) {
    let own = Relation {
        own: true,
        ..Relation::default()
    };
    for (channel, kind, relation) in [
        ("wards:north".to_owned(), Kind::Channel, Relation::default()),
        (
            "wards:north:beds".to_owned(),
            Kind::Channel,
            Relation::default(),
        ),
        (
            "system:status".to_owned(),
            Kind::System,
            Relation::default(),
        ),
        ("admin:alerts".to_owned(), Kind::Admin, Relation::default()),
        (format!("user:{me}:reports"), Kind::Personal, own),
        (
            "user:other-staff:reports".to_owned(),
            Kind::Personal,
            Relation::default(),
        ),
    ] {
        let subscribes = may_join(role, kind, relation, admin_access);
        let publishes = subscribes && oracle::may_publish(role);
        let named = json!({"channel": channel});
        let event = json!({"channel": channel, "event": "e", "payload": 1});
        expect(raw, wrong, me, ("channel:subscribe", named), subscribes).await;
        expect(raw, wrong, me, ("channel:publish", event), publishes).await;
    }
}

#[tokio::test]
async fn every_command_about_messages_threads_and_channels() {
    table(&Clinic::unlimited(), true).await;
}

#[tokio::test]
async fn admins_without_their_access() {
    let clinic = Clinic::alone(|o| no_limits(o).env("CAREWIRE_ADMIN_ACCESS", false));
    table(&clinic, false).await;
}

/// What an answer shows: all of it but the names that were asked for and the time, and its size.
fn shown(answer: Result<Value, Failure>, names: &[&str]) -> (String, usize) {
    let text = match answer {
        Ok(mut reply) => {
            // Somebody who joins twice joins later the second time.
            if let Some(participants) = reply["participants"].as_array_mut() {
                for one in participants {
                    one["joinedAt"] = "now".into();
                }
            }
            reply.to_string()
        }
        Err(failure) => format!("{failure:?}"),
    };
    let blank = |text: String, name: &&str| text.replace(name, "…");
    (names.iter().fold(text.clone(), blank), text.len())
}

/// The same command about something that another tenant has and about something that nobody has:
/// code, text and size are the same, for whatever role, an admin's above all.
#[tokio::test]
async fn another_tenant_looks_like_nothing_to_every_command() {
    let here = Clinic::unlimited();
    let there = here.neighbour();
    for room in [
        there.thread("theirs", &["ana", "lee"]).await,
        there.visit("theirs", &["ana"]).await,
    ] {
        write(&there, &room).await;
    }
    let written = write(&there, "thread:theirs").await;
    write(&there, "chat:theirs:zoe").await;
    there.login("theirs", "provider").await;
    let owned = Some(json!({"ownerId": "ana"}));
    there.ok("PUT", "/v1/reports/theirs", owned).await;
    // Never given to anybody, and as long.
    let mut unwritten = written.clone();
    let last = if unwritten.ends_with('0') { "1" } else { "0" };
    unwritten.replace_range(unwritten.len() - 1.., last);

    for role in ROLES {
        let mut raw = here.login(&format!("one-{role}"), role).await;
        for (command, data) in commands() {
            let mut answers = Vec::new();
            for (name, message) in [("theirs", &written), ("unused", &unwritten)] {
                let text = data.replace("NAME", name).replace("MESSAGE", message);
                let data = serde_json::from_str(&text).unwrap();
                let answer = raw.request(command, data).await;
                answers.push(shown(answer, &[name, message]));
            }
            assert_eq!(answers[0], answers[1], "{role} {command} {data}");
        }
    }
    let paths = [
        "/v1/users/NAME",
        "/v1/rooms/thread:NAME",
        "/v1/rooms/visit:NAME",
        "/v1/connections?userId=NAME",
    ];
    for path in paths {
        let mut answers = Vec::new();
        for name in ["theirs", "unused"] {
            let answer = here.call("GET", &path.replace("NAME", name), None).await;
            answers.push((
                answer.status,
                answer.body.replace(name, "…"),
                answer.body.len(),
            ));
        }
        assert_eq!(answers[0], answers[1], "{path}");
    }
}

/// Every command that names something, by where the name goes.
fn commands() -> Vec<(&'static str, String)> {
    let mut commands = Vec::new();
    for room in [
        "thread:NAME",
        "visit:NAME",
        "call:NAME",
        "chat:NAME:zoe",
        "user:NAME",
        "patient:NAME",
        "report:NAME",
    ] {
        let about = |more: &str| format!(r#"{{"roomId":"{room}"{more}}}"#);
        commands.extend([
            ("room:join", about(r#","snapshot":true"#)),
            ("room:join", about(r#","epoch":"e","offset":0"#)),
            ("room:participants", about("")),
            (
                "room:publish",
                about(r#","event":"e","payload":1,"retain":false"#),
            ),
            ("typing:start", about("")),
            ("typing:stop", about("")),
            ("message:history", about("")),
            ("message:received", about(r#","messageId":"MESSAGE""#)),
            ("message:read", about(r#","messageId":"MESSAGE""#)),
            ("room:leave", about("")),
            ("whiteboard:update", about(r#","ops":[1]"#)),
            ("whiteboard:snapshot", about("")),
            ("whiteboard:clear", about("")),
            ("whiteboard:cursor", about(r#","x":1,"y":1"#)),
            (
                "session:resume",
                format!(r#"{{"rooms":[{{"roomId":"{room}","epoch":"e","offset":0}}]}}"#),
            ),
        ]);
    }
    for command in ["thread:addMembers", "thread:removeMembers"] {
        commands.push((
            command,
            r#"{"roomId":"thread:NAME","memberIds":["zoe"]}"#.to_owned(),
        ));
    }
    for command in [
        "message:delete",
        "message:edit",
        "message:react",
        "message:unreact",
    ] {
        commands.push((
            command,
            r#"{"messageId":"MESSAGE","body":"x","emoji":"x"}"#.to_owned(),
        ));
    }
    for command in ["report:cancel", "report:refresh"] {
        commands.push((command, r#"{"reportId":"NAME"}"#.to_owned()));
    }
    for command in ["presence:get", "presence:subscribe"] {
        commands.push((command, r#"{"userIds":["NAME"]}"#.to_owned()));
    }
    commands
}
