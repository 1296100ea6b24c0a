//! Writes TicketSQL so that foreign text stays a value in it.

/// A quoted value: whatever it holds, it ends where it ends.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        if matches!(c, '\'' | '"' | '\\') {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out.push('\'');
    out
}

/// `CF.{name} = 'value'`; the name is ours.
pub(super) fn field_is(name: &str, value: &str) -> String {
    format!("CF.{{{name}}} = {}", quoted(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_stays_inside() {
        assert_eq!(quoted(r"x' OR id > 0"), r"'x\' OR id > 0'");
        assert_eq!(quoted(r"x\' OR"), r"'x\\\' OR'");
    }
}
