//! The configuration: what it holds, how it is read, and every way in which it can be wrong, said with line and mend.
//!
//! Architecture invariant: nothing outside of this folder reads the file or the environment; `yaml.rs` alone knows the
//! YAML library.

mod agents;
mod environment;
mod files;
mod generate;
mod library;
mod lines;
mod listeners;
mod load;
mod options;
mod problem;
mod reader;
mod registration;
mod section;
mod sections;
mod templates;
mod types;
mod values;
mod yaml;

pub use environment::Environment;
pub use generate::{Generated, Wishes, generate};
pub use load::{load, options, parse};
pub use options::{Kind, OptionInfo};
pub use problem::{Origin, Problem, Problems};
pub use registration::{Namespace, Registration};
pub use templates::Template;
pub use types::{
    Appservice, Config, Database, Delivery, Files, Helpdesk, Homeserver, LogFormat, Logging, Observe, RequestTracker,
    find_desk,
};
