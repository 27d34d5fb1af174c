//! Two providers and one chart.

use super::people::{People, ana};
use anyhow::{Context, bail, ensure};
use carewire::{Lease, Viewing, protocol::ErrorCode};

/// Both look at the chart; the first writes, the second may not.
pub(super) async fn contest(people: &People) -> anyhow::Result<([Viewing; 2], Lease)> {
    let record =
        |person: &super::people::Person| Ok::<_, anyhow::Error>(person.client.record(ana()?));
    let (lees, kims) = (record(&people.lee)?, record(&people.kim)?);
    let viewings = [lees.view().await?, kims.view().await?];
    let both = lees.viewers().await?.len();
    ensure!(both == 2, "{both} look at the chart");
    let lease = lees.lock("medication".parse()?).await?;
    match kims.lock("medication".parse()?).await {
        Err(error) if error.is(&ErrorCode::RecordLocked) => {
            println!("         dr-kim  is told that the chart is locked");
        }
        Err(error) => return Err(error).context("a lock that is contested"),
        Ok(_) => bail!("two providers hold the same lock"),
    }
    Ok((viewings, lease))
}

/// The second provider's turn: with a token that is greater.
pub(super) async fn hand_over(people: &People, lease: Lease) -> anyhow::Result<()> {
    ensure!(lease.is_held(), "the lock is lost: {:?}", lease.state());
    let token = lease.fencing_token();
    lease.release().await?;
    let next = people.kim.client.record(ana()?).lock("medication".parse()?);
    let next = next.await?;
    ensure!(next.fencing_token() > token, "an older token");
    println!(
        "         dr-kim  holds the lock, fencing token {}",
        next.fencing_token()
    );
    Ok(())
}
