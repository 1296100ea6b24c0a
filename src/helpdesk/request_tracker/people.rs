//! Users of Request Tracker as persons: by number, with a name fit to be shown, and the Matrix account they name.

use std::time::Duration;

use ruma::{OwnedUserId, UserId};
use serde_json::json;

use super::cache::Cache;
use super::client::Client;
use super::wire::{List, User};
use crate::model::{Failure, Person, PersonId, is_login};
use crate::text::clean_name;

/// Custom field of users that names their Matrix account; only those with AdminUsers may set it.
pub(super) const MATRIX_ID: &str = "Matrix ID";

#[derive(Clone)]
pub(super) struct Known {
    pub person: Person,
    pub is_agent: bool,
}

pub(super) struct People {
    by_id: Cache<u64, Known>,
    /// Customers by their Matrix account.
    customers: Cache<OwnedUserId, Customer>,
    /// Whether there is a user of this login.
    logins: Cache<String, bool>,
    names: Names,
}

/// What people are called where Request Tracker has no name for them, or is not asked.
pub(super) struct Names {
    /// Who has no name but their mail address.
    pub unnamed: String,
    /// Agents' logins and names: as the configuration has these, customers read them everywhere.
    pub agents: Vec<(String, String)>,
}

impl Names {
    fn of_agent(&self, login: &str) -> Option<&String> {
        self.agents.iter().find(|(agent, _)| is_login(agent, login)).map(|(_, name)| name)
    }
}

/// The user who stands for a Matrix account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Customer {
    /// The only way in which Request Tracker is told of watchers: a name it takes for a list of names, addresses and
    /// groups, and a server elsewhere gives its users whatever names it likes (`@x,root,y:server`).
    pub id: u64,
    pub login: String,
}

impl People {
    pub fn new(names: Names) -> Self {
        let age = Duration::from_secs(300);
        Self {
            by_id: Cache::new(10_000, age),
            customers: Cache::new(10_000, age),
            logins: Cache::new(10_000, age * 2),
            names,
        }
    }

    /// Asks once in a while; a person that can't be read (any more) is shown as what the number says.
    pub async fn by_id(&self, client: &Client, id: u64) -> Result<Known, Failure> {
        if let Some(known) = self.by_id.get(&id) {
            return Ok(known);
        }
        let answer = client.get(&["user", &id.to_string()], &[]).await?;
        let mut user = if answer.is_missing() { User::default() } else { answer.ok::<User>()? };
        user.id = id;
        let known = Known { person: self.person(&user), is_agent: user.privileged };
        self.by_id.put(id, known.clone());
        Ok(known)
    }

    pub fn person(&self, user: &User) -> Person {
        person(user, &self.names)
    }

    /// The user who stands for this Matrix account, made where there is none.
    pub async fn customer(&self, client: &Client, matrix: &UserId, name: &str) -> Result<Customer, Failure> {
        if let Some(customer) = self.customers.get(&matrix.to_owned()) {
            return Ok(customer);
        }
        // Request Tracker would take it, and from then on fail to show whatever that user is in.
        if matrix.as_str().chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
            return Err(Failure::dead("the Matrix id of its author holds control characters"));
        }
        let customer = match find(client, matrix).await? {
            Some(customer) => customer,
            None => create(client, matrix, name).await?,
        };
        self.customers.put(matrix.to_owned(), customer.clone());
        Ok(customer)
    }

    /// Whether there is a user of this login: in the name of nobody else the Scrip can write.
    pub async fn knows(&self, client: &Client, login: &str) -> Result<bool, Failure> {
        if let Some(known) = self.logins.get(&login.to_owned()) {
            return Ok(known);
        }
        let known = number_of(client, login).await?.is_some();
        self.logins.put(login.to_owned(), known);
        if !known {
            // Without the login: it may be a mail address.
            tracing::warn!(
                "an agent's login is none of Request Tracker's, so that their name stands in front of what they write; \
                 `ticketroom check` says whose"
            );
        }
        Ok(known)
    }

    /// For when Request Tracker no longer knows that user.
    pub fn forget_customer(&self, matrix: &UserId) {
        self.customers.forget(&matrix.to_owned());
    }
}

/// The user of this login, disabled or not. By a search: a path takes a login of digits for a number.
pub(super) async fn number_of(client: &Client, login: &str) -> Result<Option<u64>, Failure> {
    let filter = json!([{ "field": "Name", "operator": "=", "value": login }]);
    let query = [("fields", "id,Name"), ("find_disabled_rows", "1")];
    let found: List<User> = client.search(&["users"], &query, &filter).await?.ok()?;
    let mut same = found.into_iter().filter(|user| user.id > 0 && is_login(&user.name, login));
    Ok(same.next().map(|user| user.id))
}

