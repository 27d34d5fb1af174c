//! Reports in the making: for those who wait for one, and for those who make them.

use crate::{Client, RequestError, Room, Typed};
use carewire_protocol::{
    EventData, EventType, ReportId, RoomId, TenantId,
    backend::Target,
    report::{
        self, CancelRequestedEvent, CompletedEvent, Event as Wire, FailedEvent,
        RefreshRequestedEvent, ReportSnapshot, StatusEvent,
    },
};

/// Reports and live rows. From [`Client::reports`].
#[derive(Debug, Clone)]
pub struct Reports {
    pub(crate) client: Client,
}

/// A report that is followed until the last handle of its room is dropped.
///
/// ```no_run
/// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use carewire::ReportEvent;
///
/// let report = client.reports().follow("r-1".parse()?).await?;
/// let mut events = report.events(); // what came before is in `report.last()`
/// while let Some(event) = events.next().await {
///     match event {
///         ReportEvent::Status(status) => println!("{} %", status.progress.get()),
///         ReportEvent::Completed(done) => println!("{}", &*done.download_url),
///         _ => {}
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Report {
    room: Room,
    id: ReportId,
}

/// What happens to a report.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ReportEvent {
    /// It advances.
    Status(StatusEvent),
    /// It is done.
    Completed(CompletedEvent),
    /// It could not be made.
    Failed(FailedEvent),
    /// Something was missed and will not come: follow it anew.
    Reload,
}

/// What readers ask of whoever makes reports.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ReportRequest {
    /// To stop making one.
    Cancel(CancelRequestedEvent),
    /// To make one anew.
    Refresh(RefreshRequestedEvent),
    /// Some were missed and will not come.
    Missed,
}

/// What readers ask, for a service that makes reports, until it is dropped.
#[derive(Debug)]
pub struct ReportRequests {
    room: Room,
}

impl Client {
    /// Reports and live rows.
    pub fn reports(&self) -> Reports {
        Reports {
            client: self.clone(),
        }
    }
}

impl Reports {
    /// Follows a report: its owner and staff.
    pub async fn follow(&self, id: ReportId) -> Result<Report, RequestError> {
        let room = RoomId::Report(id.clone());
        let room = self.client.join(room).snapshot().await?;
        Ok(Report { room, id })
    }

    /// For services: tells how a report advances. Its first status with an `owner_id` makes it
    /// known. Queued while there is no connection, like the two that follow.
    pub async fn status(&self, status: &StatusEvent) -> Result<(), RequestError> {
        self.tell(&status.report_id, status).await
    }

    /// For services: a report is done.
    pub async fn completed(&self, completed: &CompletedEvent) -> Result<(), RequestError> {
        self.tell(&completed.report_id, completed).await
    }

    /// For services: a report could not be made.
    pub async fn failed(&self, failed: &FailedEvent) -> Result<(), RequestError> {
        self.tell(&failed.report_id, failed).await
    }

    async fn tell<E: EventType>(&self, id: &ReportId, event: &E) -> Result<(), RequestError> {
        let target = Target::Room(RoomId::Report(id.clone()));
        self.client.publish(target, event).await.map(drop)
    }

    /// For services: what readers ask of them, over reconnects.
    ///
    /// ```no_run
    /// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use carewire::{ReportRequest, protocol::{Finite, report::{ReportStatus, StatusEvent}}};
    ///
    /// let requests = client.reports().requests("clinic".parse()?).await?;
    /// let mut events = requests.events();
    /// while let Some(request) = events.next().await {
    ///     if let ReportRequest::Cancel(cancel) = request {
    ///         let cancelled = StatusEvent {
    ///             report_id: cancel.report_id,
    ///             status: ReportStatus::Cancelled,
    ///             progress: Finite::from(0),
    ///             message: None,
    ///             owner_id: None,
    ///         };
    ///         client.reports().status(&cancelled).await?;
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn requests(&self, tenant: TenantId) -> Result<ReportRequests, RequestError> {
        let room = self.client.join(RoomId::Backend(tenant)).await?;
        Ok(ReportRequests { room })
    }
}

impl Report {
    /// Where it stood when this was followed; `None`: nothing was told of it yet.
    pub fn last(&self) -> Option<&ReportSnapshot> {
        self.room.snapshot()?.report.as_ref()
    }

    /// Asks whoever makes it to stop. Queued while there is no connection.
    pub async fn cancel(&self) -> Result<(), RequestError> {
        let report_id = self.id.clone();
        let cancel = report::Cancel { report_id };
        self.room.client().request(cancel).await.map(drop)
    }

    /// Asks for it to be made anew. Queued while there is no connection.
    pub async fn refresh(&self) -> Result<(), RequestError> {
        let report_id = self.id.clone();
        let refresh = report::Refresh { report_id };
        self.room.client().request(refresh).await.map(drop)
    }

    /// What happens to it. The first stream begins where [`last`](Self::last) ends.
    pub fn events(&self) -> Typed<ReportEvent> {
        Typed::new(self.room.events(), |event| {
            if event.is_loss() {
                return Some(ReportEvent::Reload);
            }
            match event.data() {
                Some(EventData::Report(Wire::Status(status))) => {
                    Some(ReportEvent::Status(status.clone()))
                }
                Some(EventData::Report(Wire::Completed(done))) => {
                    Some(ReportEvent::Completed(done.clone()))
                }
                Some(EventData::Report(Wire::Failed(failed))) => {
                    Some(ReportEvent::Failed(failed.clone()))
                }
                _ => None,
            }
        })
    }
}

impl ReportRequests {
    /// The room they come from, for one that stores its position.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// What is asked. The first stream begins with the joining, further ones begin now.
    pub fn events(&self) -> Typed<ReportRequest> {
        Typed::new(self.room.events(), |event| {
            if event.is_loss() {
                return Some(ReportRequest::Missed);
            }
            match event.data() {
                Some(EventData::Report(Wire::CancelRequested(cancel))) => {
                    Some(ReportRequest::Cancel(cancel.clone()))
                }
                Some(EventData::Report(Wire::RefreshRequested(refresh))) => {
                    Some(ReportRequest::Refresh(refresh.clone()))
                }
                _ => None,
            }
        })
    }
}
