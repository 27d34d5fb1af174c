//! Tokens → identities. Nothing else in the server looks into a token.

use crate::{error::Error, keys::UserKey};
use carewire_protocol::{ErrorReply, PrivateText, Role, TenantId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, path::Path};

/// Who a connection or a call belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// In which tenant.
    pub tenant: TenantId,
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: Role,
    /// Their name, where the token says it.
    pub name: Option<PrivateText>,
    /// When the token expires.
    pub expires_at: Timestamp,
}

impl Identity {
    /// The user.
    pub fn key(&self) -> UserKey {
        UserKey::new(&self.tenant, &self.user)
    }
}

/// Where the claims are found and what is expected of them.
#[derive(Debug, Clone)]
pub struct ClaimRules {
    /// The claim with the user's id.
    pub user: String,
    /// The claim with the tenant.
    pub tenant: String,
    /// The claim with the role, or a list of roles.
    pub role: String,
    /// The claim with the name.
    pub name: String,
    /// The tenant of tokens that name none.
    pub default_tenant: Option<TenantId>,
    /// Other names of roles.
    pub role_map: BTreeMap<String, Role>,
    /// The only issuer that is accepted.
    pub issuer: Option<String>,
    /// The audience that must be named.
    pub audience: Option<String>,
}

impl Default for ClaimRules {
    fn default() -> Self {
        Self {
            user: "sub".into(),
            tenant: "tenant".into(),
            role: "role".into(),
            name: "name".into(),
            default_tenant: None,
            role_map: BTreeMap::new(),
            issuer: None,
            audience: None,
        }
    }
}

/// Checks tokens with one key and one algorithm.
pub struct Authenticator {
    key: DecodingKey,
    algorithm: Algorithm,
    rules: ClaimRules,
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The shortest secret that HS256 is safe with.
pub const MIN_SECRET_BYTES: usize = 32;

impl Authenticator {
    /// HS256 with a secret of at least [`MIN_SECRET_BYTES`].
    pub fn with_secret(secret: &str, rules: ClaimRules) -> Result<Self, Error> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err(Error::Fault(format!(
                "the JWT secret must have at least {MIN_SECRET_BYTES} bytes"
            )));
        }
        Ok(Self {
            key: DecodingKey::from_secret(secret.as_bytes()),
            algorithm: Algorithm::HS256,
            rules,
        })
    }

    /// RS256, ES256 or EdDSA, by the kind of public key in a PEM file.
    pub fn with_key_file(path: &Path, rules: ClaimRules) -> Result<Self, Error> {
        let pem = std::fs::read(path)
            .map_err(|error| Error::Fault(format!("reading {}: {error}", path.display())))?;
        let (key, algorithm) = DecodingKey::from_rsa_pem(&pem)
            .map(|key| (key, Algorithm::RS256))
            .or_else(|_| DecodingKey::from_ec_pem(&pem).map(|key| (key, Algorithm::ES256)))
            .or_else(|_| DecodingKey::from_ed_pem(&pem).map(|key| (key, Algorithm::EdDSA)))
            .map_err(|_| {
                let path = path.display();
                Error::Fault(format!(
                    "{path} holds no RSA, P-256 or Ed25519 public key in PEM"
                ))
            })?;
        Ok(Self {
            key,
            algorithm,
            rules,
        })
    }

    /// Checks a token at a time. There is no leeway.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<Identity, ErrorReply> {
        if token.is_empty() {
            return Err(ErrorReply::no_token());
        }
        let mut validation = Validation::new(self.algorithm);
        // Time comes from our own clock and claims have names of the operator's choice, so the
        // library checks the signature and the algorithm and nothing else.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &self.key, &validation)
            .map_err(|_| ErrorReply::invalid_token())?
            .claims;
        self.identity(&claims, now)
    }

    fn identity(
        &self,
        claims: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Identity, ErrorReply> {
        let invalid = ErrorReply::invalid_token;
        // Numbers only: a text in `exp` would otherwise pass for "no expiry" (CVE-2026-25537).
        let expires_at = seconds(claims.get("exp")).ok_or_else(invalid)?;
        if let Some(not_before) = claims.get("nbf")
            && seconds(Some(not_before)).ok_or_else(invalid)? > now
        {
            return Err(invalid());
        }
        if let Some(issuer) = &self.rules.issuer
            && claims.get("iss").and_then(Value::as_str) != Some(issuer)
        {
            return Err(invalid());
        }
        if let Some(audience) = &self.rules.audience
            && !names(claims.get("aud")).any(|named| named == audience)
        {
            return Err(invalid());
        }
        let user = text(claims.get(&self.rules.user)).and_then(|id| UserId::new(id).ok());
        let tenant = match claims.get(&self.rules.tenant) {
            Some(claim) => text(Some(claim)).and_then(|id| TenantId::new(id).ok()),
            None => self.rules.default_tenant.clone(),
        };
        let role = self.role(claims.get(&self.rules.role));
        let (Some(user), Some(tenant), Some(role)) = (user, tenant, role) else {
            return Err(invalid());
        };
        if expires_at <= now {
            return Err(ErrorReply::token_expired());
        }
        let name = claims.get(&self.rules.name).and_then(Value::as_str);
        let name = name.filter(|name| !name.is_empty()).map(|name| {
            let end = name.floor_char_boundary(carewire_protocol::limits::MAX_LABEL_BYTES);
            PrivateText::from(&name[..end])
        });
        Ok(Identity {
            tenant,
            user,
            role,
            name,
            expires_at,
        })
    }

    /// Of several roles the strongest counts, and `service` only when it is alone.
    fn role(&self, claim: Option<&Value>) -> Option<Role> {
        let mut roles: Vec<Role> = names(claim)
            .map(|name| {
                self.rules
                    .role_map
                    .get(name)
                    .cloned()
                    .unwrap_or_else(|| Role::from(name))
            })
            .filter(Role::is_known)
            .collect();
        roles.sort();
        roles.dedup();
        if roles.len() > 1 {
            roles.retain(|role| *role != Role::Service);
        }
        // The roles of the contract are declared from the weakest to the strongest.
        roles.pop()
    }
}

