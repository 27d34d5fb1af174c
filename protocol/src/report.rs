//! Reports in the making, and live rows of report templates.

use crate::{
    ErrorReply, Finite, Millis, PrivateJson, PrivateText, ReportId, TemplateId, UserId,
    catalog::UnknownEvent,
    limits,
    schema::{Described, Tagging, Type, Union},
    session::Empty,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

domain! {
    "Reports and live data"
    commands {
        "report:cancel" => Cancel -> Empty, Keyed;
        "report:refresh" => Refresh -> Empty, Keyed;
        "report:subscribeTemplate" => SubscribeTemplate -> Empty, State;
        "stream:setInterval" => SetInterval -> Empty, State checked;
        "stream:applyFilter" => ApplyFilter -> Empty, State checked;
    }
    events {
        "report:status" => Status(StatusEvent), Retained;
        "report:completed" => Completed(CompletedEvent), Retained;
        "report:failed" => Failed(FailedEvent), Retained;
        "report:cancelRequested" => CancelRequested(CancelRequestedEvent), Retained;
        "report:refreshRequested" => RefreshRequested(RefreshRequestedEvent), Retained;
        "stream:initial" => Initial(InitialEvent), Ephemeral;
        "stream:update" => Update(UpdateEvent), Ephemeral;
    }
}

open_enum! {
    /// Where a report stands.
    pub enum ReportStatus {
        /// Asked for.
        Pending = "pending",
        /// In the making.
        Running = "running",
        /// Done.
        Completed = "completed",
        /// It could not be made.
        Error = "error",
        /// Somebody cancelled it.
        Cancelled = "cancelled",
    }
}

wire! {
    /// Asks the backend to stop making a report.
    pub struct Cancel {
        /// Which.
        pub report_id: ReportId,
    }

    /// Asks the backend to make a report anew.
    pub struct Refresh {
        /// Which.
        pub report_id: ReportId,
    }

    /// Joins the room of a template; its rows follow in `stream:initial`.
    pub struct SubscribeTemplate {
        /// Which.
        pub template_id: TemplateId,
    }

    /// Sets how often this connection wants `stream:update` at most.
    pub struct SetInterval {
        /// Of which template.
        pub template_id: TemplateId,
        /// At least 250.
        pub interval_ms: Millis,
    }

    /// Sets which rows this connection wants.
    pub struct ApplyFilter {
        /// Of which template.
        pub template_id: TemplateId,
        /// The values that fields of a row must have; `{}` lets every row through.
        pub filter: BTreeMap<String, PrivateJson>,
    }

    /// A report advances.
    pub struct StatusEvent {
        /// Which.
        pub report_id: ReportId,
        /// Where it stands.
        pub status: ReportStatus,
        /// How much is done, in percent.
        pub progress: Finite,
        /// More, for people.
        pub message: Option<PrivateText>,
        /// Whose report it is; makes the report known with its first status.
        pub owner_id: Option<UserId>,
    }

    /// A report is done.
    pub struct CompletedEvent {
        /// Which.
        pub report_id: ReportId,
        /// Where to get it.
        pub download_url: PrivateText,
        /// Its format: `pdf`, `csv`, ….
        pub format: String,
        /// Its size.
        pub size_bytes: u64,
    }

    /// A report could not be made.
    pub struct FailedEvent {
        /// Which.
        pub report_id: ReportId,
        /// Why, for people.
        pub message: PrivateText,
    }

    /// To backends: somebody wants a report stopped.
    pub struct CancelRequestedEvent {
        /// Which.
        pub report_id: ReportId,
        /// Who asks.
        pub user_id: UserId,
    }

    /// To backends: somebody wants a report made anew.
    pub struct RefreshRequestedEvent {
        /// Which.
        pub report_id: ReportId,
        /// Who asks.
        pub user_id: UserId,
    }

    /// The rows of a template, after joining and after a filter.
    pub struct InitialEvent {
        /// Of which template.
        pub template_id: TemplateId,
        /// The newest row of each `id` that passes the filter, at most 1,000.
        pub rows: Vec<PrivateJson>,
        /// Whether there are more.
        pub has_more: bool,
    }

    /// New rows of a template.
    pub struct UpdateEvent {
        /// Of which template.
        pub template_id: TemplateId,
        /// Those that pass the filter.
        pub rows: Vec<PrivateJson>,
    }
}

/// The last event of a report, in the snapshot of its room: `{type, data}`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(any(test, feature = "proptest"), derive(proptest_derive::Arbitrary))]
pub enum ReportSnapshot {
    /// `report:status`
    Status(StatusEvent),
    /// `report:completed`
    Completed(CompletedEvent),
    /// `report:failed`
    Failed(FailedEvent),
    /// An event of a later version.
    #[cfg_attr(any(test, feature = "proptest"), proptest(skip))]
    Unknown(UnknownEvent),
}

impl Described for ReportSnapshot {
    const TYPE: Type = Type::Union(&Union {
        module: module_path!(),
        name: "ReportSnapshot",
        docs: &["The last event of a report, in the snapshot of its room."],
        tagging: Tagging::TypeAndData,
        variants: &[
            ("report:status", &StatusEvent::TYPE),
            ("report:completed", &CompletedEvent::TYPE),
            ("report:failed", &FailedEvent::TYPE),
        ],
    });

    #[cfg(any(test, feature = "proptest"))]
    fn any() -> proptest::strategy::BoxedStrategy<Self> {
        proptest::strategy::Strategy::boxed(proptest::arbitrary::any::<Self>())
    }
}

impl Serialize for ReportSnapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Out<'a, D: Serialize> {
            r#type: &'a str,
            data: &'a D,
        }
        match self {
            Self::Status(data) => Out {
                r#type: "report:status",
                data,
            }
            .serialize(serializer),
            Self::Completed(data) => Out {
                r#type: "report:completed",
                data,
            }
            .serialize(serializer),
            Self::Failed(data) => Out {
                r#type: "report:failed",
                data,
            }
            .serialize(serializer),
            Self::Unknown(event) => Out {
                r#type: &event.name,
                data: &event.data,
            }
            .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ReportSnapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct In<'a> {
            #[serde(borrow, rename = "type")]
            name: Cow<'a, str>,
            data: Box<RawValue>,
        }
        let In { name, data } = In::deserialize(deserializer)?;
        let event = Event::decode(&name, &data)
            .transpose()
            .map_err(serde::de::Error::custom)?;
        Ok(match event {
            Some(Event::Status(data)) => Self::Status(data),
            Some(Event::Completed(data)) => Self::Completed(data),
            Some(Event::Failed(data)) => Self::Failed(data),
            _ => Self::Unknown(UnknownEvent {
                name: name.as_ref().into(),
                data: data.into(),
            }),
        })
    }
}

impl SetInterval {
    fn check(&self) -> Result<(), ErrorReply> {
        if self.interval_ms < limits::MIN_STREAM_INTERVAL.into() {
            return Err(ErrorReply::invalid(
                "intervalMs",
                "intervalMs must be at least 250",
            ));
        }
        Ok(())
    }
}

impl ApplyFilter {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_list("filter", self.filter.len())?;
        let size = self
            .filter
            .iter()
            .map(|(field, value)| field.len() + value.get().len())
            .sum();
        limits::check_size("filter", size, limits::MAX_EPHEMERAL_BYTES)
    }
}

impl StatusEvent {
    /// The rules for a status that a backend publishes.
    pub fn check(&self) -> Result<(), ErrorReply> {
        self.status.check("status")?;
        if !(0.0..=100.0).contains(&self.progress.get()) {
            return Err(ErrorReply::invalid(
                "progress",
                "progress must be from 0 to 100",
            ));
        }
        Ok(())
    }
}
