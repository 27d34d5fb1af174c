//! What the hospital's software says: who has arrived, what is new, how a report gets on, and
//! that a patient is in danger.

use super::people::{People, ana};
use crate::server::Server;
use anyhow::{Context, ensure};
use carewire::{
    Event, NotificationEvent,
    protocol::{
        EventData, Finite, ReportId, Timestamp,
        backend::Target,
        notification, report,
        report::{CompletedEvent, ReportStatus, StatusEvent},
        schedule::{self, Appointment, AppointmentStatus, CheckedInEvent},
        system::{self, CriticalEvent, Severity},
        vitals::{self, Reading},
    },
};
use std::{net::SocketAddr, time::SystemTime};

fn staff() -> anyhow::Result<Target> {
    Ok(Target::Staff("demo".parse()?))
}

fn now() -> anyhow::Result<Timestamp> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Timestamp::from_millis(0).plus(since))
}

pub(super) async fn check_in(people: &People) -> anyhow::Result<()> {
    let appointment = Appointment {
        id: "a-1".parse()?,
        patient_id: ana()?,
        provider_id: "dr-lee".parse()?,
        starts_at: now()?,
        ends_at: now()?,
        status: AppointmentStatus::CheckedIn,
        title: Some("Follow-up".into()),
        metadata: None,
    };
    let event = CheckedInEvent { appointment };
    people.ehr.client.publish(staff()?, &event).await?;
    for person in [&people.lee, &people.kim, &people.ana] {
        person.heard.wait("the arrival", is_check_in).await?;
    }
    Ok(())
}

pub(super) fn is_check_in(event: &Event) -> bool {
    matches!(
        event.data(),
        Some(EventData::Schedule(schedule::Event::CheckedIn(_)))
    )
}

pub(super) async fn notify(people: &People, address: SocketAddr) -> anyhow::Result<()> {
    let notifications = people.ana.client.notifications();
    let mut events = notifications.events();
    let body = serde_json::json!({
        "userId": "ana", "kind": "lab_result", "priority": "high",
        "title": "Your results are in", "message": "Dr. Lee will talk about them with you."
    });
    backend(address, "POST", "/v1/notifications", body.to_string()).await?;
    loop {
        let event = events.next().await.context("the client is closed")?;
        if let NotificationEvent::New(new) = event {
            notifications.mark_read(new.id).await?;
            break;
        }
    }
    let unread = notifications.unread_count().await?;
    ensure!(unread == 0, "{unread} notifications are unread");
    Ok(())
}

pub(super) fn is_notification(event: &Event) -> bool {
    matches!(
        event.data(),
        Some(EventData::Notification(notification::Event::New(_)))
    )
}

/// The second provider cares for the patient, too.
pub(super) async fn second_provider(address: SocketAddr) -> anyhow::Result<()> {
    let role = r#"{"role": "provider", "name": "Dr. Kim"}"#.to_owned();
    backend(address, "PUT", "/v1/users/dr-kim", role).await?;
    backend(address, "PUT", "/v1/care-team/dr-kim/ana", String::new()).await
}

async fn backend(
    address: SocketAddr,
    method: &'static str,
    path: &'static str,
    body: String,
) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(move || {
        let token = Server::token(address, "ehr", "service")?;
        Server::call(address, method, path, Some(&token), &body).map(drop)
    })
    .await?
}

pub(super) async fn danger(people: &People) -> anyhow::Result<()> {
    let reading = Reading {
        kind: "spo2".into(),
        value: Finite::from(82).into(),
        unit: "%".to_owned(),
        measured_at: now()?,
    };
    let update = vitals::UpdateEvent {
        patient_id: ana()?,
        room: None,
        readings: vec![reading],
    };
    let alert = CriticalEvent {
        patient_id: Some(ana()?),
        severity: Severity::Critical,
        title: "Oxygen saturation".into(),
        message: "82 %, falling".into(),
    };
    people.ehr.client.publish(staff()?, &update).await?;
    people.ehr.client.publish(staff()?, &alert).await?;
    for person in [&people.lee, &people.kim, &people.ana] {
        person.heard.wait("vital signs", is_vitals).await?;
        person.heard.wait("the alert", is_alert).await?;
    }
    Ok(())
}

pub(super) fn is_vitals(event: &Event) -> bool {
    matches!(event.data(), Some(EventData::Vitals(_)))
}

pub(super) fn is_alert(event: &Event) -> bool {
    matches!(
        event.data(),
        Some(EventData::System(system::Event::Critical(_)))
    )
}

pub(super) async fn report(people: &People) -> anyhow::Result<()> {
    let report_id: ReportId = "r-1".parse()?;
    let reports = people.ehr.client.reports();
    let status = |status, progress: u32| StatusEvent {
        report_id: report_id.clone(),
        status,
        progress: Finite::from(progress),
        message: None,
        owner_id: "ana".parse().ok(),
    };
    reports.status(&status(ReportStatus::Pending, 0)).await?;
    let report = people
        .ana
        .client
        .reports()
        .follow(report_id.clone())
        .await?;
    ensure!(report.last().is_some(), "who comes late is told nothing");
    for progress in [30, 70] {
        let running = status(ReportStatus::Running, progress);
        reports.status(&running).await?;
    }
    let completed = CompletedEvent {
        report_id: report_id.clone(),
        download_url: "/reports/r-1.pdf".into(),
        format: "pdf".to_owned(),
        size_bytes: 18_204,
    };
    reports.completed(&completed).await?;
    let heard = &people.ana.heard;
    heard
        .wait("the end of the report", |event| {
            matches!(
                event.data(),
                Some(EventData::Report(report::Event::Completed(_)))
            )
        })
        .await?;
    let progress = heard.count(is_report);
    ensure!(
        progress == 3,
        "of 3 events of the report {progress} were told"
    );
    Ok(())
}

fn is_report(event: &Event) -> bool {
    matches!(event.data(), Some(EventData::Report(_)))
}
