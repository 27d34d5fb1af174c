//! The access file: an operator's own rules for channels and topics, section 9 of the contract.

use carewire_protocol::{Role, RoomId};
use serde::Deserialize;

/// The rules of an access file, in its order: the first that speaks of a room and an action decides.
#[derive(Debug, Clone, Default)]
pub struct AccessRules(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    rooms: Pattern,
    join: Option<Vec<Role>>,
    publish: Option<Vec<Role>>,
}

/// The parts of a name; `*` ends a part that may go on, and as the last part stands for all that
/// follow.
#[derive(Debug, Clone)]
struct Pattern(Vec<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    room: String,
    join: Option<Vec<String>>,
    publish: Option<Vec<String>>,
}

impl AccessRules {
    /// Reads the text of an access file. The error says what is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let rules = file.rule.into_iter().map(|entry| {
            let room = entry.room.clone();
            rule(entry).map_err(|error| format!("rule for {room:?}: {error}"))
        });
        rules.collect::<Result<_, _>>().map(Self)
    }

    /// Who may join a room, where a rule says so.
    pub fn join(&self, room: &RoomId) -> Option<&[Role]> {
        self.find(room, |rule| rule.join.as_deref())
    }

    /// Who may publish to a channel, where a rule says so.
    pub fn publish(&self, room: &RoomId) -> Option<&[Role]> {
        self.find(room, |rule| rule.publish.as_deref())
    }

    fn find<'a>(
        &'a self,
        room: &RoomId,
        roles: impl Fn(&'a Rule) -> Option<&'a [Role]>,
    ) -> Option<&'a [Role]> {
        if self.0.is_empty() || !matches!(room, RoomId::Topic(_) | RoomId::Channel(_)) {
            return None;
        }
        let name = room.to_string();
        let mut rules = self.0.iter().filter(|rule| rule.rooms.covers(&name));
        rules.find_map(roles)
    }
}

fn rule(entry: Entry) -> Result<Rule, String> {
    let rooms = Pattern::parse(&entry.room)?;
    if entry.join.is_none() && entry.publish.is_none() {
        return Err("it says neither who may join nor who may publish".into());
    }
    if rooms.domain() == "topic" && entry.publish.is_some() {
        return Err("only backends publish to topics".into());
    }
    let rule = Rule {
        join: entry.join.map(roles).transpose()?,
        publish: entry.publish.map(roles).transpose()?,
        rooms,
    };
    let mut named = rule.join.iter().chain(&rule.publish).flatten();
    if rule.rooms.domain() == "admin"
        && named.any(|role| !matches!(role, Role::Admin | Role::Service))
    {
        return Err("channels of admins are for admins and services alone".into());
    }
    Ok(rule)
}

fn roles(names: Vec<String>) -> Result<Vec<Role>, String> {
    let role = |name: String| match Role::from(name.as_str()) {
        role if role.is_known() => Ok(role),
        _ => Err(format!("there is no role {name:?}")),
    };
    names.into_iter().map(role).collect()
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<String> = text.split(':').map(str::to_owned).collect();
        // What the stars stand for takes any name; the first part takes none, so that no rule
        // opens more than it names.
        if parts[0].contains('*') {
            return Err("the first part must be named".into());
        }
        if parts
            .iter()
            .any(|part| part.trim_end_matches('*').contains('*') || part.ends_with("**"))
        {
            return Err("* may only end a part".into());
        }
        let example = text.replace('*', "x");
        match example.parse::<RoomId>() {
            Ok(RoomId::Channel(channel)) if channel.owner().is_some() => {
                Err("channels of a person are for that person alone".into())
            }
            Ok(RoomId::Channel(_) | RoomId::Topic(_)) => Ok(Self(parts)),
            Ok(_) => Err("only channels and topics have rules of an operator".into()),
            Err(_) => Err("it names no channel and no topic".into()),
        }
    }

    fn domain(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    fn covers(&self, name: &str) -> bool {
        let mut parts = name.split(':');
        for pattern in &self.0 {
            let Some(part) = parts.next() else {
                return false;
            };
            let fits = match pattern.strip_suffix('*') {
                Some(beginning) => part.starts_with(beginning),
                None => part == pattern,
            };
            if !fits {
                return false;
            }
        }
        parts.next().is_none() || self.0.last().is_some_and(|last| last == "*")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> AccessRules {
        AccessRules::parse(text).unwrap()
    }

    fn join<'a>(rules: &'a AccessRules, room: &str) -> Option<Vec<&'a str>> {
        let roles = rules.join(&room.parse().unwrap())?;
        Some(roles.iter().map(Role::as_str).collect())
    }

    #[test]
    fn the_first_rule_that_speaks_decides() {
        let rules = rules(
            r#"
            [[rule]]
            room = "patients:vip"
            publish = ["admin"]
            [[rule]]
            room = "patients:lab-*"
            join = ["staff"]
            [[rule]]
            room = "patients:*"
            join = ["provider"]
            publish = ["staff"]
            [[rule]]
            room = "topic:staff-news"
            join = []
            "#,
        );
        assert_eq!(join(&rules, "patients:vip"), Some(vec!["provider"]));
        assert_eq!(join(&rules, "patients:lab-7"), Some(vec!["staff"]));
        assert_eq!(join(&rules, "patients:lab-7:x"), Some(vec!["provider"]));
        assert_eq!(join(&rules, "patients:a:b"), Some(vec!["provider"]));
        assert_eq!(join(&rules, "patient:a"), None, "no channel");
        assert_eq!(join(&rules, "topic:staff-news"), Some(vec![]));
        assert_eq!(join(&rules, "topic:news"), None);
        let vip = "patients:vip".parse().unwrap();
        assert_eq!(rules.publish(&vip), Some(&[Role::Admin][..]));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| AccessRules::parse(text).unwrap_err();
        let rule = |room: &str, rest: &str| error(&format!("[[rule]]\nroom = \"{room}\"\n{rest}"));
        let join = "join = [\"staff\"]";
        for (said, wanted) in [
            (error("[[rule]"), "TOML"),
            (error("[[rule]]\nroom = 1"), "invalid type"),
            (error("[[rule]]\njoin = []"), "missing field `room`"),
            (rule("a:b", "write = []"), "unknown field `write`"),
            (rule("a:b", "join = [\"king\"]"), "no role \"king\""),
            (rule("a:b", ""), "neither"),
            (rule("*:b", join), "first part"),
            (rule("a:*b", join), "may only end"),
            (rule("a", join), "no channel"),
            (rule("chat:a:b", join), "only channels and topics"),
            (rule("patient:*", join), "only channels and topics"),
            (rule("user:*:reports", join), "that person alone"),
            (rule("admin:*", join), "admins and services"),
            (rule("topic:news", "publish = []"), "backends"),
        ] {
            assert!(said.contains(wanted), "{said} does not say {wanted}");
        }
    }
}
