//! Which claims give which roles: a file of the operators.
//!
//! ```toml
//! claim = "groups"
//!
//! [roles]
//! "community-team" = ["SPECIALIST@open-source", "OBSERVER"]
//! "platform-admins" = "ADMIN"
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use stoa_domain::actor::Role;

use super::Claims;

/// A role that a claim gives: for a program, by its key, or for all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MappedRole {
    /// The role.
    pub role: Role,
    /// The program's key.
    pub program: Option<String>,
}

/// Which values of a claim give which roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    claim: String,
    roles: BTreeMap<String, Vec<MappedRole>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    claim: String,
    roles: BTreeMap<String, OneOrMore>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Mapping {
    /// Reads the file; what is wrong is said in words for the operator.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut roles = BTreeMap::new();
        for (value, named) in file.roles {
            let named = match named {
                OneOrMore::One(role) => vec![role],
                OneOrMore::More(roles) => roles,
            };
            let named: Result<Vec<_>, _> = named.iter().map(|text| role(text)).collect();
            roles.insert(value, named?);
        }
        Ok(Self {
            claim: file.claim,
            roles,
        })
    }

    /// Every role that it can give, and so take away, once.
    pub fn known(&self) -> Vec<MappedRole> {
        once(self.roles.values().flatten())
    }

    /// The roles that these claims give, once.
    pub fn named(&self, claims: &Claims) -> Vec<MappedRole> {
        let values = claims.texts(&self.claim);
        once(
            values
                .iter()
                .filter_map(|value| self.roles.get(*value))
                .flatten(),
        )
    }
}

fn once<'a>(roles: impl Iterator<Item = &'a MappedRole>) -> Vec<MappedRole> {
    let mut roles: Vec<_> = roles.cloned().collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn role(text: &str) -> Result<MappedRole, String> {
    let (name, program) = match text.split_once('@') {
        Some((name, program)) => (name, Some(program.to_owned())),
        None => (text, None),
    };
    let role = serde_json::from_value(serde_json::Value::String(name.to_owned()));
    let role: Role = role.map_err(|_| format!("there is no role {name:?}"))?;
    if role.is_for_integrations() {
        return Err(format!(
            "{name} is a role of systems, and systems do not sign in here"
        ));
    }
    if role.is_global() && program.is_some() {
        return Err(format!("{name} is only given for all programs"));
    }
    Ok(MappedRole { role, program })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_names_roles_of_people_for_programs_or_for_all() {
        let text = "claim = \"groups\"\n[roles]\nteam = [\"SPECIALIST@garden\", \"OBSERVER\"]\nboss = \"OBSERVER\"\n";
        let known = Mapping::parse(text).map(|mapping| mapping.known());
        let expected = [
            MappedRole {
                role: Role::Specialist,
                program: Some("garden".into()),
            },
            MappedRole {
                role: Role::Observer,
                program: None,
            },
        ];
        assert_eq!(known, Ok(expected.to_vec()));
        for (text, problem) in [
            ("claim = 1", "invalid type"),
            ("claim = \"x\"", "missing field"),
            ("claim = \"x\"\nrole = 1\n[roles]", "unknown field"),
            (
                "claim = \"x\"\n[roles]\na = \"SPECIALISTS\"",
                "no role \"SPECIALISTS\"",
            ),
            (
                "claim = \"x\"\n[roles]\na = \"IMPORTER\"",
                "a role of systems",
            ),
            (
                "claim = \"x\"\n[roles]\na = \"ADMIN@garden\"",
                "only given for all programs",
            ),
        ] {
            let wrong = Mapping::parse(text).err().unwrap_or_default();
            assert!(wrong.contains(problem), "{text}: {wrong}");
        }
    }
}
