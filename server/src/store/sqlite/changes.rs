//! What changed, in SQLite.

use super::connection::{SqliteRows, name, parsed, sql, stored, unsigned};
use crate::{
    error::{Error, Result},
    keys::{RoomKey, UserKey},
    store::rows::{ChangeRows, DirectoryChangeRow, GrownRow, Mark, Subject},
};
use async_trait::async_trait;
use sqlx::{Row as _, sqlite::SqliteRow};

fn change_of(row: &SqliteRow) -> Result<DirectoryChangeRow> {
    let tenant = parsed(row, 1)?;
    let subject = match row.try_get::<&str, _>(2)? {
        "user" => Subject::User(UserKey::new(&tenant, &parsed(row, 3)?)),
        "room" => Subject::Room(RoomKey::new(&tenant, parsed(row, 3)?)),
        "tenant" => Subject::Tenant(tenant),
        _ => return Err(Error::Fault("stored kind of a change".into())),
    };
    Ok(DirectoryChangeRow {
        mark: unsigned(row, 0)?,
        subject,
    })
}

#[async_trait]
impl ChangeRows for SqliteRows {
    async fn mark(&mut self) -> Result<Mark> {
        let query = sql("SELECT (SELECT coalesce(max(changed), 0) FROM rooms),
                 (SELECT coalesce(max(changed), 0) FROM directory_changes)");
        let Some(row) = self.one(query).await? else {
            return Ok(Mark::default());
        };
        Ok(Mark {
            logs: unsigned(&row, 0)?,
            directory: unsigned(&row, 1)?,
        })
    }

    async fn grown_since(&mut self, mark: u64, limit: u32) -> Result<Vec<GrownRow>> {
        let query = sql("SELECT changed, tenant, room, head FROM rooms
             WHERE changed > $1 ORDER BY changed LIMIT $2")
        .bind(stored(mark))
        .bind(limit);
        let rows = self.all(query).await?;
        rows.iter()
            .map(|row| {
                Ok(GrownRow {
                    mark: unsigned(row, 0)?,
                    room: RoomKey::new(&parsed(row, 1)?, parsed(row, 2)?),
                    head: unsigned(row, 3)?,
                })
            })
            .collect()
    }

    async fn note_directory_change(&mut self, subject: &Subject) -> Result<()> {
        let (tenant, kind, name) = match subject {
            Subject::User(user) => (&user.tenant, "user", user.user.to_string()),
            Subject::Room(room) => (&room.tenant, "room", name(room)),
            Subject::Tenant(tenant) => (tenant, "tenant", String::new()),
        };
        let query = sql("INSERT INTO directory_changes (tenant, kind, name, changed)
             VALUES ($1, $2, $3, (SELECT coalesce(max(changed), 0) + 1 FROM directory_changes))
             ON CONFLICT (tenant, kind, name) DO UPDATE SET changed = excluded.changed")
        .bind(tenant.as_str())
        .bind(kind)
        .bind(name);
        self.run(query).await.map(drop)
    }

    async fn directory_since(&mut self, mark: u64, limit: u32) -> Result<Vec<DirectoryChangeRow>> {
        let query = sql("SELECT changed, tenant, kind, name FROM directory_changes
             WHERE changed > $1 ORDER BY changed LIMIT $2")
        .bind(stored(mark))
        .bind(limit);
        self.all(query).await?.iter().map(change_of).collect()
    }
}
