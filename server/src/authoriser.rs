//! The operator's backend that decides instead of the directory: `CAREWIRE_AUTHORIZER_URL`.

use crate::{
    auth::Identity,
    env::Runtime,
    error::{Error, Result},
    outbound::Outbound,
    policy::{Action, Authoriser},
};
use async_trait::async_trait;
use axum::http::Uri;
use carewire_protocol::{
    Role, RoomId, TenantId, UserId,
    backend::{AuthorizerAction, AuthorizerReply, AuthorizerRequest},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// No answer after this long denies.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long nobody asks again after that: a backend that is down is not asked by everyone at once.
const PAUSE: Duration = Duration::from_secs(1);
/// How many decisions are remembered.
const MAX_DECISIONS: usize = 100_000;

/// Asks a backend, and remembers what it says for a while.
#[derive(Clone)]
pub(crate) struct HttpAuthoriser {
    env: Runtime,
    backend: Outbound,
    lifetime: Duration,
    decisions: Arc<Mutex<BTreeMap<Question, Decision>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    tenant: TenantId,
    user: UserId,
    room: RoomId,
    action: Action,
    role: Role,
}

struct Decision {
    /// Nothing while the backend is being asked.
    allowed: watch::Receiver<Option<bool>>,
    /// Until when it counts.
    until: Duration,
}

impl HttpAuthoriser {
    pub(crate) fn new(env: &Runtime, url: &Uri, lifetime: Duration) -> Result<Self> {
        Ok(Self {
            env: Arc::clone(env),
            backend: Outbound::new(url)?,
            lifetime,
            decisions: Arc::default(),
        })
    }

    fn decisions(&self) -> MutexGuard<'_, BTreeMap<Question, Decision>> {
        self.decisions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The decision that counts now. Who asks while the backend is being asked waits with the
    /// others.
    fn decision(&self, question: &Question) -> watch::Receiver<Option<bool>> {
        let now = self.env.now();
        let mut decisions = self.decisions();
        if let Some(known) = decisions.get(question).filter(|known| known.until > now) {
            return known.allowed.clone();
        }
        if decisions.len() >= MAX_DECISIONS {
            decisions.retain(|_, known| known.until > now);
        }
        if decisions.len() >= MAX_DECISIONS {
            decisions.clear();
        }
        let (answer, allowed) = watch::channel(None);
        let decision = Decision {
            allowed: allowed.clone(),
            until: now + PATIENCE + self.lifetime,
        };
        decisions.insert(question.clone(), decision);
        drop(decisions);
        let (this, question) = (self.clone(), question.clone());
        // By a task of its own: whoever asked first may not be there to the end.
        self.env.spawn(Box::pin(async move {
            let said = this.ask(&question).await;
            let until = match &said {
                Ok(_) => now + this.lifetime,
                Err(error) => {
                    tracing::warn!(%error, "the authoriser did not answer: denied");
                    this.env.now() + PAUSE.min(this.lifetime)
                }
            };
            if let Some(decision) = this.decisions().get_mut(&question)
                && decision.allowed.same_channel(&answer.subscribe())
            {
                decision.until = until;
            }
            answer.send_replace(Some(said.unwrap_or(false)));
        }));
        allowed
    }

    async fn ask(&self, question: &Question) -> Result<bool> {
        let body = serde_json::to_string(&AuthorizerRequest {
            tenant_id: question.tenant.clone(),
            user_id: question.user.clone(),
            role: question.role.clone(),
            action: on_the_wire(question.action),
            room_id: question.room.clone(),
        })?;
        let limit = self.env.sleep_until(self.env.now() + PATIENCE);
        let answer = tokio::select! {
            biased;
            answer = self.backend.post(body) => answer?,
            () = limit => return Err(Error::Unavailable("it took too long".into())),
        };
        if !answer.status.is_success() {
            let status = answer.status.as_u16();
            return Err(Error::Unavailable(format!("it answered {status}")));
        }
        let reply: AuthorizerReply = serde_json::from_slice(&answer.body)
            .map_err(|_| Error::Unavailable("it answered something else".into()))?;
        Ok(reply.allow)
    }
}

fn on_the_wire(action: Action) -> AuthorizerAction {
    match action {
        Action::Join => AuthorizerAction::Join,
        Action::Write => AuthorizerAction::Write,
        Action::History => AuthorizerAction::History,
        Action::Publish => AuthorizerAction::Publish,
        Action::View => AuthorizerAction::View,
        Action::Lock => AuthorizerAction::Lock,
        Action::Call => AuthorizerAction::Call,
        Action::Presence => AuthorizerAction::Presence,
    }
}

#[async_trait]
impl Authoriser for HttpAuthoriser {
    async fn allow(&self, identity: &Identity, action: Action, room: &RoomId) -> bool {
        let question = Question {
            tenant: identity.tenant.clone(),
            user: identity.user.clone(),
            room: room.clone(),
            action,
            role: identity.role.clone(),
        };
        let mut decision = self.decision(&question);
        let decided = decision.wait_for(Option::is_some).await;
        decided.is_ok_and(|allowed| *allowed == Some(true))
    }

    fn lifetime(&self) -> Option<Duration> {
        Some(self.lifetime)
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }

    fn forget(&self, tenant: &TenantId, user: Option<&UserId>, room: Option<&RoomId>) {
        self.decisions().retain(|question, _| {
            question.tenant != *tenant
                || user.is_some_and(|user| question.user != *user)
                || room.is_some_and(|room| question.room != *room)
        });
    }
}
