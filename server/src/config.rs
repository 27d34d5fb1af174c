//! Settings: a flag, an environment variable and a line of a TOML file each, in that order of
//! precedence.

use crate::{
    auth::{Authenticator, ClaimRules},
    error::Error,
    hub::OutboxLimits,
    outbound,
    policy::{self, AccessRules},
};
use axum::http::Uri;
use carewire_protocol::{Role, TenantId, limits};
use clap::{Parser, builder::BoolishValueParser};
use ipnet::IpNet;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty, $env:literal;)+) => {
        /// The settings as they are given: whatever is absent takes its default.
        #[derive(Debug, Clone, Default, Parser, Deserialize)]
        #[command(name = "carewire-server", version, about = "The live layer for healthcare applications")]
        #[serde(default, deny_unknown_fields)]
        pub struct Settings {
            /// A TOML file with settings.
            #[arg(long, env = "CAREWIRE_CONFIG")]
            #[serde(skip)]
            pub config: Option<PathBuf>,
            /// A secret of its own, an in-memory database, demo people and their tokens.
            #[arg(long, env = "CAREWIRE_DEV", value_parser = BoolishValueParser::new())]
            pub dev: bool,
            /// Lets `--dev` listen on more than loopback.
            #[arg(long, env = "CAREWIRE_DEV_LISTEN_ANYWHERE", value_parser = BoolishValueParser::new())]
            pub dev_listen_anywhere: bool,
            $(
                $(#[doc = $doc])+
                #[arg(long, env = $env, hide_env_values = true)]
                pub $name: Option<$type>,
            )+
        }

        impl Settings {
            /// Takes what is absent here from other settings.
            fn or(self, other: Self) -> Self {
                Self {
                    config: self.config,
                    dev: self.dev || other.dev,
                    dev_listen_anywhere: self.dev_listen_anywhere || other.dev_listen_anywhere,
                    $($name: self.$name.or(other.$name),)+
                }
            }
        }
    };
}

