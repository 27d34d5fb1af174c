//! Every kind of room × role × relation × command against [`oracle`](crate::oracle).

use crate::{
    clinic::{Clinic, refused},
    oracle::{Kind, Relation, may_join, may_write},
};
use carewire_tests::Raw;
use serde_json::{Value, json};

pub(crate) const ROLES: [&str; 5] = ["patient", "provider", "staff", "admin", "service"];

/// One cell of the table: a room, its kind and what the user is to it.
type Cell = (String, Kind, Relation);

/// The name of a chat, whose ids are sorted by their bytes.
pub(crate) fn chat(a: &str, b: &str) -> String {
    format!("chat:{}:{}", a.min(b), a.max(b))
}

/// The people of the tests, each known to the server before anybody asks.
pub(crate) async fn furnish(clinic: &Clinic) {
    for role in ROLES {
        clinic.user(&format!("other-{role}"), role).await;
        for me in [format!("near-{role}"), format!("far-{role}")] {
            clinic.user(&me, role).await;
        }
        // A patient is cared for by a colleague, everyone else cares for a patient.
        let near = format!("near-{role}");
        if role == "patient" {
            clinic.care("other-provider", &near).await;
        } else {
            clinic.care(&near, "other-patient").await;
        }
    }
    let near: Vec<_> = ROLES.iter().map(|role| format!("near-{role}")).collect();
    let near: Vec<_> = near.iter().map(String::as_str).collect();
    clinic.thread("t", &near).await;
    clinic.visit("v", &near).await;
}

fn cells(clinic: &Clinic, me: &str, role: &str) -> Vec<Cell> {
    let near = me.starts_with("near-");
    let own = Relation {
        own: near,
        ..Relation::default()
    };
    let none = Relation::default();
    let mine = Relation {
        own: true,
        ..Relation::default()
    };
    let cares = Relation {
        care: near && role != "patient",
        ..Relation::default()
    };
    let mut cells = vec![
        ("thread:t".to_owned(), Kind::Circle, own),
        ("visit:v".to_owned(), Kind::Circle, own),
        ("call:v".to_owned(), Kind::Circle, own),
        (format!("user:{me}"), Kind::Personal, mine),
        (format!("notifications:{me}"), Kind::Personal, mine),
        (format!("user:{me}:reports"), Kind::Personal, mine),
        ("user:other-staff".to_owned(), Kind::Personal, none),
        ("notifications:other-staff".to_owned(), Kind::Personal, none),
        ("user:other-staff:reports".to_owned(), Kind::Personal, none),
        (format!("tenant:{}", clinic.tenant), Kind::Tenant, none),
        (format!("staff:{}", clinic.tenant), Kind::Staff, none),
        (format!("backend:{}", clinic.tenant), Kind::Backend, none),
        ("topic:news".to_owned(), Kind::Topic, none),
        ("patient:other-patient".to_owned(), Kind::Patient, cares),
        ("template:nobodys".to_owned(), Kind::Template, none),
        ("system:status".to_owned(), Kind::System, none),
        ("admin:alerts".to_owned(), Kind::Admin, none),
        ("admin:audit:today".to_owned(), Kind::Admin, none),
        ("wards:north".to_owned(), Kind::Channel, none),
        ("wards:north:beds".to_owned(), Kind::Channel, none),
        (
            chat("other-admin", "other-patient"),
            Kind::Chat,
            Relation::default(),
        ),
        (
            chat("other-patient", "third-patient"),
            Kind::Chat,
            Relation::default(),
        ),
    ];
    for other_role in ["patient", "provider", "staff", "admin"] {
        let other = format!("other-{other_role}");
        let care = near && matches!((role, other_role), ("patient", "provider") | (_, "patient"));
        let relation = Relation {
            talks_to: Some(other_role),
            care: care && role != other_role,
            own: false,
        };
        cells.push((chat(me, &other), Kind::Chat, relation));
    }
    if role == "patient" {
        // "A patient never joins `patient:`", not even their own.
        cells.push((format!("patient:{me}"), Kind::Patient, none));
    }
    cells
}

