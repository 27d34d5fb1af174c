//! What changed, in memory.

use super::connection::MemoryRows;
use crate::{
    error::Result,
    store::rows::{ChangeRows, DirectoryChangeRow, GrownRow, Mark, Subject},
};
use async_trait::async_trait;
use std::sync::Arc;

#[async_trait]
impl ChangeRows for MemoryRows {
    async fn mark(&mut self) -> Result<Mark> {
        let tables = self.tables().await?;
        Ok(Mark {
            logs: tables.newest_log_mark,
            directory: tables.newest_directory_mark,
        })
    }

    async fn grown_since(&mut self, mark: u64, limit: u32) -> Result<Vec<GrownRow>> {
        let tables = self.tables().await?;
        let mut grown: Vec<_> = tables
            .rooms
            .iter()
            .filter(|(_, room)| room.changed > mark)
            .map(|(key, room)| GrownRow {
                mark: room.changed,
                room: key.clone(),
                head: room.log.head,
            })
            .collect();
        grown.sort_unstable_by_key(|row| row.mark);
        grown.truncate(limit as usize);
        Ok(grown)
    }

    async fn note_directory_change(&mut self, subject: &Subject) -> Result<()> {
        self.change(|tables| {
            tables.newest_directory_mark += 1;
            Arc::make_mut(&mut tables.directory_changes)
                .insert(subject.clone(), tables.newest_directory_mark);
        })
        .await
    }

    async fn directory_since(&mut self, mark: u64, limit: u32) -> Result<Vec<DirectoryChangeRow>> {
        let tables = self.tables().await?;
        let mut changes: Vec<_> = tables
            .directory_changes
            .iter()
            .filter(|(_, changed)| **changed > mark)
            .map(|(subject, changed)| DirectoryChangeRow {
                mark: *changed,
                subject: subject.clone(),
            })
            .collect();
        changes.sort_unstable_by_key(|row| row.mark);
        changes.truncate(limit as usize);
        Ok(changes)
    }
}
