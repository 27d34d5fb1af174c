//! The demo clinic's own software: what a hospital's backend would do, so that the page is alive.
//!
//! It is a service like any other: it publishes through the SDK and the backend API, listens to
//! what people ask for, and keeps its system of record as files beside the page.

mod colleague;
mod office;
mod reports;
mod requests;
mod schedule;
mod start;
mod texts;
mod vitals;
mod waiting_room;

use office::Office;
use std::{net::SocketAddr, path::Path, sync::Arc};

/// Lives until one of its parts fails.
pub(crate) async fn live(address: SocketAddr, pages: &Path) -> anyhow::Result<()> {
    let office = Arc::new(Office::open(address, pages).await?);
    start::furnish(&office).await?;
    tokio::try_join!(
        requests::from_the_visit(&office),
        requests::from_outside(&office),
        vitals::measure(&office),
        waiting_room::fill(&office),
        schedule::go_on(&office),
    )?;
    Ok(())
}