settings! {
    /// The address to listen on. [default: 127.0.0.1:9003]
    listen: SocketAddr, "CAREWIRE_LISTEN";
    /// `sqlite://FILE`, `sqlite::memory:` or `postgres://…`. [default: `sqlite://carewire.db`]
    database_url: String, "CAREWIRE_DATABASE_URL";
    /// The secret of HS256 tokens, at least 32 bytes.
    jwt_secret: String, "CAREWIRE_JWT_SECRET";
    /// A PEM file with the public key of RS256, ES256 or EdDSA tokens.
    jwt_key_file: PathBuf, "CAREWIRE_JWT_KEY_FILE";
    /// The only issuer that is accepted.
    jwt_issuer: String, "CAREWIRE_JWT_ISSUER";
    /// The audience that tokens must name.
    jwt_audience: String, "CAREWIRE_JWT_AUDIENCE";
    /// The claim with the user's id. [default: sub]
    jwt_claim_user: String, "CAREWIRE_JWT_CLAIM_USER";
    /// The claim with the tenant. [default: tenant]
    jwt_claim_tenant: String, "CAREWIRE_JWT_CLAIM_TENANT";
    /// The claim with the role or roles. [default: role]
    jwt_claim_role: String, "CAREWIRE_JWT_CLAIM_ROLE";
    /// The claim with the name. [default: name]
    jwt_claim_name: String, "CAREWIRE_JWT_CLAIM_NAME";
    /// The tenant of tokens that name none.
    default_tenant: String, "CAREWIRE_DEFAULT_TENANT";
    /// Other names of roles: doctor:provider,nurse:staff.
    role_map: String, "CAREWIRE_ROLE_MAP";
    /// Origins of pages that may connect, separated by commas. [default: same origin only]
    allowed_origins: String, "CAREWIRE_ALLOWED_ORIGINS";
    /// Rooms to join everyone to who may: reports:system,user:{userId}:reports.
    auto_join: String, "CAREWIRE_AUTO_JOIN";
    /// Whether admins may join the rooms of their tenant. [default: true]
    admin_access: bool, "CAREWIRE_ADMIN_ACCESS";
    /// How long authentication, or the request itself, may take. [default: 10000]
    auth_timeout_ms: u64, "CAREWIRE_AUTH_TIMEOUT_MS";
    /// How often the server pings. [default: 15000]
    heartbeat_interval_ms: u64, "CAREWIRE_HEARTBEAT_INTERVAL_MS";
    /// After how long without a sign of the person to log off; 0 is never. [default: 0]
    idle_logoff_ms: u64, "CAREWIRE_IDLE_LOGOFF_MS";
    /// How long a typing start lasts. [default: 6000]
    typing_ttl_ms: u64, "CAREWIRE_TYPING_TTL_MS";
    /// How long after the last connection a user goes offline. [default: 10000]
    presence_grace_ms: u64, "CAREWIRE_PRESENCE_GRACE_MS";
    /// How long a call rings. [default: 45000]
    call_ring_ms: u64, "CAREWIRE_CALL_RING_MS";
    /// How long a device may be gone before its user leaves the call. [default: 30000]
    call_grace_ms: u64, "CAREWIRE_CALL_GRACE_MS";
    /// How long a lease lives after its last renewal. [default: 30000]
    lease_ttl_ms: u64, "CAREWIRE_LEASE_TTL_MS";
    /// Creating commands of a user a second. [default: 20]
    messages_per_second: u32, "CAREWIRE_MESSAGES_PER_SECOND";
    /// Other commands of a user a second. [default: 200]
    commands_per_second: u32, "CAREWIRE_COMMANDS_PER_SECOND";
    /// Calls of a user a minute. [default: 10]
    calls_per_minute: u32, "CAREWIRE_CALLS_PER_MINUTE";
    /// Connections of an address a minute that fail to authenticate. [default: 120]
    connects_per_minute: u32, "CAREWIRE_CONNECTS_PER_MINUTE";
    /// Connections of a user at once. [default: 20]
    connections_per_user: u32, "CAREWIRE_CONNECTIONS_PER_USER";
    /// Rooms of a connection at once. [default: 200]
    rooms_per_connection: u32, "CAREWIRE_ROOMS_PER_CONNECTION";
    /// Networks whose X-Forwarded-For is believed, separated by commas.
    trusted_proxies: String, "CAREWIRE_TRUSTED_PROXIES";
    /// The largest message of a client. [default: 1048576]
    max_payload_bytes: usize, "CAREWIRE_MAX_PAYLOAD_BYTES";
    /// How many frames may wait for a connection. [default: 1024]
    queue_frames: usize, "CAREWIRE_QUEUE_FRAMES";
    /// How many bytes may wait for a connection. [default: 8388608]
    queue_bytes: usize, "CAREWIRE_QUEUE_BYTES";
    /// Events that a room keeps. [default: 10000]
    retain_events: u64, "CAREWIRE_RETAIN_EVENTS";
    /// How long a room keeps events. [default: 86400000]
    retain_ms: u64, "CAREWIRE_RETAIN_MS";
    /// Bytes of events that a room keeps. [default: 67108864]
    retain_bytes: u64, "CAREWIRE_RETAIN_BYTES";
    /// How long messages are kept; 0 is for ever. [default: 0]
    retain_messages_ms: u64, "CAREWIRE_RETAIN_MESSAGES_MS";
    /// The longest a stopping server waits for its connections. [default: 10000]
    drain_ms: u64, "CAREWIRE_DRAIN_MS";
    /// The backplane of several nodes. (Not served by this version.)
    redis_url: String, "CAREWIRE_REDIS_URL";
    /// Where the keys of tokens are published. (Not served by this version.)
    jwks_url: String, "CAREWIRE_JWKS_URL";
    /// A backend that decides instead of the directory.
    authorizer_url: String, "CAREWIRE_AUTHORIZER_URL";
    /// How long its decisions live, memberships included. [default: 30000]
    authorizer_ttl_ms: u64, "CAREWIRE_AUTHORIZER_TTL_MS";
    /// A TOML file with rules for channels and topics.
    access_file: PathBuf, "CAREWIRE_ACCESS_FILE";
    /// Where backends are told by HTTP. (Not served by this version.)
    webhook_url: String, "CAREWIRE_WEBHOOK_URL";
    /// What that is signed with. (Not served by this version.)
    webhook_secret: String, "CAREWIRE_WEBHOOK_SECRET";
    /// Whether emergency access can be taken. [default: false]
    break_glass: bool, "CAREWIRE_BREAK_GLASS";
    /// A folder that `--dev` serves at / in place of its own page.
    dev_pages: PathBuf, "CAREWIRE_DEV_PAGES";
    /// What to log, as a filter of tracing. [default: info]
    log: String, "CAREWIRE_LOG";
    /// text or json. [default: text]
    log_format: String, "CAREWIRE_LOG_FORMAT";
}

