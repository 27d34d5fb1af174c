//! Reports and templates, in memory.

use super::connection::MemoryRows;
use crate::{
    error::Result,
    store::rows::{NamedEvent, ReportRows},
};
use async_trait::async_trait;
use carewire_protocol::{ReportId, TemplateId, TenantId, UserId};
use std::sync::Arc;

#[async_trait]
impl ReportRows for MemoryRows {
    async fn report_owner(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
    ) -> Result<Option<Option<UserId>>> {
        let report = (tenant.clone(), report.clone());
        Ok(self.tables().await?.reports.get(&report).cloned())
    }

    async fn put_report(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
        owner: &UserId,
        _template: Option<&TemplateId>,
    ) -> Result<()> {
        let (report, owner) = ((tenant.clone(), report.clone()), Some(owner.clone()));
        self.change(|tables| {
            Arc::make_mut(&mut tables.reports).insert(report, owner);
        })
        .await
    }

    async fn add_report(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
        owner: Option<&UserId>,
    ) -> Result<()> {
        let report = (tenant.clone(), report.clone());
        self.change(|tables| {
            let stored = Arc::make_mut(&mut tables.reports)
                .entry(report)
                .or_default();
            if stored.is_none() {
                *stored = owner.cloned();
            }
        })
        .await
    }

    async fn report_state(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
    ) -> Result<Option<NamedEvent>> {
        let report = (tenant.clone(), report.clone());
        Ok(self.tables().await?.report_states.get(&report).cloned())
    }

    async fn put_report_state(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
        event: &NamedEvent,
    ) -> Result<()> {
        let (report, event) = ((tenant.clone(), report.clone()), event.clone());
        self.change(|tables| {
            if tables.reports.contains_key(&report) {
                Arc::make_mut(&mut tables.report_states).insert(report, event);
            }
        })
        .await
    }

    async fn template_owner(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
    ) -> Result<Option<Option<UserId>>> {
        let template = (tenant.clone(), template.clone());
        Ok(self.tables().await?.templates.get(&template).cloned())
    }

    async fn put_template(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        owner: Option<&UserId>,
    ) -> Result<()> {
        let template = (tenant.clone(), template.clone());
        self.change(|tables| {
            Arc::make_mut(&mut tables.templates).insert(template, owner.cloned());
        })
        .await
    }
}
