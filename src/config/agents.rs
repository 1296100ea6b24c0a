//! The agents: which Matrix account belongs to which login of the helpdesk.

use std::collections::BTreeMap;

use super::{section::Section, values, yaml::Tree};
use crate::model::Agent;

pub fn agents(root: &Section<'_, '_>) -> Option<Vec<Agent>> {
    let items = root.list("agents")?;
    let read: Vec<Option<(String, Agent)>> = items.iter().map(|(path, item)| agent(root, path, item)).collect();
    let known: Vec<&(String, Agent)> = read.iter().flatten().collect();
    refuse_twice(root, &known, "matrix", |agent| agent.matrix.to_string());
    // The helpdesk takes no notice of the case.
    refuse_twice(root, &known, "login", |agent| agent.login.to_lowercase());
    read.into_iter().map(|agent| agent.map(|(_, agent)| agent)).collect()
}

fn agent(root: &Section<'_, '_>, path: &str, item: &Tree) -> Option<(String, Agent)> {
    let section = Section::of(root.reader, path, item);
    let login = section.required("login", values::word);
    let matrix = section.required("matrix", values::matrix_id);
    let name = section.required("name", values::word);
    let desks = desks(&section, "desks");
    section.refuse_unknown();
    Some((path.to_owned(), Agent { login: login?, matrix: matrix?, name: name?, desks: desks? }))
}

/// A list of desks, by name or id.
pub fn desks(section: &Section<'_, '_>, key: &str) -> Option<Vec<String>> {
    let mut desks = Vec::new();
    for (path, item) in section.list(key)? {
        match item {
            Tree::Text(desk) if !desk.trim().is_empty() => desks.push(desk.trim().to_owned()),
            Tree::Number(id) => desks.push(id),
            _ => {
                section.reader.refuse(&path, "is no desk", "write the queue's name or id");
                return None;
            }
        }
    }
    Some(desks)
}

/// An account of two agents, or an agent of two accounts, would let one write as the other.
fn refuse_twice(root: &Section<'_, '_>, agents: &[&(String, Agent)], key: &str, of: fn(&Agent) -> String) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (path, agent) in agents {
        if let Some(first) = seen.insert(of(agent), path) {
            let wrong = format!("is the same as that of {first}");
            root.reader.refuse(&format!("{path}.{key}"), wrong, "give every agent one login and one Matrix account");
        }
    }
}
