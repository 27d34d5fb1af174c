//! Reports, and the templates that live data comes from.

use crate::error::Result;
use async_trait::async_trait;
use carewire_protocol::{PrivateJson, ReportId, TemplateId, TenantId, UserId};

/// An event by its name and data.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedEvent {
    /// Its name on the wire.
    pub name: String,
    /// Its payload.
    pub data: PrivateJson,
}

/// Reports, and the templates that live data comes from.
#[async_trait]
pub trait ReportRows: Send {
    /// The owner of a report; `None` where there is no such report.
    async fn report_owner(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
    ) -> Result<Option<Option<UserId>>>;
    /// Stores a report.
    async fn put_report(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
        owner: &UserId,
        template: Option<&TemplateId>,
    ) -> Result<()>;
    /// Stores a report that is not there yet. One that has no owner gets this one.
    async fn add_report(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
        owner: Option<&UserId>,
    ) -> Result<()>;
    /// The last event that told of a report; `None` where none has.
    async fn report_state(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
    ) -> Result<Option<NamedEvent>>;
    /// Stores the last event that told of a report that is there.
    async fn put_report_state(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
        event: &NamedEvent,
    ) -> Result<()>;
    /// The owner of a template; `None` where there is no such template.
    async fn template_owner(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
    ) -> Result<Option<Option<UserId>>>;
    /// Stores a template.
    async fn put_template(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        owner: Option<&UserId>,
    ) -> Result<()>;
}
