//! Reports, and the templates that live data comes from.

use crate::error::Result;
use async_trait::async_trait;
use carewire_protocol::{ReportId, TemplateId, TenantId, UserId};

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
