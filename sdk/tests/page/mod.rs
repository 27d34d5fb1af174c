//! A page around the driver: what it is told is kept in order, and every socket is counted.

use carewire::{
    ClientId, Event, Key, Refusal, TokenError,
    session::{Backoff, Config, Failure, Input, Request, RequestNumber, State, TokenNeed},
    web::{Driver, Host},
};
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Date, JSON, Math, Promise, Reflect};
use serde_json::Value;
use std::{
    collections::VecDeque,
    pin::pin,
    rc::{Rc, Weak},
    sync::Arc,
    task::Wake,
    time::Duration,
};
use tokio::sync::mpsc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

const PATIENCE_MS: u32 = 20_000;

#[wasm_bindgen(module = "/tests/page/sockets.js")]
extern "C" {
    /// How many sockets the page has ever opened.
    pub(crate) fn opened() -> u32;
    /// How many of them are not closed yet.
    pub(crate) fn alive() -> u32;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    fn fetch(path: &str) -> Promise;
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_randomness(bytes: &mut [u8]);
}

/// What `cargo xtask browser` has set up: addresses, and tokens of people.
pub(crate) struct Stage(JsValue);

impl Stage {
    pub(crate) async fn open() -> Self {
        let answer = JsFuture::from(fetch("/stage.json")).await.unwrap();
        let text = Reflect::get(&answer, &"text".into()).unwrap();
        let text = text.unchecked_into::<js_sys::Function>().call0(&answer);
        let text = JsFuture::from(text.unwrap().unchecked_into::<Promise>()).await;
        Self(JSON::parse(&text.unwrap().as_string().unwrap()).unwrap())
    }

    pub(crate) fn get(&self, name: &str) -> String {
        let value = Reflect::get(&self.0, &name.into()).unwrap();
        value.as_string().unwrap()
    }

    /// Somebody's client, connected.
    pub(crate) async fn connected(&self, who: &str) -> Client {
        let token = self.get(who);
        let mut client = Client::start(&self.get("server"), move |_| Ok(token.clone()));
        client.ask(Input::Connect);
        client.reaches(State::is_connected).await;
        client
    }
}

/// What the driver told.
#[derive(Debug)]
pub(crate) enum Told {
    Token(TokenNeed),
    Frame(Value),
    Local(Event<(), Refusal>),
    State(State),
    Reply(RequestNumber, Result<Box<str>, Failure>),
}

/// A driver and its page.
pub(crate) struct Client {
    driver: Rc<Driver<Page>>,
    told: mpsc::UnboundedReceiver<Told>,
    /// What was told and nobody has waited for yet.
    kept: VecDeque<Told>,
    last: RequestNumber,
}

impl Client {
    /// A driver that dials without long waits and gives a dial up after half a second.
    pub(crate) fn start(
        url: &str,
        token: impl Fn(TokenNeed) -> Result<String, TokenError> + 'static,
    ) -> Self {
        let (teller, told) = mpsc::unbounded_channel();
        let (bell, rings) = mpsc::unbounded_channel();
        let mut config = Config::new(ClientId::new(unique("web")).unwrap(), seed());
        config.backoff = Backoff {
            first: Duration::from_millis(20),
            most: Duration::from_millis(100),
            at_once: Duration::from_millis(20),
            ..Backoff::default()
        };
        config.dial_timeout = Duration::from_millis(500);
        let waker = Arc::new(Bell(bell)).into();
        let driver = Rc::new_cyclic(|driver| {
            let page = Page {
                driver: driver.clone(),
                teller,
                token: Box::new(token),
            };
            Driver::new(config, url.to_owned(), page, waker)
        });
        spawn_local(poll(Rc::downgrade(&driver), rings));
        Self {
            driver,
            told,
            kept: VecDeque::new(),
            last: 0,
        }
    }

    /// Asks the driver for something.
    pub(crate) fn ask(&self, input: Input<'_>) {
        self.driver.ask(input);
    }

    /// Takes the network away, or gives it back.
    pub(crate) fn cut(&self, is_cut: bool) {
        self.driver.cut(is_cut);
    }

