//! They talk, and point at things.

use super::people::{People, Person};
use anyhow::{Context, ensure};
use carewire::{
    Client, Event, Room, Whiteboard,
    protocol::{
        EventData,
        message::Event as MessageEvent,
        presence::{Event as PresenceEvent, PresenceStatus},
        typing::Event as TypingEvent,
        whiteboard::Event as BoardEvent,
    },
};
use std::collections::BTreeMap;

/// Typing, receipts, reactions, an edit, and a status.
pub(super) async fn talk(people: &People, lees: &Room, anas: &Room) -> anyhow::Result<()> {
    let People { lee, ana, .. } = people;
    lees.typing();
    ana.heard.wait("typing", |e| is_typing(e, true)).await?;
    let first = "Good morning, Ana. How did you sleep?";
    lees.send(first).await?;
    let question = ana.heard.message(first).await?;
    ana.heard
        .wait("typing to stop", |e| is_typing(e, false))
        .await?;
    message(lee, "delivery", |m| matches!(m, MessageEvent::Delivered(_))).await?;
    anas.mark_read(question.id.clone()).await?;
    message(lee, "the reading", |m| matches!(m, MessageEvent::Read(_))).await?;
    anas.react(question.id, "🙂").await?;
    message(lee, "a reaction", |m| {
        matches!(m, MessageEvent::Reaction(_))
    })
    .await?;
    let answer = anas.send("Well, thank yu").await?;
    anas.edit(answer.id, "Well, thank you").await?;
    message(lee, "the edit", |m| matches!(m, MessageEvent::Edited(_))).await?;
    ana.client
        .presence()
        .set(PresenceStatus::Busy, "on the tram")
        .await?;
    lee.heard.wait("the status", is_busy).await
}

/// What is written and drawn while the patient's network is cut arrives when it is back.
pub(super) async fn through_a_tunnel(
    people: &People,
    lees: &Room,
    anas: &Room,
    board: &Whiteboard,
) -> anyhow::Result<()> {
    let ana = &people.ana;
    ana.network.cut();
    lees.send("Your results are in.").await?;
    lees.send("They look good.").await?;
    draw(board, 3).await?;
    let mut queued = Vec::new();
    for body in ["I am in a tunnel", "Can you read this?"] {
        let room = anas.clone();
        queued.push(tokio::spawn(async move { room.send(body).await }));
        let mut waiting = ana.client.queued();
        waiting.wait_for(|count| *count >= queued.len()).await?;
    }
    println!("         ana     has {} messages waiting", queued.len());
    ana.network.heal();
    for waiting in queued {
        waiting.await?.context("a queued message")?;
    }
    ana.heard.message("They look good.").await?;
    people.lee.heard.message("Can you read this?").await?;
    ana.heard
        .wait("the third line", |event| is_drawing(event, 3))
        .await
}

pub(super) async fn draw(board: &Whiteboard, line: u32) -> anyhow::Result<()> {
    let op = BTreeMap::from([("line", line)]);
    let revision = board.draw([op]).await?;
    ensure!(u64::from(line) == revision, "line {line} made {revision}");
    Ok(())
}

pub(super) fn is_drawing(event: &Event, revision: u64) -> bool {
    matches!(
        event.data(),
        Some(EventData::Whiteboard(BoardEvent::Updated(update))) if update.revision == revision
    )
}

/// What the server has stored is what each of them was told, in the same order, once.
pub(super) async fn verify(people: &People, room: &Room, count: usize) -> anyhow::Result<()> {
    let stored: Vec<String> = room
        .history()
        .await?
        .messages
        .iter()
        .map(|message| message.body.to_string())
        .collect();
    for body in &stored {
        println!("         stored  “{body}”");
    }
    let found = stored.len();
    ensure!(
        found == count,
        "{count} messages were sent, {found} are stored"
    );
    // The one that was edited was told as it was first.
    let first = |body: &String| match body.as_str() {
        "Well, thank you" => "Well, thank yu".to_owned(),
        _ => body.clone(),
    };
    let expected: Vec<String> = stored.iter().map(first).collect();
    for person in [&people.lee, &people.ana] {
        let told = person.heard.bodies();
        ensure!(
            told == expected,
            "what was told is not what is stored: {told:?}"
        );
    }
    Ok(())
}

/// The whiteboard as somebody loads it now.
pub(super) async fn drawn(client: &Client, board: &Whiteboard) -> anyhow::Result<Vec<String>> {
    let board = client.whiteboard(board.room().id().clone()).await?;
    let ops = &board.state().ops;
    Ok(ops.iter().map(|op| op.get().to_owned()).collect())
}

async fn message(
    person: &Person,
    what: &str,
    which: impl Fn(&MessageEvent) -> bool,
) -> anyhow::Result<()> {
    let is_it =
        |event: &Event| matches!(event.data(), Some(EventData::Message(event)) if which(event));
    person.heard.wait(what, is_it).await
}

fn is_typing(event: &Event, started: bool) -> bool {
    match event.data() {
        Some(EventData::Typing(TypingEvent::Started(_))) => started,
        Some(EventData::Typing(TypingEvent::Stopped(_))) => !started,
        _ => false,
    }
}

fn is_busy(event: &Event) -> bool {
    matches!(
        event.data(),
        Some(EventData::Presence(PresenceEvent::Changed(changed)))
            if changed.status == PresenceStatus::Busy
    )
}