/// The settings as the server uses them: checked, with every default filled in.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Where the data is.
    pub database_url: String,
    /// Set in `--dev`: the secret it signs tokens with.
    pub dev_secret: Option<String>,
    /// The folder that `--dev` serves.
    pub dev_pages: Option<PathBuf>,
    /// Exact origins that may connect.
    pub allowed_origins: Vec<String>,
    /// Rooms to join everyone to who may; `{userId}` stands for the user.
    pub auto_join: Vec<String>,
    /// The rules an operator can change.
    pub policy: policy::Options,
    /// The backend that decides instead of the directory, and how long its decisions live.
    pub authoriser: Option<(Uri, Duration)>,
    /// Whether emergency access can be taken.
    pub break_glass: bool,
    /// How long authentication, or the request itself, may take.
    pub auth_timeout: Duration,
    /// How often the server pings.
    pub heartbeat: Duration,
    /// After how long without a sign of the person to log off.
    pub idle_logoff: Option<Duration>,
    /// How long a typing start lasts.
    pub typing_ttl: Duration,
    /// How long a call rings.
    pub call_ring: Duration,
    /// How long a device may be gone before its user leaves the call.
    pub call_grace: Duration,
    /// How long a lease lives after its last renewal, where nobody says.
    pub lease_ttl: Duration,
    /// How long after the last connection a user goes offline.
    pub presence_grace: Duration,
    /// Creating commands of a user a second.
    pub messages_per_second: u32,
    /// Other commands of a user a second.
    pub commands_per_second: u32,
    /// Calls that a user starts in a minute.
    pub calls_per_minute: u32,
    /// Failing connections of an address a minute.
    pub connects_per_minute: u32,
    /// Connections of a user at once.
    pub connections_per_user: usize,
    /// Rooms of a connection at once.
    pub rooms_per_connection: usize,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The largest message of a client.
    pub max_payload_bytes: usize,
    /// How much may wait for a connection.
    pub queue: OutboxLimits,
    /// Events that a room keeps.
    pub retain_events: u64,
    /// How long a room keeps events.
    pub retain: Duration,
    /// Bytes of events that a room keeps.
    pub retain_bytes: u64,
    /// How long messages are kept.
    pub retain_messages: Option<Duration>,
    /// The longest a stopping server waits for its connections.
    pub drain: Duration,
}

