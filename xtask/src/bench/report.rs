//! The figures as tables, and their place in `docs/performance.md`.

use super::{
    fan_out::{BURST, FanOut, MEMBERS, MESSAGE_BYTES, PACED},
    figures::Figures,
    sends::{SENDERS, WINDOW},
    subject::Subject,
};
use crate::cargo;
use anyhow::Context;
use std::{fmt::Write, fs};

const BEGIN: &str = "<!-- figures: written by `cargo xtask bench`, not by hand -->";
const END: &str = "<!-- end of figures -->";
const SUBJECTS: [Subject; 3] = [Subject::Carewire, Subject::SocketIo, Subject::Loop];

/// Puts the figures into the document. What people wrote around them stays.
pub(super) fn record(figures: &str) -> anyhow::Result<()> {
    let path = cargo::root().join("docs/performance.md");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let place = |mark| {
        text.find(mark)
            .with_context(|| format!("no {mark} in the document"))
    };
    let (begin, end) = (place(BEGIN)? + BEGIN.len(), place(END)?);
    let head = text
        .get(..begin)
        .context("the marks are in the wrong order")?;
    let tail = text
        .get(end..)
        .context("the marks are in the wrong order")?;
    fs::write(&path, format!("{head}\n\n{figures}\n{tail}"))?;
    println!("recorded in {}", path.display());
    Ok(())
}

/// All tables.
pub(super) fn text(figures: &Figures, machine: &[(&'static str, String)]) -> String {
    let mut text = String::from("Command: `cargo xtask bench`. Medians of the rounds.\n\n");
    let mut table = Table::new(&mut text, &["", ""], "| --- | --- |");
    for (name, value) in machine {
        table.row(&[(*name).to_owned(), value.clone()]);
    }
    for section in [goals, fan_out, durable, sends, connects] {
        text.push('\n');
        section(figures, &mut text);
    }
    text
}

struct Table<'a>(&'a mut String);

impl<'a> Table<'a> {
    fn new(text: &'a mut String, heads: &[&str], rule: &str) -> Self {
        let mut table = Self(text);
        table.row(&heads.iter().map(ToString::to_string).collect::<Vec<_>>());
        table.0.push_str(rule);
        table.0.push('\n');
        table
    }

    fn row(&mut self, cells: &[String]) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "| {} |", cells.join(" | "));
    }
}

fn title(text: &mut String, title: &str) {
    let _ = writeln!(text, "### {title}\n");
}

/// A number with as many digits as mean something.
fn number(value: Option<f64>) -> String {
    match value {
        None => "not run".to_owned(),
        Some(value) if value >= 1_000.0 => thousands(value),
        Some(value) if value >= 100.0 => format!("{value:.0}"),
        Some(value) if value >= 10.0 => format!("{value:.1}"),
        Some(value) if value >= 1.0 => format!("{value:.2}"),
        Some(value) => format!("{value:.3}"),
    }
}

/// Three digits that mean something, grouped.
fn thousands(value: f64) -> String {
    let scale = 10_f64.powf(value.log10().floor() - 2.0);
    let digits = format!("{:.0}", (value / scale).round() * scale);
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn ratio(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? / b?)
}

fn goals(figures: &Figures, text: &mut String) {
    title(text, "Goals, as ratios in this run");
    let mut table = Table::new(
        text,
        &["", "goal", "this run", ""],
        "| --- | --: | --: | --- |",
    );
    let mut goal = |name: &str, least: bool, aim: f64, value: Option<f64>| {
        let reached = match value {
            None => "",
            Some(value) if (value >= aim) == least => "reached",
            Some(_) => "**missed**",
        };
        let sign = if least { "≥" } else { "≤" };
        let aim = format!("{sign} {aim}");
        table.row(&[name.to_owned(), aim, number(value), reached.to_owned()]);
    };
    let burst = |round: &FanOut| round.burst.each();
    let ack = |round: &FanOut| round.ack.each();
    let carewire = figures.of_fan_out(Subject::Carewire, burst);
    let bare = figures.of_fan_out(Subject::Loop, burst);
    let long = figures.of_long_loop(burst);
    let socket_io = figures.of_fan_out(Subject::SocketIo, burst);
    goal(
        "fan-out in bursts, CPU: Carewire ÷ bare loop",
        false,
        1.2,
        ratio(carewire, bare),
    );
    goal(
        "the same, the loop's frames as long as Carewire's",
        false,
        1.2,
        ratio(carewire, long),
    );
    goal(
        "fan-out in bursts, CPU: Socket.IO ÷ Carewire",
        true,
        45.0,
        ratio(socket_io, carewire),
    );
    goal(
        "answer before durability, CPU: Carewire ÷ bare loop",
        false,
        1.3,
        ratio(
            figures.of_fan_out(Subject::Carewire, ack),
            figures.of_fan_out(Subject::Loop, ack),
        ),
    );
    goal(
        "idle, authenticated, joined connection, KiB",
        false,
        4.0,
        figures.of_memory(Subject::Carewire),
    );
    goal(
        "durable messages a second: Carewire ÷ bare loop",
        true,
        0.5,
        ratio(
            figures.of_sends(|round| round.full.per_second),
            figures.of_sends(|round| round.bare.per_second),
        ),
    );
}

