//! Which connection of a device stays.

use super::*;
use crate::auth::Identity;
use carewire_protocol::{ClientId, Role};
use std::time::Duration;

fn connection(number: Number, client: &str) -> Arc<Connection> {
    let limits = OutboxLimits {
        frames: 100,
        bytes: 1 << 20,
    };
    let identity = Identity {
        tenant: "clinic".parse().unwrap(),
        user: "ana".parse().unwrap(),
        role: Role::Patient,
        name: None,
        expires_at: Timestamp::from_millis(i64::MAX),
    };
    let client: ClientId = client.parse().unwrap();
    Arc::new(Connection::new(NewConnection {
        number,
        id: "c-1".parse().unwrap(),
        client,
        identity,
        at: Timestamp::default(),
        now: Duration::ZERO,
        outbox: Arc::new(Outbox::new(limits)),
    }))
}

fn numbers(connections: &[Arc<Connection>]) -> Vec<Number> {
    connections.iter().map(|one| one.number).collect()
}

#[test]
fn the_connection_that_was_opened_last_stays_whichever_authenticates_first() {
    let hub = Hub::default();
    let newer = connection(2, "phone");
    assert_eq!(hub.connect(&newer, 9).map(|old| numbers(&old)), Ok(vec![]));
    let older = connection(1, "phone");
    assert!(matches!(hub.connect(&older, 9), Err(Unconnected::Replaced)));
    let newest = connection(3, "phone");
    let replaced = hub.connect(&newest, 9).map(|old| numbers(&old));
    assert_eq!(replaced, Ok(vec![2]));
}

#[test]
fn only_other_devices_count_as_too_many() {
    let hub = Hub::default();
    assert!(hub.connect(&connection(1, "phone"), 1).is_ok());
    assert!(matches!(
        hub.connect(&connection(2, "desk"), 1),
        Err(Unconnected::TooMany)
    ));
    assert!(hub.connect(&connection(3, "phone"), 1).is_ok());
}