async fn table(clinic: &Clinic, admin_access: bool) {
    furnish(clinic).await;
    let mut wrong = Vec::new();
    for role in ROLES {
        for me in [format!("near-{role}"), format!("far-{role}")] {
            let mut raw = clinic.login(&me, role).await;
            for cell in cells(clinic, &me, role) {
                let label = format!("{me} in {}", cell.0);
                for complaint in try_cell(&mut raw, role, &cell, admin_access).await {
                    wrong.push(format!("{label}: {complaint}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Joins, reads and writes, and tells what is not as it should be.
async fn try_cell(raw: &mut Raw, role: &str, cell: &Cell, admin_access: bool) -> Vec<String> {
    let (room, kind, relation) = cell;
    let joins = may_join(role, *kind, *relation, admin_access);
    let writes = may_write(role, *kind, *relation, admin_access);
    let mut wrong = Vec::new();
    let denial = match kind {
        Kind::Admin => "Insufficient permissions for admin channels",
        _ => "Access denied to this room",
    };
    check(
        raw,
        &mut wrong,
        ("room:join", json!({"roomId": room})),
        (joins, Some(denial)),
    )
    .await;
    check(
        raw,
        &mut wrong,
        ("room:participants", json!({"roomId": room})),
        (joins, None),
    )
    .await;
    let text = kind
        .has_messages()
        .then_some("Access denied to this conversation");
    for (command, data) in [
        ("message:history", json!({"roomId": room})),
        ("message:send", json!({"roomId": room, "body": "x"})),
    ] {
        check(raw, &mut wrong, (command, data), (writes, text)).await;
    }
    // Services may write elsewhere too, and staff in channels, with commands of their own.
    let is_channel = matches!(
        kind,
        Kind::Channel | Kind::System | Kind::Admin | Kind::Personal
    );
    let own_commands = role == "service" || (is_channel && matches!(role, "staff" | "admin"));
    if joins && !own_commands {
        for (command, data) in [
            ("typing:start", json!({"roomId": room})),
            (
                "room:publish",
                json!({"roomId": room, "event": "e", "payload": 1}),
            ),
            (
                "room:publish",
                json!({"roomId": room, "event": "e", "payload": 1, "retain": true}),
            ),
        ] {
            check(raw, &mut wrong, (command, data), (writes, None)).await;
        }
    }
    wrong
}

/// Sends a command: it succeeds when `allowed`, and is else `access_denied` with the message.
async fn check(
    raw: &mut Raw,
    wrong: &mut Vec<String>,
    (command, data): (&str, Value),
    (allowed, message): (bool, Option<&str>),
) {
    match (raw.request(command, data).await, allowed) {
        (Ok(_), true) => {}
        (Ok(_), false) => wrong.push(format!("{command} succeeded")),
        (Err(failure), true) => wrong.push(format!("{command} failed: {failure:?}")),
        (Err(failure), false) => {
            let code = failure.code();
            // Of a room without messages it is not said which refusal a message gets.
            let fine = code == "access_denied"
                || (message.is_none() && matches!(code, "not_joined" | "invalid_input"));
            let text_fine = message.is_none_or(|message| failure.message() == message);
            if !fine || !text_fine {
                wrong.push(format!("{command} was refused with {failure:?}"));
            }
        }
    }
}

#[tokio::test]
async fn every_kind_role_and_relation() {
    let clinic = Clinic::unlimited();
    table(&clinic, true).await;
}

#[tokio::test]
async fn admins_without_their_access() {
    let clinic = Clinic::alone(|o| crate::clinic::no_limits(o).env("CAREWIRE_ADMIN_ACCESS", false));
    table(&clinic, false).await;
}

/// "In another tenant nothing exists: the answer is that for an id never used", for everybody.
#[tokio::test]
async fn another_tenant_looks_like_nothing() {
    let here = Clinic::open();
    let there = here.neighbour();
    there.thread("theirs", &["ana", "lee"]).await;
    there.visit("theirs", &["ana", "lee"]).await;
    for role in ROLES {
        let mut raw = here.login("ana", role).await;
        for kind in ["thread", "visit"] {
            for command in ["room:join", "message:history", "room:participants"] {
                let (used, unused) = (format!("{kind}:theirs"), format!("{kind}:unused"));
                let used = refused(&mut raw, command, json!({"roomId": used}), "room_not_found");
                let used = used.await;
                let unused = refused(
                    &mut raw,
                    command,
                    json!({"roomId": unused}),
                    "room_not_found",
                );
                assert_eq!(used, unused.await, "{role} {command}");
            }
        }
        for kind in ["tenant", "staff", "backend"] {
            let used = json!({"roomId": format!("{kind}:{}", there.tenant)});
            let unused = json!({"roomId": format!("{kind}:unused-tenant")});
            let used = raw.request("room:join", used).await.unwrap_err();
            let unused = raw.request("room:join", unused).await.unwrap_err();
            assert_eq!(used, unused, "{role} {kind}");
            assert_eq!(used.code(), "room_not_found", "{role} {kind}");
        }
        let join = refused(
            &mut raw,
            "room:join",
            json!({"roomId": "thread:theirs"}),
            "room_not_found",
        )
        .await;
        assert_eq!(join.message(), "Room not found");
    }
}

/// "A report, thread or visit that does not exist" is `room_not_found`, for services as well.
#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let clinic = Clinic::open();
    for role in ROLES {
        let mut raw = clinic.login(&format!("one-{role}"), role).await;
        for room in ["thread:none", "visit:none", "report:none"] {
            refused(
                &mut raw,
                "room:join",
                json!({"roomId": room}),
                "room_not_found",
            )
            .await;
        }
    }
}

/// The same names in two tenants are two rooms, and nothing crosses.
#[tokio::test]
async fn the_same_room_in_two_tenants_never_crosses() {
    let here = Clinic::open();
    let there = here.neighbour();
    let (mut ana, mut lee, room) = here.chat().await;
    let (mut their_ana, mut their_lee, _) = there.chat().await;
    crate::clinic::send(&mut ana, &room, "here").await;
    let theirs = crate::clinic::send(&mut their_ana, &room, "there").await;
    assert_eq!(crate::clinic::message(&mut lee, "here").await["offset"], 1);
    let event = crate::clinic::message(&mut their_lee, "there").await;
    assert_eq!(event["offset"], 1);
    for (raw, foreign) in [(&lee, "there"), (&their_lee, "here")] {
        crate::clinic::none(raw, "nothing crosses", |frame| {
            frame["data"]["message"]["body"] == foreign
        });
    }
    let edit = json!({"messageId": theirs["id"], "body": "mine"});
    refused(&mut ana, "message:edit", edit, "message_not_found").await;
    let read = json!({"roomId": room, "messageId": theirs["id"]});
    refused(&mut lee, "message:read", read, "message_not_found").await;
}