    /// Sends a command.
    pub(crate) fn request(&mut self, name: &str, data: &Value) -> RequestNumber {
        self.last += 1;
        let key = name
            .starts_with("message:")
            .then(|| Key::new(unique("key")));
        let number = self.last;
        let request = Request::parse(name, &data.to_string(), key.map(Result::unwrap));
        self.ask(match request {
            Ok(request) => Input::Command { number, request },
            Err(error) => Input::Refused { number, error },
        });
        number
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn answer(&mut self, name: &str, data: &Value) -> Result<Value, String> {
        let number = self.request(name, data);
        self.reply(number).await
    }

    /// The reply to a command, or the code of why there is none.
    pub(crate) async fn reply(&mut self, number: RequestNumber) -> Result<Value, String> {
        self.until(|told| match told {
            Told::Reply(of, result) if *of == number => Some(match result {
                Ok(data) => Ok(serde_json::from_str(data).unwrap()),
                Err(error) => Err(error.clone().read().code().to_owned()),
            }),
            _ => None,
        })
        .await
    }

    pub(crate) async fn reaches(&mut self, wanted: impl Fn(&State) -> bool) -> State {
        self.until(|told| match told {
            Told::State(state) if wanted(state) => Some(state.clone()),
            _ => None,
        })
        .await
    }

    /// The text of the next new message.
    pub(crate) async fn hears(&mut self) -> String {
        self.until(|told| match told {
            Told::Frame(frame) if frame["type"] == "message:new" => {
                frame["data"]["message"]["body"].as_str().map(Into::into)
            }
            _ => None,
        })
        .await
    }

    /// Takes out of what was told, or will be, the first that somebody waits for.
    pub(crate) async fn until<T>(&mut self, wanted: impl Fn(&Told) -> Option<T>) -> T {
        let mut seen = 0;
        loop {
            while let Some(told) = self.kept.get(seen) {
                if let Some(found) = wanted(told) {
                    self.kept.remove(seen);
                    return found;
                }
                seen += 1;
            }
            let patience = TimeoutFuture::new(PATIENCE_MS);
            let told = match select(pin!(self.told.recv()), patience).await {
                Either::Left((told, _)) => told,
                Either::Right(_) => None,
            };
            let told = told.expect("what the test waits for comes");
            self.kept.push_back(told);
        }
    }

    /// Closes for good.
    pub(crate) async fn close(mut self) {
        self.ask(Input::Close);
        self.reaches(|state| matches!(state, State::Closed { .. }))
            .await;
    }
}

/// Waits for a condition of the page.
pub(crate) async fn becomes(wanted: impl Fn() -> bool) {
    let deadline = performance_now() + f64::from(PATIENCE_MS);
    while !wanted() {
        assert!(performance_now() < deadline, "it does not become so");
        TimeoutFuture::new(5).await;
    }
}

/// A name that no other test has.
pub(crate) fn unique(what: &str) -> String {
    format!("{what}-{}-{}", Date::now(), (Math::random() * 1e9).floor())
}

fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    fill_with_randomness(&mut seed);
    seed
}

/// Wakes the task that polls a driver.
struct Bell(mpsc::UnboundedSender<()>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        // The last one rings when the driver is gone.
        let _ = self.0.send(());
    }
}

/// Polls a driver when it asks for it and when its time has come, until nobody holds it any more.
async fn poll(driver: Weak<Driver<Page>>, mut rings: mpsc::UnboundedReceiver<()>) {
    let mut wait = None;
    loop {
        match wait {
            Some(wait) => {
                select(pin!(rings.recv()), TimeoutFuture::new(wait)).await;
            }
            None => {
                rings.recv().await;
            }
        }
        let Some(driver) = driver.upgrade() else {
            return;
        };
        wait = driver.poll();
    }
}

struct Page {
    driver: Weak<Driver<Self>>,
    teller: mpsc::UnboundedSender<Told>,
    token: Box<dyn Fn(TokenNeed) -> Result<String, TokenError>>,
}

impl Page {
    fn tell(&self, told: Told) {
        // A test that has heard enough is not told more.
        let _ = self.teller.send(told);
        // Whoever is told something may be about to poll: it must come to nothing.
        assert_eq!(self.driver.upgrade().and_then(|driver| driver.poll()), None);
    }
}

impl Host for Page {
    fn now(&self) -> Duration {
        Duration::from_secs_f64(performance_now() / 1000.0)
    }

    fn token(&self, need: TokenNeed) {
        self.tell(Told::Token(need));
        let token = (self.token)(need).map(Into::into);
        let driver = self.driver.upgrade().expect("it is being polled");
        driver.ask(Input::Token(token));
    }

    fn event(&self, frame: &str) {
        self.tell(Told::Frame(serde_json::from_str(frame).unwrap()));
    }

    fn local(&self, event: &Event<(), Refusal>) {
        self.tell(Told::Local(event.clone()));
    }

    fn state(&self, state: &State) {
        self.tell(Told::State(state.clone()));
    }

    fn sent(&self, _: RequestNumber) {}

    fn reply(&self, number: RequestNumber, result: Result<Box<str>, Failure>) {
        self.tell(Told::Reply(number, result));
    }

    fn debug(&self, _: &str) {}
}
