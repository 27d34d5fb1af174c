//! Who decides what goes wrong, besides the weather of each network.

use crate::device::Device;
use carewire_tests::{
    Server,
    proxy::{Direction, Manner},
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::RwLock,
    task::block_in_place,
    time::{Instant, sleep},
};

/// Injects faults until it is time; the server runs when this returns.
pub(crate) async fn direct(
    server: &RwLock<Server>,
    devices: &[Arc<Device>],
    mut rng: ChaCha8Rng,
    end: Instant,
    restarts: bool,
) -> BTreeMap<&'static str, u64> {
    let mut done = BTreeMap::new();
    while Instant::now() < end {
        sleep(Duration::from_millis(rng.random_range(100..900))).await;
        let proxy = &devices[rng.random_range(0..devices.len())].proxy;
        let direction = Direction::BOTH[rng.random_range(0..2)];
        let pause = Duration::from_millis(rng.random_range(0..900));
        match rng.random_range(0..if restarts { 10 } else { 7 }) {
            0 => proxy.reset(),
            1 => proxy.cut(),
            2 => {
                proxy.refuse(true);
                proxy.reset();
                sleep(pause).await;
                proxy.refuse(false);
            }
            3 => {
                proxy.set(direction, Manner::Hold);
                sleep(pause).await;
                proxy.set(direction, Manner::Pass);
            }
            4 => {
                proxy.set(direction, Manner::Swallow);
                sleep(pause).await;
                proxy.set(direction, Manner::Pass);
            }
            5 => devices.iter().for_each(|device| device.proxy.reset()),
            6 => {
                let server = server.read().await;
                server.signal("STOP");
                sleep(pause * 2).await;
                server.signal("CONT");
                *done.entry("SIGSTOP").or_default() += 1;
            }
            7 | 8 => {
                let mut server = server.write().await;
                server.kill();
                sleep(pause).await;
                block_in_place(|| server.restart());
                *done.entry("kill -9").or_default() += 1;
            }
            _ => {
                let mut server = server.write().await;
                server.terminate();
                let status = server.wait().await;
                assert!(status.success(), "a drain ended with {status}");
                sleep(pause).await;
                block_in_place(|| server.restart());
                *done.entry("drain").or_default() += 1;
            }
        }
    }
    done
}
