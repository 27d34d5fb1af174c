//! What services publish.

use crate::{Client, RequestError, room::json};
use carewire_protocol::{
    EventType,
    backend::{PublishRequest, PublishedEvent, Target},
};

impl Client {
    /// Publishes an event of the contract: for clients of role `service`. Queued while there is no
    /// connection. Where the contract names the rooms of an event (an appointment, vitals, an alert
    /// about a patient), it goes there, whatever the target. Returns the offset where it has one.
    ///
    /// ```no_run
    /// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use carewire::protocol::{backend::Target, system::{AlertEvent, AlertLevel}};
    ///
    /// let alert = AlertEvent {
    ///     level: AlertLevel::Warning,
    ///     message: "The laboratory is slow today".into(),
    ///     action: None,
    /// };
    /// client.publish(Target::Tenant("clinic".parse()?), &alert).await?;
    /// # Ok(()) }
    /// ```
    pub async fn publish<E: EventType>(
        &self,
        target: Target,
        event: &E,
    ) -> Result<Option<u64>, RequestError> {
        let event = PublishedEvent {
            name: E::NAME.to_owned(),
            data: json("event.data", event)?,
        };
        let publish = PublishRequest {
            target,
            event,
            origin: None,
            retain: None,
        };
        Ok(self.request(publish).await?.offset)
    }
}
