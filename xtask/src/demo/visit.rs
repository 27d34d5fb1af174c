//! The visit: a doctor and a patient meet, chat, lose the network and the server, and come back
//! with nothing lost and nothing doubled.

use super::transcript::Transcript;
use crate::server::Server;
use anyhow::{Context, ensure};
use carewire::{
    Client, Event, NetworkSwitch, RoomId, TokenError,
    protocol::{
        EventData,
        message::Event as MessageEvent,
        presence::{Event as PresenceEvent, PresenceStatus},
        typing::Event as TypingEvent,
    },
};
use std::{net::SocketAddr, time::Instant};

struct Person {
    client: Client,
    network: NetworkSwitch,
    heard: Transcript,
}

async fn arrive(
    address: SocketAddr,
    name: &'static str,
    role: &'static str,
    began: Instant,
) -> anyhow::Result<Person> {
    let network = NetworkSwitch::new();
    let client = Client::builder(format!("ws://{address}/ws"))
        .token_provider(move || async move {
            let token = tokio::task::spawn_blocking(move || Server::token(address, name, role));
            let token = token.await.map_err(TokenError::temporary)?;
            token.map_err(TokenError::temporary)
        })
        .network(&network)
        .build()?;
    let heard = Transcript::of(name, &client, began);
    client.connect().await?;
    Ok(Person {
        client,
        network,
        heard,
    })
}

pub(crate) async fn play(mut server: Server) -> anyhow::Result<()> {
    let began = Instant::now();
    let address = server.address();
    let scene = |text: &str| println!("\n— {text}");

    scene("Dr. Lee and Ana arrive, each with a client of their own");
    let lee = arrive(address, "dr-lee", "provider", began).await?;
    let ana = arrive(address, "ana", "patient", began).await?;
    let chat = RoomId::chat("dr-lee", "ana")?;
    let lees = lee.client.join(chat.clone()).await?;
    let anas = ana.client.join(chat.clone()).await?;
    let watching = lee.client.presence().subscribe(["ana".parse()?]).await?;
    ensure!(
        watching.current()[0].status == PresenceStatus::Online,
        "ana is not online"
    );

    scene("They talk");
    lees.typing();
    ana.heard.wait("typing", |e| is_typing(e, true)).await?;
    lees.send("Good morning, Ana. How did you sleep?").await?;
    let question = ana
        .heard
        .message("Good morning, Ana. How did you sleep?")
        .await?;
    ana.heard
        .wait("typing to stop", |e| is_typing(e, false))
        .await?;
    lee.heard
        .wait("delivery", |e| {
            is_message(e, |m| matches!(m, MessageEvent::Delivered(_)))
        })
        .await?;
    anas.mark_read(question.id.clone()).await?;
    lee.heard
        .wait("the reading", |e| {
            is_message(e, |m| matches!(m, MessageEvent::Read(_)))
        })
        .await?;
    anas.react(question.id, "🙂").await?;
    lee.heard
        .wait("a reaction", |e| {
            is_message(e, |m| matches!(m, MessageEvent::Reaction(_)))
        })
        .await?;
    let answer = anas.send("Well, thank yu").await?;
    anas.edit(answer.id, "Well, thank you").await?;
    lee.heard
        .wait("the edit", |e| {
            is_message(e, |m| matches!(m, MessageEvent::Edited(_)))
        })
        .await?;
    ana.client
        .presence()
        .set(PresenceStatus::Busy, "on the tram")
        .await?;
    lee.heard.wait("the status", is_busy).await?;

    scene("Ana's network is cut; both go on writing");
    ana.network.cut();
    lees.send("Your results are in.").await?;
    lees.send("They look good.").await?;
    let mut queued = Vec::new();
    for body in ["I am in a tunnel", "Can you read this?"] {
        let room = anas.clone();
        queued.push(tokio::spawn(async move { room.send(body).await }));
        let mut waiting = ana.client.queued();
        waiting.wait_for(|count| *count >= queued.len()).await?;
    }
    println!(
        "         ana     has {} messages waiting in her client",
        queued.len()
    );

    scene("The network comes back");
    ana.network.heal();
    for waiting in queued {
        waiting.await?.context("a queued message")?;
    }
    ana.heard.message("They look good.").await?;
    lee.heard.message("Can you read this?").await?;

    scene("The server is killed without a warning, and started again on the same file");
    server.kill_and_restart()?;
    lees.send("Still there?").await?;
    anas.send("Yes. Goodbye!").await?;
    ana.heard.message("Yes. Goodbye!").await?;
    lee.heard.message("Yes. Goodbye!").await?;

    scene("What the server has stored, and what each of them was told");
    let stored: Vec<String> = lees
        .history()
        .await?
        .messages
        .iter()
        .map(|message| message.body.to_string())
        .collect();
    for body in &stored {
        println!("         stored  “{body}”");
    }
    ensure!(
        stored.len() == 8,
        "8 messages were sent, {} are stored",
        stored.len()
    );
    for person in [&lee, &ana] {
        let mut told = person.heard.bodies();
        // The one that was edited was told as it was first.
        told.iter_mut()
            .filter(|body| *body == "Well, thank yu")
            .for_each(|body| body.push('!'));
        let expected: Vec<String> = stored
            .iter()
            .map(|body| {
                if body == "Well, thank you" {
                    "Well, thank yu!".into()
                } else {
                    body.clone()
                }
            })
            .collect();
        ensure!(
            told == expected,
            "what was told is not what is stored: {told:?}"
        );
    }
    lee.client.close().await;
    ana.client.close().await;
    println!(
        "\nNothing lost, nothing doubled, in {:.1} s.",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

fn is_message(event: &Event, which: impl Fn(&MessageEvent) -> bool) -> bool {
    matches!(event.data(), Some(EventData::Message(event)) if which(event))
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
