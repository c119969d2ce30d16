//! Facts about the machine and the tool, as found in a file.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Facts as ordered key-value text: `goos`, `cpu`, `jvm`, `kernel`, `governor` …
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    facts: BTreeMap<String, String>,
}

impl Environment {
    /// No facts.
    #[must_use]
    pub fn new() -> Environment {
        Environment::default()
    }

    /// States a fact; a later statement of the same key replaces the earlier one. Bounded: at most
    /// 1 000 facts and 1 000 characters a value are kept.
    pub fn set(&mut self, key: &str, value: &str) {
        if self.facts.len() < 1000 || self.facts.contains_key(key) {
            self.facts.insert(key.chars().take(200).collect(), value.chars().take(1000).collect());
        }
    }

    /// One fact.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.facts.get(key).map(String::as_str)
    }

    /// All facts, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.facts.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// The facts that both sides state differently: `(key, here, there)`, by key.
    #[must_use]
    pub fn differences(&self, other: &Environment) -> Vec<(String, String, String)> {
        self.iter()
            .filter_map(|(k, v)| match other.get(k) {
                Some(w) if w != v => Some((k.to_string(), v.to_string(), w.to_string())),
                _ => None,
            })
            .collect()
    }
}
