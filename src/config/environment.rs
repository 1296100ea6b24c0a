//! Overrides from the environment: `TICKETROOM_HOMESERVER__ADDRESS` stands for `homeserver.address`.

use std::collections::BTreeMap;

const PREFIX: &str = "TICKETROOM_";
/// Keys at the top that hold a list.
const LISTS: [&str; 4] = ["AGENTS", "TEMPLATES", "TEXT_ASSISTANT", "BLOCKS"];

/// The variables that concern us, by the path of the key they stand for.
///
/// Two underscores stand between the levels. A variable without them is none of ours (container platforms set
/// `TICKETROOM_PORT` and the like by themselves), except for the lists at the top: `TICKETROOM_AGENTS` and so on.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    by_path: BTreeMap<String, Variable>,
}

#[derive(Clone)]
pub struct Variable {
    pub name: String,
    pub value: String,
}

impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Variable").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Environment {
    /// Of this process. A variable that is not Unicode is left out: none of our values could be meant by it.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    pub fn get(&self, path: &str) -> Option<&Variable> {
        self.by_path.get(path)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.by_path.iter().map(|(path, variable)| (path.as_str(), variable))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let by_path = variables
            .into_iter()
            .filter_map(|(name, value)| {
                let name = name.into();
                let rest = name.strip_prefix(PREFIX)?;
                if !rest.contains("__") && !LISTS.contains(&rest) {
                    return None;
                }
                let path = rest.split("__").map(str::to_ascii_lowercase).collect::<Vec<_>>().join(".");
                Some((path, Variable { name, value: value.into() }))
            })
            .collect();
        Self { by_path }
    }
}

/// The variable that stands for a path.
pub fn variable_name(path: &str) -> String {
    format!("{PREFIX}{}", path.to_ascii_uppercase().replace('.', "__"))
}
