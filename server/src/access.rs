//! Who may do what: asked of the application's authoriser where there is one, of the directory
//! otherwise.
//!
//! The authoriser may take its time, so it is asked before a transaction begins and while no
//! connection of the database is held. The directory is asked within the transaction.

use crate::{
    auth::Identity,
    core::{Caller, Core, require},
    error::{Error, Result},
    keys::RoomKey,
    policy::{self, Action},
    store::{Floor, Rows},
};
use carewire_protocol::{Role, RoomId};
use futures_util::{StreamExt, future::BoxFuture, stream};

/// How many questions of one command wait at once.
const AT_ONCE: usize = 32;

impl Core {
    /// What the application's authoriser says; `None` where it is not asked.
    pub async fn authorised(
        &self,
        identity: &Identity,
        action: Action,
        room: &RoomId,
    ) -> Option<bool> {
        let authoriser = self.authoriser.as_ref()?;
        let about_a_person = matches!(action, Action::Call | Action::Presence);
        let by_token = policy::follows_from_token(room) && !about_a_person;
        if by_token || identity.role == Role::Service || !identity.role.is_known() {
            return None;
        }
        Some(authoriser.allow(identity, action, room).await)
    }

    /// What the application's authoriser says of several rooms. The connection of the database is
    /// given back while it is asked: there are few.
    pub async fn authorised_rooms(
        &self,
        rows: &mut Box<dyn Rows>,
        identity: &Identity,
        action: Action,
        rooms: &[&RoomKey],
    ) -> Result<Vec<Option<bool>>> {
        if self.authoriser.is_none() {
            return Ok(vec![None; rooms.len()]);
        }
        rows.close().await?;
        let mut asked: Vec<BoxFuture<'_, Option<bool>>> = Vec::with_capacity(rooms.len());
        for room in rooms {
            asked.push(Box::pin(self.authorised(identity, action, &room.room)));
        }
        let authorised = stream::iter(asked).buffered(AT_ONCE).collect().await;
        *rows = self.store.read().await?;
        Ok(authorised)
    }

    /// Whether somebody may do something, where the authoriser was asked already or is not asked.
    pub async fn admits(
        &self,
        rows: &mut dyn Rows,
        identity: &Identity,
        action: Action,
        room: &RoomKey,
        authorised: Option<bool>,
    ) -> Result<bool> {
        if let Some(allowed) = authorised {
            return Ok(allowed);
        }
        match require(rows, identity, action, room, &self.config.policy).await {
            Ok(_) => Ok(true),
            Err(Error::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Caller {
    /// Asks the application's authoriser, where there is one: `true` is its permission. `false`:
    /// the directory is to be asked, by [`require`].
    pub async fn preauthorise(&self, action: Action, room: &RoomId) -> Result<bool> {
        match self.core.authorised(&self.identity, action, room).await {
            None => Ok(false),
            Some(true) => Ok(true),
            Some(false) => Err(Error::Refused(action.refusal(room))),
        }
    }

    /// Where the caller's reading begins. Whoever may read by word of the authoriser begins where
    /// the directory says that members do.
    pub async fn floor(
        &self,
        rows: &mut dyn Rows,
        action: Action,
        room: &RoomKey,
        preauthorised: bool,
    ) -> Result<Floor> {
        let identity = &self.identity;
        if !preauthorised {
            return require(rows, identity, action, room, &self.core.config.policy).await;
        }
        let (user, role) = (&identity.user, &identity.role);
        let facts = policy::gather(rows, &identity.tenant, user, role, &room.room).await?;
        Ok(facts.floor)
    }
}