/// A claim that is a text or a number, as a text.
fn text(claim: Option<&Value>) -> Option<String> {
    match claim? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A claim that is a text or a list of texts.
fn names(claim: Option<&Value>) -> impl Iterator<Item = &str> {
    let (one, many) = match claim {
        Some(Value::String(name)) => (Some(name.as_str()), None),
        Some(Value::Array(list)) => (None, Some(list)),
        _ => (None, None),
    };
    one.into_iter()
        .chain(many.into_iter().flatten().filter_map(Value::as_str))
}

/// A numeric date: seconds since 1970, fractions allowed.
fn seconds(claim: Option<&Value>) -> Option<Timestamp> {
    let seconds = claim?.as_f64().filter(|seconds| seconds.is_finite())?;
    // Saturates, and `from_millis` holds it within the years that can be written.
    Some(Timestamp::from_millis((seconds * 1000.0) as i64))
}

/// Signs tokens, for `--dev` and for tests. A real deployment has an identity provider.
pub fn sign_dev_token(
    secret: &str,
    tenant: &TenantId,
    user: &UserId,
    role: &Role,
    name: Option<&str>,
    expires_at: Timestamp,
) -> Result<String, Error> {
    let mut claims = Map::new();
    claims.insert("sub".into(), user.as_str().into());
    claims.insert("tenant".into(), tenant.as_str().into());
    claims.insert("role".into(), role.as_str().into());
    claims.insert("exp".into(), (expires_at.as_millis() / 1000).into());
    if let Some(name) = name {
        claims.insert("name".into(), name.into());
    }
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(|_| Error::Fault("signing a token".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn now() -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }

    fn check(claims: &Value) -> Result<Identity, ErrorReply> {
        check_with(claims, ClaimRules::default())
    }

    fn check_with(claims: &Value, rules: ClaimRules) -> Result<Identity, ErrorReply> {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let token = jsonwebtoken::encode(&Header::default(), claims, &key).unwrap();
        Authenticator::with_secret(SECRET, rules)
            .unwrap()
            .check(&token, now())
    }

    fn claims(role: &Value) -> Value {
        json!({"sub": "ana", "tenant": "clinic", "role": role, "exp": 1_800_000_060})
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(Authenticator::with_secret(&SECRET[..31], ClaimRules::default()).is_err());
    }

    #[test]
    fn the_strongest_role_counts_and_service_only_alone() {
        let role = |value: Value| check(&claims(&value)).map(|identity| identity.role);
        assert_eq!(role(json!("patient")), Ok(Role::Patient));
        assert_eq!(
            role(json!(["provider", "patient", "wizard"])),
            Ok(Role::Provider)
        );
        assert_eq!(role(json!(["service", "patient"])), Ok(Role::Patient));
        assert_eq!(role(json!(["service"])), Ok(Role::Service));
        assert_eq!(role(json!(["wizard"])), Err(ErrorReply::invalid_token()));
        assert_eq!(role(json!(7)), Err(ErrorReply::invalid_token()));
    }

    #[test]
    fn numbers_are_read_as_text() {
        let mut numeric = claims(&json!("patient"));
        numeric["sub"] = json!(42);
        assert_eq!(check(&numeric).unwrap().user, "42");
    }

    #[test]
    fn expiry_has_no_leeway_and_must_be_a_number() {
        let with_exp = |exp: Value| {
            let mut claims = claims(&json!("patient"));
            claims["exp"] = exp;
            check(&claims).map(drop)
        };
        assert_eq!(with_exp(json!(1_800_000_001)), Ok(()));
        assert_eq!(
            with_exp(json!(1_800_000_000)),
            Err(ErrorReply::token_expired())
        );
        assert_eq!(
            with_exp(json!("1800000060")),
            Err(ErrorReply::invalid_token())
        );
        assert_eq!(with_exp(Value::Null), Err(ErrorReply::invalid_token()));
    }

    #[test]
    fn not_before_issuer_and_audience() {
        let mut early = claims(&json!("patient"));
        early["nbf"] = json!(1_800_000_030);
        assert_eq!(check(&early), Err(ErrorReply::invalid_token()));
        early["nbf"] = json!("1");
        assert_eq!(check(&early), Err(ErrorReply::invalid_token()));

        let rules = ClaimRules {
            issuer: Some("idp".into()),
            audience: Some("carewire".into()),
            ..ClaimRules::default()
        };
        let mut token = claims(&json!("patient"));
        assert!(check_with(&token, rules.clone()).is_err());
        token["iss"] = json!("idp");
        token["aud"] = json!(["other", "carewire"]);
        assert!(check_with(&token, rules).is_ok());
    }

    #[test]
    fn the_algorithm_is_ours_to_choose() {
        let authenticator = Authenticator::with_secret(SECRET, ClaimRules::default()).unwrap();
        let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEiLCJ0ZW5hbnQiOiJjIiwicm9sZSI6InBhdGllbnQiLCJleHAiOjE5MDAwMDAwMDB9.";
        assert_eq!(
            authenticator.check(none, now()),
            Err(ErrorReply::invalid_token())
        );
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let other = Header::new(Algorithm::HS512);
        let token = jsonwebtoken::encode(&other, &claims(&json!("patient")), &key).unwrap();
        assert_eq!(
            authenticator.check(&token, now()),
            Err(ErrorReply::invalid_token())
        );
        assert_eq!(authenticator.check("", now()), Err(ErrorReply::no_token()));
        assert_eq!(
            authenticator.check("a.b.c", now()),
            Err(ErrorReply::invalid_token())
        );
    }

    /// Claims of the right and of the wrong kinds.
    fn claim() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (1_799_999_000_i64..1_800_001_000).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-z]{0,8}".prop_map(Value::from),
            proptest::sample::select(vec!["patient", "admin", "service"]).prop_map(Value::from),
            prop::collection::vec("[a-z]{0,8}", 0..3).prop_map(Value::from),
            Just(json!({"a": 1})),
        ]
    }

    proptest! {
        #[test]
        fn nothing_unsigned_is_accepted(text in "\\PC{0,80}", parts in prop::collection::vec("[A-Za-z0-9_-]{0,60}", 0..4)) {
            let authenticator = Authenticator::with_secret(SECRET, ClaimRules::default()).unwrap();
            prop_assert!(authenticator.check(&text, now()).is_err());
            prop_assert!(authenticator.check(&parts.join("."), now()).is_err());
        }

        #[test]
        fn what_is_accepted_has_a_numeric_expiry_to_come_and_a_known_role(
            sub in claim(), tenant in claim(), role in claim(), exp in claim(), nbf in prop::option::of(claim()),
        ) {
            let mut claims = json!({"sub": sub, "tenant": tenant, "role": role, "exp": exp.clone()});
            if let Some(nbf) = &nbf {
                claims["nbf"] = nbf.clone();
            }
            if let Ok(identity) = check(&claims) {
                prop_assert!(exp.as_f64().unwrap() > 1_800_000_000.0);
                prop_assert!(nbf.is_none_or(|nbf| nbf.as_f64().unwrap() <= 1_800_000_000.0));
                prop_assert!(identity.role.is_known() && identity.expires_at > now());
            }
        }
    }
}