/// The median of something over the rounds of one server.
type Figure<'a> = dyn Fn(&dyn Fn(&FanOut) -> f64) -> Option<f64> + 'a;

fn fan_out(figures: &Figures, text: &mut String) {
    title(text, "Fan-out");
    let _ = writeln!(
        text,
        "{MEMBERS} members in one room, messages of {MESSAGE_BYTES} bytes. Burst: {BURST} messages in one \
         write, the next burst when every member has the last. Paced: {} deliveries a second. Answers: \
         {BURST} commands of one client in one write. CPU of the server process, user and kernel.\n",
        thousands(f64::from(PACED))
    );
    let mut table = Table::new(
        text,
        &[
            "server",
            "burst: deliveries a CPU second",
            "burst: CPU s a million",
            "paced: CPU s a million",
            "answer, CPU µs",
            "bytes a delivery",
        ],
        "| --- | --: | --: | --: | --: | --: |",
    );
    let mut row = |name: &str, figure: &Figure<'_>| {
        table.row(&[
            name.to_owned(),
            number(figure(&|round| 1e6 / round.burst.each())),
            number(figure(&|round| round.burst.each())),
            number(figure(&|round| round.paced.each())),
            number(figure(&|round| round.ack.each())),
            number(figure(&|round| round.frame_bytes)),
        ]);
    };
    for subject in SUBJECTS {
        row(subject.name(), &|figure| {
            figures.of_fan_out(subject, figure)
        });
    }
    row("bare epoll loop, frames as long as Carewire's", &|figure| {
        figures.of_long_loop(figure)
    });
}

fn durable(figures: &Figures, text: &mut String) {
    title(text, "Fan-out of retained events");
    let _ = writeln!(
        text,
        "The same room and loads; every event is stored with its key, and fanned out after the commit. \
         Socket.IO keeps nothing.\n"
    );
    let mut table = Table::new(
        text,
        &[
            "server",
            "burst: deliveries a CPU second",
            "burst: CPU s a million",
            "burst: events a second",
            "paced: CPU s a million",
        ],
        "| --- | --: | --: | --: | --: |",
    );
    table.row(&[
        Subject::Carewire.name().to_owned(),
        number(figures.of_durable(|(burst, _)| 1e6 / burst.each())),
        number(figures.of_durable(|(burst, _)| burst.each())),
        number(figures.of_durable(|(burst, _)| burst.count / burst.seconds / MEMBERS as f64)),
        number(figures.of_durable(|(_, paced)| paced.each())),
    ]);
}

fn sends(figures: &Figures, text: &mut String) {
    title(text, "Durable, acknowledged messages");
    let batch = number(figures.of_sends(|round| round.batch));
    let _ = writeln!(
        text,
        "`message:send` with a key from {SENDERS} senders in {SENDERS} chats; the acknowledgement comes after \
         the commit (SQLite, WAL, `synchronous=FULL`). The bare loop writes the same rows through the same \
         library, as many at once as the server did on average in the same round: {batch} messages.\n"
    );
    let mut table = Table::new(
        text,
        &[
            "",
            "messages a second",
            "CPU µs a message",
            "p50, ms",
            "p99, ms",
        ],
        "| --- | --: | --: | --: | --: |",
    );
    let mut row = |name: String, cells: [Option<f64>; 4], none: &str| {
        let cells =
            cells.map(|cell| cell.map_or_else(|| none.to_owned(), |cell| number(Some(cell))));
        let mut all = vec![name];
        all.extend(cells);
        table.row(&all);
    };
    row(
        format!("Carewire, {WINDOW} of each sender on their way"),
        [
            figures.of_sends(|round| round.full.per_second),
            figures.of_sends(|round| round.full.cpu),
            figures.of_sends(|round| round.full.median),
            figures.of_sends(|round| round.full.p99),
        ],
        "not run",
    );
    row(
        "Carewire, one of each sender on its way".to_owned(),
        [
            figures.of_sends(|round| round.single.per_second),
            figures.of_sends(|round| round.single.cpu),
            figures.of_sends(|round| round.single.median),
            figures.of_sends(|round| round.single.p99),
        ],
        "not run",
    );
    row(
        "bare loop".to_owned(),
        [
            figures.of_sends(|round| round.bare.per_second),
            figures.of_sends(|round| round.bare.cpu),
            None,
            None,
        ],
        "",
    );
}

fn connects(figures: &Figures, text: &mut String) {
    title(text, "Connections");
    let _ = writeln!(
        text,
        "Connect, upgrade, authenticate with an HS256 token, confirmed; 64 at a time. Carewire stores who is \
         new, so new and known users differ. Memory: resident, {} idle connections of as many users, each in \
         a room of {MEMBERS} beside those that everyone is in.\n",
        thousands(figures.idle_connections as f64)
    );
    let mut table = Table::new(
        text,
        &[
            "server",
            "new users: CPU µs each",
            "known users: CPU µs each",
            "known users: connects a second",
            "idle: KiB each",
        ],
        "| --- | --: | --: | --: | --: |",
    );
    for subject in SUBJECTS {
        table.row(&[
            subject.name().to_owned(),
            number(figures.of_connects(subject, |round| round.new.cpu)),
            number(figures.of_connects(subject, |round| round.known.cpu)),
            number(figures.of_connects(subject, |round| round.known.per_second)),
            number(figures.of_memory(subject)),
        ]);
    }
}