async fn find(client: &Client, matrix: &UserId) -> Result<Option<Customer>, Failure> {
    // First who names the account, then who bears it as name: the same order in which persons are read.
    for field in [format!("CF.{{{MATRIX_ID}}}"), "Name".to_owned()] {
        let filter = json!([{ "field": field, "operator": "=", "value": matrix.as_str() }]);
        let fields = [("fields", "id,Name,RealName,CustomFields"), ("per_page", "100")];
        let found: List<User> = client.search(&["users"], &fields, &filter).await?.ok()?;
        // The database compares without case, Matrix does not.
        let mut same = found.into_iter().filter(|user| user.id > 0 && self::matrix(user).as_deref() == Some(matrix));
        if let Some(user) = same.next() {
            return Ok(Some(Customer { id: user.id, login: user.name }));
        }
    }
    Ok(None)
}

async fn create(client: &Client, matrix: &UserId, name: &str) -> Result<Customer, Failure> {
    // Without an address Request Tracker sends no mail to them.
    let body = json!({ "Name": matrix.as_str(), "RealName": clean_name(name), "Privileged": 0 });
    let answer = client.post(&["user"], &body).await.map_err(|failure| {
        // Making a user twice is refused, so that trying again is harmless.
        if failure.is_uncertain() { Failure::retry(failure.reason) } else { failure }
    })?;
    let made = answer.body.get("id").and_then(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok()));
    if let Some(id) = made.filter(|id| *id > 0 && answer.status.is_success()) {
        return Ok(Customer { id, login: matrix.as_str().to_owned() });
    }
    match find(client, matrix).await? {
        Some(customer) => Ok(customer),
        None => Err(answer.refusal()),
    }
}

pub(super) fn person(user: &User, names: &Names) -> Person {
    Person {
        id: PersonId::new(user.id.to_string()),
        login: user.name.clone(),
        name: names.of_agent(&user.name).map_or_else(|| shown(user, &names.unnamed), |name| clean_name(name)),
        matrix: matrix(user),
    }
}

fn matrix(user: &User) -> Option<OwnedUserId> {
    let named = user.fields.iter().find(|field| field.name == MATRIX_ID).and_then(|field| field.values.first());
    let named = named.map(|value| value.trim()).filter(|value| !value.is_empty());
    UserId::parse(named.unwrap_or(&user.name)).ok()
}

/// Never a mail address: those are not for everybody in the room.
fn shown(user: &User, unnamed: &str) -> String {
    let real = user.real_name.trim();
    if !real.is_empty() && !holds_address(real) {
        return clean_name(real);
    }
    if let Ok(matrix) = UserId::parse(&user.name)
        && !holds_address(matrix.localpart())
    {
        return clean_name(matrix.localpart());
    }
    let login = user.name.trim();
    if login.is_empty() || holds_address(login) { unnamed.to_owned() } else { clean_name(login) }
}

/// A mail address, or a Matrix id, which would be taken for that person.
fn holds_address(text: &str) -> bool {
    let is_address = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).contains('@');
    text.split_whitespace().any(|word| is_address(word) || (word.starts_with('@') && word.contains(':')))
}

#[cfg(test)]
mod tests {
    use super::super::wire::CustomField;
    use super::*;

    fn user(name: &str, real: &str) -> User {
        User { id: 7, name: name.to_owned(), real_name: real.to_owned(), ..User::default() }
    }

    fn names() -> Names {
        let agents = vec![("asmith".to_owned(), "Anna".to_owned())];
        Names { unnamed: "Customer".to_owned(), agents }
    }

    #[test]
    fn an_agent_is_called_as_the_configuration_says() {
        for (login, real) in [("asmith", ""), ("ASmith", "Anna Maria Smith")] {
            assert_eq!(person(&user(login, real), &names()).name, "Anna", "{login} {real}");
        }
    }

    #[test]
    fn a_mail_address_is_never_shown() {
        for (name, real, shown) in [
            ("carla@example.org", "Carla", "Carla"),
            ("carla@example.org", "", "Customer"),
            ("carla@example.org", "carla@example.org", "Customer"),
            ("carla", "Carla <carla@example.org>", "carla"),
            ("@ada:hs.test", "", "ada"),
            ("@ada@example.org:hs.test", "", "Customer"),
            ("anna", "", "anna"),
            ("", "", "Customer"),
        ] {
            assert_eq!(person(&user(name, real), &names()).name, shown, "{name} {real}");
        }
    }

    #[test]
    fn the_matrix_account_is_what_the_record_names() {
        let mut carla = user("carla@example.org", "Carla");
        assert_eq!(person(&carla, &names()).matrix, None);
        carla.fields = vec![CustomField { name: MATRIX_ID.to_owned(), values: vec!["@carla:hs.test".to_owned()] }];
        assert_eq!(person(&carla, &names()).matrix.unwrap(), "@carla:hs.test");
        assert_eq!(person(&user("@ada:hs.test", ""), &names()).matrix.unwrap(), "@ada:hs.test");
    }
}
