//! One language: its messages, ready to be filled in.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// What is filled into a message: words or a number. Words are data, whatever signs they hold.
pub type Argument<'a> = FluentValue<'a>;

pub(super) struct Catalogue {
    pub code: String,
    bundle: FluentBundle<FluentResource>,
}

impl Catalogue {
    pub fn new(code: &str) -> Self {
        // The language decides on plural forms alone; one that is unknown has English ones.
        let mut bundle = FluentBundle::new_concurrent(vec![code.parse().unwrap_or_default()]);
        // Clients show the marks around what is filled in, or copy them along.
        bundle.set_use_isolating(false);
        Self { code: code.to_owned(), bundle }
    }

    /// Later texts take the place of earlier ones. What is wrong in them was looked for before (`source.rs`).
    pub fn add(&mut self, source: &str) {
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        self.bundle.add_resource_overriding(resource);
    }

    /// `None`: there is no such message, or it needs something that it was not given.
    pub fn say(&self, id: &str, arguments: &[(&'static str, Argument<'_>)]) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let given: FluentArgs<'_> = arguments.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&given), &mut errors);
        (errors.is_empty() && !text.trim().is_empty()).then(|| text.into_owned())
    }
}