impl Settings {
    /// Reads the command line, the environment and the TOML file that they name.
    pub fn load() -> Result<Self, Error> {
        let given = Self::parse();
        match &given.config {
            None => Ok(given),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Error::Fault(format!("reading {}: {error}", path.display()))
                })?;
                let file = toml::from_str(&text)
                    .map_err(|error| Error::Fault(format!("{}: {error}", path.display())))?;
                Ok(given.or(file))
            }
        }
    }

    /// The key that tokens are checked with. Without one the server does not start.
    pub fn authenticator(&self) -> Result<Authenticator, Error> {
        let rules = self.claim_rules()?;
        match (&self.jwt_secret, &self.jwt_key_file) {
            (Some(_), Some(_)) => Err(Error::Fault(
                "give CAREWIRE_JWT_SECRET or CAREWIRE_JWT_KEY_FILE, not both".into(),
            )),
            (Some(secret), None) => Authenticator::with_secret(secret, rules),
            (None, Some(path)) => Authenticator::with_key_file(path, rules),
            (None, None) if self.dev => Authenticator::with_secret(DEV_SECRET, rules),
            (None, None) => Err(Error::Fault(
                "no key to check tokens with: set CAREWIRE_JWT_SECRET or CAREWIRE_JWT_KEY_FILE, \
                 or start with --dev to try Carewire out"
                    .into(),
            )),
        }
    }

    fn claim_rules(&self) -> Result<ClaimRules, Error> {
        let default = ClaimRules::default();
        let fault = |what: &str| Error::Fault(what.to_owned());
        let default_tenant = self
            .default_tenant
            .as_deref()
            .map(TenantId::new)
            .transpose();
        let mut role_map = BTreeMap::new();
        for entry in list(self.role_map.as_deref()) {
            let (name, role) = entry
                .split_once(':')
                .ok_or_else(|| fault("CAREWIRE_ROLE_MAP is name:role,…"))?;
            let role = Role::from(role.trim());
            if !role.is_known() {
                return Err(fault("CAREWIRE_ROLE_MAP names a role that there is not"));
            }
            role_map.insert(name.trim().to_owned(), role);
        }
        Ok(ClaimRules {
            user: self.jwt_claim_user.clone().unwrap_or(default.user),
            tenant: self.jwt_claim_tenant.clone().unwrap_or(default.tenant),
            role: self.jwt_claim_role.clone().unwrap_or(default.role),
            name: self.jwt_claim_name.clone().unwrap_or(default.name),
            default_tenant: default_tenant
                .map_err(|_| fault("CAREWIRE_DEFAULT_TENANT is no id"))?,
            role_map,
            issuer: self.jwt_issuer.clone(),
            audience: self.jwt_audience.clone(),
        })
    }

    /// A setting of the contract that this version does not serve stops the start: whoever names
    /// an authoriser must not get a server that asks nobody.
    fn refuse_unserved(&self) -> Result<(), Error> {
        let unserved = [
            ("CAREWIRE_REDIS_URL", self.redis_url.is_some()),
            ("CAREWIRE_JWKS_URL", self.jwks_url.is_some()),
            ("CAREWIRE_WEBHOOK_URL", self.webhook_url.is_some()),
            ("CAREWIRE_WEBHOOK_SECRET", self.webhook_secret.is_some()),
        ];
        match unserved.iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(Error::Fault(format!(
                "{name} is not served by this version"
            ))),
            None => Ok(()),
        }
    }

    fn access_rules(&self) -> Result<AccessRules, Error> {
        let Some(path) = &self.access_file else {
            return Ok(AccessRules::default());
        };
        let fault = |reason: String| {
            Error::Fault(format!("CAREWIRE_ACCESS_FILE {}: {reason}", path.display()))
        };
        let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
        AccessRules::parse(&text).map_err(fault)
    }

    /// Fills in the defaults and checks what can be checked before anything starts.
    pub fn config(&self) -> Result<Config, Error> {
        self.refuse_unserved()?;
        let ms =
            |given: Option<u64>, default: Duration| given.map_or(default, Duration::from_millis);
        let some = |given: Option<u64>| given.filter(|ms| *ms > 0).map(Duration::from_millis);
        let listen = self
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 9003)));
        if self.dev && !listen.ip().is_loopback() && !self.dev_listen_anywhere {
            return Err(Error::Fault(
                "--dev gives tokens to anybody, so it listens on loopback only; \
                 --dev-listen-anywhere if you mean it"
                    .into(),
            ));
        }
        if self.dev_pages.is_some() && !self.dev {
            return Err(Error::Fault("CAREWIRE_DEV_PAGES is for --dev only".into()));
        }
        let database = if self.dev {
            "sqlite::memory:"
        } else {
            "sqlite://carewire.db"
        };
        let trusted_proxies = list(self.trusted_proxies.as_deref())
            .map(|text| {
                text.parse::<IpNet>()
                    .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            })
            .collect::<Result<_, std::net::AddrParseError>>()
            .map_err(|_| Error::Fault("CAREWIRE_TRUSTED_PROXIES is a list of networks".into()))?;
        let positive = |name: &str, value: u32| {
            if value == 0 {
                Err(Error::Fault(format!("{name} must not be 0")))
            } else {
                Ok(value)
            }
        };
        Ok(Config {
            listen,
            database_url: self.database_url.clone().unwrap_or_else(|| database.into()),
            dev_secret: self
                .dev
                .then(|| self.jwt_secret.clone().unwrap_or_else(|| DEV_SECRET.into()))
                .filter(|_| self.jwt_key_file.is_none()),
            dev_pages: self.dev_pages.clone(),
            allowed_origins: list(self.allowed_origins.as_deref())
                .map(str::to_owned)
                .collect(),
            auto_join: list(self.auto_join.as_deref()).map(str::to_owned).collect(),
            policy: policy::Options {
                admin_access: self.admin_access.unwrap_or(true),
                access: self.access_rules()?.into(),
            },
            authoriser: self
                .authorizer_url
                .as_deref()
                .map(|url| outbound::address("CAREWIRE_AUTHORIZER_URL", url))
                .transpose()?
                .zip(Some(ms(self.authorizer_ttl_ms, AUTHORISER_TTL))),
            break_glass: self.break_glass.unwrap_or(false),
            auth_timeout: ms(self.auth_timeout_ms, limits::AUTH_TIMEOUT),
            heartbeat: ms(self.heartbeat_interval_ms, limits::HEARTBEAT_INTERVAL)
                .max(Duration::from_millis(50)),
            idle_logoff: some(self.idle_logoff_ms),
            typing_ttl: ms(self.typing_ttl_ms, limits::TYPING_TTL),
            call_ring: ms(self.call_ring_ms, limits::CALL_RING),
            call_grace: ms(self.call_grace_ms, limits::CALL_GRACE).max(Duration::from_millis(100)),
            lease_ttl: ms(self.lease_ttl_ms, limits::LEASE_TTL),
            presence_grace: ms(self.presence_grace_ms, limits::PRESENCE_GRACE),
            messages_per_second: positive(
                "CAREWIRE_MESSAGES_PER_SECOND",
                self.messages_per_second.unwrap_or(20),
            )?,
            commands_per_second: positive(
                "CAREWIRE_COMMANDS_PER_SECOND",
                self.commands_per_second.unwrap_or(200),
            )?,
            calls_per_minute: positive(
                "CAREWIRE_CALLS_PER_MINUTE",
                self.calls_per_minute.unwrap_or(10),
            )?,
            connects_per_minute: positive(
                "CAREWIRE_CONNECTS_PER_MINUTE",
                self.connects_per_minute.unwrap_or(120),
            )?,
            connections_per_user: self.connections_per_user.unwrap_or(20) as usize,
            rooms_per_connection: self.rooms_per_connection.unwrap_or(200) as usize,
            trusted_proxies,
            max_payload_bytes: self.max_payload_bytes.unwrap_or(limits::MAX_PAYLOAD_BYTES),
            queue: OutboxLimits {
                frames: self.queue_frames.unwrap_or(1024),
                bytes: self.queue_bytes.unwrap_or(8 * 1024 * 1024),
            },
            retain_events: self.retain_events.unwrap_or(10_000).max(1),
            retain: Duration::from_millis(self.retain_ms.unwrap_or(86_400_000)),
            retain_bytes: self.retain_bytes.unwrap_or(64 * 1024 * 1024),
            retain_messages: some(self.retain_messages_ms),
            drain: Duration::from_millis(self.drain_ms.unwrap_or(10_000)),
        })
    }
}

