//! Reports and templates, in PostgreSQL.

use super::connection::{PostgresRows, known_json, optional, sql};
use crate::{
    error::Result,
    store::rows::{NamedEvent, ReportRows},
};
use async_trait::async_trait;
use carewire_protocol::{ReportId, TemplateId, TenantId, UserId};
use sqlx::Row;

#[async_trait]
impl ReportRows for PostgresRows {
    async fn report_owner(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
    ) -> Result<Option<Option<UserId>>> {
        let query = sql("SELECT owner FROM reports WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(report.as_str());
        self.one(query)
            .await?
            .map(|row| optional(&row, 0))
            .transpose()
    }

    async fn put_report(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
        owner: &UserId,
        template: Option<&TemplateId>,
    ) -> Result<()> {
        let query = sql(
            "INSERT INTO reports (tenant, id, owner, template) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, id) DO UPDATE SET owner = $3, template = $4",
        )
        .bind(tenant.as_str())
        .bind(report.as_str())
        .bind(owner.as_str())
        .bind(template.map(TemplateId::as_str));
        self.run(query).await.map(drop)
    }

    async fn add_report(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
        owner: Option<&UserId>,
    ) -> Result<()> {
        let query = sql("INSERT INTO reports (tenant, id, owner) VALUES ($1, $2, $3)
             ON CONFLICT (tenant, id) DO UPDATE SET owner = $3 WHERE reports.owner IS NULL")
        .bind(tenant.as_str())
        .bind(report.as_str())
        .bind(owner.map(UserId::as_str));
        self.run(query).await.map(drop)
    }

    async fn report_state(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
    ) -> Result<Option<NamedEvent>> {
        let query = sql("SELECT event, data FROM reports
             WHERE tenant = $1 AND id = $2 AND event IS NOT NULL")
        .bind(tenant.as_str())
        .bind(report.as_str());
        let Some(row) = self.one(query).await? else {
            return Ok(None);
        };
        Ok(Some(NamedEvent {
            name: row.try_get(0)?,
            data: known_json(&row, 1)?,
        }))
    }

    async fn put_report_state(
        &mut self,
        tenant: &TenantId,
        report: &ReportId,
        event: &NamedEvent,
    ) -> Result<()> {
        let query = sql("UPDATE reports SET event = $3, data = $4 WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(report.as_str())
            .bind(&event.name)
            .bind(event.data.get());
        self.run(query).await.map(drop)
    }

    async fn template_owner(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
    ) -> Result<Option<Option<UserId>>> {
        let query = sql("SELECT owner FROM templates WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(template.as_str());
        self.one(query)
            .await?
            .map(|row| optional(&row, 0))
            .transpose()
    }

    async fn put_template(
        &mut self,
        tenant: &TenantId,
        template: &TemplateId,
        owner: Option<&UserId>,
    ) -> Result<()> {
        let query = sql(
            "INSERT INTO templates (tenant, id, owner) VALUES ($1, $2, $3)
             ON CONFLICT (tenant, id) DO UPDATE SET owner = $3",
        )
        .bind(tenant.as_str())
        .bind(template.as_str())
        .bind(owner.map(UserId::as_str));
        self.run(query).await.map(drop)
    }
}
