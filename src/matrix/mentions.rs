//! Who is mentioned in a message: by `m.mentions`, or by a link to them, as clients write a pill.

use ruma::OwnedUserId;
use serde_json::Value;

/// More than anybody mentions by hand.
const MENTIONS_MAX: usize = 20;
const LINK: &str = "https://matrix.to/#/";

/// The users that `m.mentions` and links in `texts` name, each once.
pub fn users(content: &Value, texts: &[&str]) -> Vec<OwnedUserId> {
    let listed = content.get("m.mentions").and_then(|mentions| mentions.get("user_ids")).and_then(Value::as_array);
    let listed = listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let linked = texts.iter().flat_map(|text| text.split(LINK).skip(1)).filter_map(target);
    let mut found = Vec::new();
    for user in listed.chain(linked).filter_map(|id| OwnedUserId::try_from(id).ok()) {
        if !found.contains(&user) {
            found.push(user);
        }
        if found.len() == MENTIONS_MAX {
            break;
        }
    }
    found
}

/// The user id at the start of what follows the link's beginning.
fn target(rest: &str) -> Option<String> {
    let end = rest.find(|c: char| matches!(c, '"' | '\'' | '<' | '>' | ')' | '?' | '&') || c.is_whitespace());
    let id = rest.get(..end.unwrap_or(rest.len()))?;
    let id = id.replace("%40", "@").replace("%3A", ":").replace("%3a", ":");
    id.starts_with('@').then_some(id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mentions_are_found_in_the_list_and_in_links_each_once() {
        let content = json!({ "m.mentions": { "user_ids": ["@anna:hs", "no id", 7, "@anna:hs"] } });
        let html =
            r#"<a href="https://matrix.to/#/@bert:hs">Bert</a> <a href='https://matrix.to/#/%40anna%3Ahs'>A</a>"#;
        let plain = "[C](https://matrix.to/#/@c:hs:8448) https://matrix.to/#/!room:hs https://matrix.to/#/@";
        assert_eq!(users(&content, &[html, plain]), ["@anna:hs", "@bert:hs", "@c:hs:8448"]);
        for strange in [json!(null), json!({ "m.mentions": [] }), json!({ "m.mentions": { "user_ids": "x" } })] {
            assert_eq!(users(&strange, &[]), Vec::<OwnedUserId>::new());
        }
    }
}
