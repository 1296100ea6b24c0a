//! What the reader was asked for, so that a test can hold the sample against the code.

/// How an option is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Secret,
    List,
    /// `true` or `false`.
    Switch,
}

/// One option, as the reader knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionInfo {
    /// `agents[].login` for a key of a list's item.
    pub path: String,
    pub kind: Kind,
    /// What holds where it is left out; `None`: it is required, or there is nothing then.
    pub default: Option<String>,
    pub required: bool,
}
