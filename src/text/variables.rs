//! `{{variables}}` in a prepared text.

/// The text with each variable's value. Unknown ones stay as they are, so that they are seen.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next(rest) {
        filled.push_str(before);
        filled.push_str(&value(name.trim()).unwrap_or_else(|| format!("{{{{{name}}}}}")));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The names of its variables, in order.
pub fn variables(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, name, after)) = next(rest) {
        names.push(name.trim());
        rest = after;
    }
    names
}

fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> String {
        fill(text, |name| (name == "device.name").then(|| "Pump 7".to_owned()))
    }

    #[test]
    fn a_variable_becomes_its_value_and_an_unknown_one_stays() {
        assert_eq!(filled("{{device.name}} ({{ device.name }})"), "Pump 7 (Pump 7)");
        assert_eq!(filled("{{nobody}}: x"), "{{nobody}}: x");
    }

    #[test]
    fn half_a_variable_is_text() {
        for text in ["", "{{", "}}", "{{device.name", "{device.name}", "}}{{"] {
            assert_eq!(filled(text), text);
        }
    }

    #[test]
    fn variables_are_listed_in_order() {
        assert_eq!(variables("{{b}} {{ a }} {{"), ["b", "a"]);
    }
}
