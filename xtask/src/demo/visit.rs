//! The visit: from the waiting room to the report, with the network and the server lost on the
//! way, and nothing lost or doubled.

use super::{call::Conversation, chart, chat, desk, people::People};
use crate::server::Server;
use anyhow::ensure;
use carewire::{Event, RoomId, protocol::presence::PresenceStatus};
use std::time::Instant;

pub(crate) async fn play(mut server: Server) -> anyhow::Result<()> {
    let began = Instant::now();
    let address = server.address();
    let scene = |text: &str| println!("\n— {text}");

    scene("Dr. Lee, Dr. Kim, Ana and the hospital's software, each with a client");
    desk::second_provider(address).await?;
    let people = People::arrive(address, began).await?;
    let People { lee, ana, .. } = &people;
    let chat = RoomId::chat("dr-lee", "ana")?;
    let lees = lee.client.join(chat.clone()).await?;
    let anas = ana.client.join(chat.clone()).await?;
    let watching = lee.client.presence().subscribe(["ana".parse()?]).await?;
    let status = watching.current().first().map(|ana| ana.status.clone());
    ensure!(status == Some(PresenceStatus::Online), "ana is not online");

    scene("Ana checks in, and is told that there is something new");
    desk::check_in(&people).await?;
    desk::notify(&people, address).await?;

    scene("They talk");
    chat::talk(&people, &lees, &anas).await?;

    scene("They see each other, and draw");
    let mut call = Conversation::begin(&people).await?;
    call.stutter().await?;
    let board = lee.client.whiteboard(chat.clone()).await?;
    for line in [1, 2] {
        chat::draw(&board, line).await?;
    }

    scene("Ana's network is cut in the middle; both go on");
    chat::through_a_tunnel(&people, &lees, &anas, &board).await?;
    call.go_on().await?;
    call.end().await?;

    scene("Two providers look at Ana's chart, one of them may write; then she is in danger");
    let (viewings, lease) = chart::contest(&people).await?;
    desk::danger(&people).await?;

    scene("The server is killed without a warning, and started again on the same file");
    tokio::task::block_in_place(|| server.kill_and_restart())?;
    lees.send("Still there?").await?;
    anas.send("Yes. Goodbye!").await?;
    ana.heard.message("Yes. Goodbye!").await?;
    lee.heard.message("Yes. Goodbye!").await?;
    // Who asks for a lock is told at once that there is no connection: it is about this moment.
    for person in people.all() {
        person.client.connect().await?;
    }
    chart::hand_over(&people, lease).await?;

    scene("The report is made");
    desk::report(&people).await?;

    scene("What the server has stored, and what each of them was told");
    chat::verify(&people, &lees, 8).await?;
    let [lees_board, anas_board] = [
        chat::drawn(&lee.client, &board).await?,
        chat::drawn(&ana.client, &board).await?,
    ];
    ensure!(
        lees_board.len() == 3 && lees_board == anas_board,
        "two whiteboards"
    );
    once(&people)?;
    drop(viewings);
    for person in people.all() {
        person.client.close().await;
    }
    println!(
        "\nNothing lost, nothing doubled, in {:.1} s.",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// What was said once was heard once by everybody it was for, and by nobody else.
fn once(people: &People) -> anyhow::Result<()> {
    let People { lee, kim, ana, .. } = people;
    let check = |what: &str, is_it: fn(&Event) -> bool, heard: [usize; 3]| {
        for (person, expected) in [lee, kim, ana].into_iter().zip(heard) {
            let count = person.heard.count(is_it);
            let name = person.heard.name();
            ensure!(count == expected, "{name} heard {what} {count} times");
        }
        Ok(())
    };
    check("of the arrival", desk::is_check_in, [1, 1, 1])?;
    check("of the notification", desk::is_notification, [0, 0, 1])?;
    check("of the vital signs", desk::is_vitals, [1, 1, 1])?;
    check("the alert", desk::is_alert, [1, 1, 1])?;
    for revision in 1..=3 {
        let heard = ana.heard.count(|event| chat::is_drawing(event, revision));
        ensure!(heard == 1, "ana saw line {revision} {heard} times");
    }
    Ok(())
}