/// How long decisions of the authoriser live.
const AUTHORISER_TTL: Duration = Duration::from_secs(30);

/// Known to everybody: `--dev` is for loopback.
pub const DEV_SECRET: &str = "carewire-dev-secret-for-loopback-only";

fn list(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_gives_way_to_flags() {
        let flags = Settings {
            drain_ms: Some(1),
            ..Settings::default()
        };
        let file: Settings = toml::from_str("drain_ms = 2\nlisten = \"127.0.0.1:1\"").unwrap();
        let merged = flags.or(file);
        assert_eq!(merged.drain_ms, Some(1));
        assert_eq!(merged.listen.unwrap().port(), 1);
        assert!(toml::from_str::<Settings>("drain = 2").is_err());
    }

    #[test]
    fn dev_stays_on_loopback() {
        let dev = |listen: &str, anywhere| Settings {
            dev: true,
            dev_listen_anywhere: anywhere,
            listen: Some(listen.parse().unwrap()),
            ..Settings::default()
        };
        assert!(dev("127.0.0.1:1", false).config().is_ok());
        assert!(dev("0.0.0.0:1", false).config().is_err());
        assert!(dev("0.0.0.0:1", true).config().is_ok());
    }

    #[test]
    fn no_key_no_server() {
        assert!(Settings::default().authenticator().is_err());
        assert!(
            Settings {
                dev: true,
                ..Settings::default()
            }
            .authenticator()
            .is_ok()
        );
    }
}
