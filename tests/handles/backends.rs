//! What services say and hear: reports, live rows, appointments, vital signs, alerts.

use crate::practice::{Practice, find, texts};
use carewire::{
    Alert, AppointmentChange, ReportEvent, ReportRequest, RowsEvent, RowsLoss,
    protocol::{
        Finite, PrivateJson, Timestamp,
        backend::Target,
        report::{CompletedEvent, ReportSnapshot, ReportStatus, StatusEvent, UpdateEvent},
        schedule::{Appointment, AppointmentStatus, CheckedInEvent},
        system::{CriticalEvent, Severity},
        vitals,
    },
};
use serde_json::json;
use std::time::Duration;

fn status(progress: u32) -> StatusEvent {
    StatusEvent {
        report_id: "r-1".parse().unwrap(),
        status: ReportStatus::Running,
        progress: Finite::from(progress),
        message: None,
        owner_id: Some("ana".parse().unwrap()),
    }
}

#[tokio::test]
async fn a_report_from_its_first_status_to_its_end() {
    let practice = Practice::open().await;
    let service = practice.through("bridge", "service").await;
    let tenant = carewire_tests::TENANT.parse().unwrap();
    let requests = service.reports().requests(tenant).await.unwrap();
    let mut asked = requests.events();
    service.reports().status(&status(10)).await.unwrap();
    let ana = practice.through("ana", "patient").await;
    let report = ana.reports().follow("r-1".parse().unwrap()).await.unwrap();
    let Some(ReportSnapshot::Status(last)) = report.last() else {
        panic!("{:?}", report.last());
    };
    assert_eq!(last.progress, Finite::from(10));
    let mut events = report.events();
    report.refresh().await.unwrap();
    find("the wish", &mut asked, |wish| {
        matches!(wish, ReportRequest::Refresh(_)).then_some(())
    })
    .await;
    // Both sides lose the connection: what is said meanwhile is said once.
    practice.proxy.reset();
    let saying = service.clone();
    let saying = tokio::spawn(async move { saying.reports().status(&status(50)).await });
    report.cancel().await.unwrap();
    saying.await.unwrap().unwrap();
    let who = find("the cancellation", &mut asked, |wish| match wish {
        ReportRequest::Cancel(cancel) => Some(cancel.user_id.to_string()),
        _ => None,
    });
    assert_eq!(who.await, "ana");
    let done = CompletedEvent {
        report_id: "r-1".parse().unwrap(),
        download_url: "/r-1.pdf".into(),
        format: "pdf".into(),
        size_bytes: 4096,
    };
    service.reports().completed(&done).await.unwrap();
    let (mut told, end) = (Vec::new(), Finite::from(100));
    while told.last() != Some(&end) {
        let progress = find("progress", &mut events, |event| match event {
            ReportEvent::Status(status) => Some(status.progress),
            ReportEvent::Completed(_) => Some(end),
            _ => None,
        });
        told.push(progress.await);
    }
    assert_eq!(told, [Finite::from(50), end]);
}

#[tokio::test]
async fn rows_come_again_with_their_filter_after_a_reconnect() {
    let practice = Practice::open().await;
    let service = practice.beside("bridge", "service").await;
    let sam = practice.through("sam", "staff").await;
    let beds = || "beds".parse().unwrap();
    let publish = async |rows: &[serde_json::Value]| {
        let rows = rows.iter().map(|row| PrivateJson::from_value(row).unwrap());
        let update = UpdateEvent {
            template_id: beds(),
            rows: rows.collect(),
        };
        let target = Target::Room("template:beds".parse().unwrap());
        service.publish(target, &update).await.unwrap();
    };
    let (icu, er) = (
        json!({"id": 1, "ward": "icu"}),
        json!({"id": 2, "ward": "er"}),
    );
    publish(&[icu, er]).await;
    let rows = sam.reports().rows(beds()).await.unwrap();
    let mut events = rows.events();
    let all = |event: &RowsEvent| match event {
        RowsEvent::All { rows, .. } => Some(texts(rows).join(" ")),
        _ => None,
    };
    assert!(find("all", &mut events, all).await.contains("er"));
    rows.set_interval(Duration::from_millis(250)).await.unwrap();
    rows.apply_filter([("ward", "icu")]).await.unwrap();
    let only = r#"{"id":1,"ward":"icu"}"#;
    assert_eq!(find("the filtered", &mut events, all).await, only);
    practice.blink(&sam).await;
    while find("the rows again", &mut events, all).await != only {}
    publish(&[
        json!({"id": 3, "ward": "er"}),
        json!({"id": 4, "ward": "icu"}),
    ])
    .await;
    let changed = find("the news", &mut events, |event| match event {
        RowsEvent::Changed(rows) => Some(texts(rows).join(" ")),
        _ => None,
    });
    assert_eq!(changed.await, r#"{"id":4,"ward":"icu"}"#);
    // Whose right ends is told.
    let eve = practice.beside("eve", "provider").await;
    let owner = |id: &str| Some(json!({"ownerId": id}));
    practice
        .backend("PUT", "/v1/templates/beds", owner("eve"))
        .await;
    let mut lost = eve.reports().rows(beds()).await.unwrap().events();
    drop(lost.try_next());
    let kept = eve.reports().rows(beds()).await.unwrap();
    let mut lost = kept.events();
    practice
        .backend("PUT", "/v1/templates/beds", owner("bob"))
        .await;
    find("the end", &mut lost, |event| {
        matches!(event, RowsEvent::Lost(RowsLoss::Left(_))).then_some(())
    })
    .await;
}

#[tokio::test]
async fn appointments_vitals_and_alerts() {
    let practice = Practice::open().await;
    let service = practice.beside("bridge", "service").await;
    let ana = practice.through("ana", "patient").await;
    let lee = practice.through("dr-lee", "provider").await;
    let (mut appointments, mut alerts) = (lee.appointments(), ana.alerts());
    let mut vitals = ana.vitals();
    let staff = || Target::Staff(carewire_tests::TENANT.parse().unwrap());
    let now = Timestamp::from_millis(1_800_000_000_000);
    let arrived = CheckedInEvent {
        appointment: Appointment {
            id: "a-1".parse().unwrap(),
            patient_id: "ana".parse().unwrap(),
            provider_id: "dr-lee".parse().unwrap(),
            starts_at: now,
            ends_at: now,
            status: AppointmentStatus::CheckedIn,
            title: None,
            metadata: None,
        },
    };
    practice.proxy.refuse(true);
    practice.proxy.reset();
    service.publish(staff(), &arrived).await.unwrap();
    let alert = CriticalEvent {
        patient_id: Some("ana".parse().unwrap()),
        severity: Severity::Critical,
        title: "Oxygen".into(),
        message: "82 %".into(),
    };
    service.publish(staff(), &alert).await.unwrap();
    practice.proxy.refuse(false);
    find("the arrival", &mut appointments, |change| {
        matches!(change, AppointmentChange::CheckedIn(it) if it.id.as_str() == "a-1").then_some(())
    })
    .await;
    find("the alert", &mut alerts, |alert| {
        matches!(alert, Alert::Critical(it) if it.title == "Oxygen").then_some(())
    })
    .await;
    let update = vitals::UpdateEvent {
        patient_id: "ana".parse().unwrap(),
        room: None,
        readings: vec![vitals::Reading {
            kind: "spo2".into(),
            value: Finite::from(97).into(),
            unit: "%".into(),
            measured_at: now,
        }],
    };
    service.publish(staff(), &update).await.unwrap();
    let told = find("the reading", &mut vitals, |update| Some(update.clone()));
    assert_eq!(told.await, update);
}
