//! TicketSQL, as far as our adapter writes it: conditions on columns and custom fields, with AND, OR and parentheses.

use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    All(Vec<Query>),
    Any(Vec<Query>),
    Is { field: String, operator: String, value: String },
}

/// What a row has under a name, as text.
pub type Look<'a> = dyn Fn(&str) -> Vec<String> + 'a;

impl Query {
    pub fn parse(text: &str) -> Option<Self> {
        let words = words(text);
        let mut at = 0;
        let query = any(&words, &mut at)?;
        (at == words.len()).then_some(query)
    }

    /// The JSON of a search: conditions on the same field are alternatives.
    pub fn from_json(filter: &Value) -> Self {
        let mut fields: Vec<(String, Vec<Query>)> = Vec::new();
        for condition in filter.as_array().into_iter().flatten() {
            let text = |key: &str| match &condition[key] {
                Value::String(text) => text.clone(),
                Value::Null => "=".to_owned(),
                other => other.to_string(),
            };
            let is = Query::Is { field: text("field"), operator: text("operator"), value: text("value") };
            match fields.iter_mut().find(|(field, _)| *field == text("field")) {
                Some((_, alternatives)) => alternatives.push(is),
                None => fields.push((text("field"), vec![is])),
            }
        }
        Query::All(fields.into_iter().map(|(_, alternatives)| Query::Any(alternatives)).collect())
    }

    /// What a number must be at least for the query to hold.
    pub fn at_least(&self, of: &str) -> u64 {
        match self {
            Self::All(all) => all.iter().map(|query| query.at_least(of)).max().unwrap_or(0),
            Self::Any(any) => any.iter().map(|query| query.at_least(of)).min().unwrap_or(0),
            Self::Is { field, operator, value } if field == of => match (operator.as_str(), value.parse::<u64>()) {
                ("=", Ok(value)) => value,
                (">", Ok(value)) => value + 1,
                _ => 0,
            },
            Self::Is { .. } => 0,
        }
    }

    pub fn holds(&self, look: &Look<'_>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|query| query.holds(look)),
            Self::Any(any) => any.iter().any(|query| query.holds(look)),
            Self::Is { field, operator, value } => {
                let found = look(field);
                let compare = |found: &String| match (operator.as_str(), found.parse::<u64>(), value.parse::<u64>()) {
                    (">", Ok(found), Ok(value)) => found > value,
                    ("<", Ok(found), Ok(value)) => found < value,
                    ("STARTSWITH", ..) => found.starts_with(value.as_str()),
                    // The database compares without case.
                    ("=", ..) => found.eq_ignore_ascii_case(value),
                    _ => false,
                };
                match operator.as_str() {
                    "!=" => !found.iter().any(|found| found.eq_ignore_ascii_case(value)),
                    _ => found.iter().any(compare),
                }
            }
        }
    }
}

fn any(words: &[String], at: &mut usize) -> Option<Query> {
    let mut found = vec![all(words, at)?];
    while words.get(*at).is_some_and(|word| word == "OR") {
        *at += 1;
        found.push(all(words, at)?);
    }
    Some(if found.len() == 1 { found.remove(0) } else { Query::Any(found) })
}

fn all(words: &[String], at: &mut usize) -> Option<Query> {
    let mut found = vec![one(words, at)?];
    while words.get(*at).is_some_and(|word| word == "AND") {
        *at += 1;
        found.push(one(words, at)?);
    }
    Some(if found.len() == 1 { found.remove(0) } else { Query::All(found) })
}

fn one(words: &[String], at: &mut usize) -> Option<Query> {
    if words.get(*at)? == "(" {
        *at += 1;
        let inner = any(words, at)?;
        (words.get(*at)? == ")").then_some(())?;
        *at += 1;
        return Some(inner);
    }
    let [field, operator, value] = words.get(*at..*at + 3)? else { return None };
    *at += 3;
    let value = value.strip_prefix('\'').unwrap_or(value).to_owned();
    Some(Query::Is { field: field.clone(), operator: operator.clone(), value })
}

/// Texts keep their opening quote.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(&letter) = rest.peek() {
        let mut word = String::new();
        match letter {
            ' ' => {
                rest.next();
                continue;
            }
            '(' | ')' => word.extend(rest.next()),
            '\'' => {
                word.extend(rest.next());
                while let Some(letter) = rest.next() {
                    match letter {
                        '\\' => word.extend(rest.next()),
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            _ => {
                let mut in_braces = false;
                while let Some(&letter) = rest.peek() {
                    in_braces = (in_braces || letter == '{') && letter != '}';
                    if !in_braces && " ()'".contains(letter) {
                        break;
                    }
                    word.extend(rest.next());
                }
            }
        }
        words.push(word);
    }
    words
}
