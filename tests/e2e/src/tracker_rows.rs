//! What Request Tracker holds, read from its database: its own interface takes half a second of a core for each look.

use std::process::Command;

use serde_json::Value;

use crate::sqlite;
use crate::tracker::Tracker;

/// One entry of a ticket's history.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `Create`, `Correspond`, `Comment`, `Status`, `Set` …
    pub kind: String,
    pub field: String,
    pub new: String,
    /// The real name of who did it.
    pub by: String,
    pub login: String,
    pub body: String,
}

impl Tracker {
    fn rows(&self, sql: &str) -> Result<Vec<Value>, String> {
        sqlite::rows(&self.folder.join("rt.sqlite3"), sql)
    }

    /// All tickets, oldest first.
    pub fn tickets(&self) -> Vec<u64> {
        let rows = self.rows("select id from Tickets order by id").expect("the database answers");
        rows.iter().filter_map(|row| row["id"].as_u64()).collect()
    }

    pub fn ticket_by_subject(&self, subject: &str) -> Result<u64, String> {
        let rows = self.rows("select id, Subject from Tickets order by id")?;
        let found: Vec<_> = rows.iter().filter(|row| row["Subject"] == subject).collect();
        match found.as_slice() {
            [one] => one["id"].as_u64().ok_or_else(|| "an id that is no number".to_owned()),
            _ => Err(format!("{} tickets of that subject among {rows:?}", found.len())),
        }
    }

    pub fn queue(&self, name: &str) -> u64 {
        let rows = self.rows("select id, Name from Queues").expect("the database answers");
        let found = rows.iter().find(|row| row["Name"] == name).and_then(|row| row["id"].as_u64());
        found.unwrap_or_else(|| panic!("no queue '{name}' in {rows:?}"))
    }

    /// Status, owner's login, subject, queue's name, priority.
    pub fn ticket(&self, ticket: u64) -> Result<Value, String> {
        let sql = format!(
            "select t.Subject subject, t.Status status, u.Name owner, q.Name queue, t.Priority priority \
             from Tickets t join Users u on u.id = t.Owner join Queues q on q.id = t.Queue where t.id = {ticket}"
        );
        self.rows(&sql)?.pop().ok_or_else(|| format!("no ticket {ticket}"))
    }

    pub fn requestors(&self, ticket: u64) -> Vec<(String, String)> {
        let sql = format!(
            "select u.Name login, u.RealName name from Groups g join GroupMembers m on m.GroupId = g.id \
             join Users u on u.id = m.MemberId \
             where g.Domain = 'RT::Ticket-Role' and g.Name = 'Requestor' and g.Instance = {ticket}"
        );
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let rows = self.rows(&sql).expect("the database answers");
        rows.iter().map(|row| (text(&row["login"]), text(&row["name"]))).collect()
    }

    pub fn history(&self, ticket: u64) -> Vec<Entry> {
        let sql = format!(
            "select t.Type kind, t.Field field, t.NewValue new, u.Name login, u.RealName name, \
             a.Content body, a.ContentEncoding encoding \
             from Transactions t join Users u on u.id = t.Creator left join Attachments a on a.id = \
             (select min(id) from Attachments where TransactionId = t.id and ContentType like 'text/%' \
              and coalesce(Filename, '') = '') \
             where t.ObjectType = 'RT::Ticket' and t.ObjectId = {ticket} order by t.id"
        );
        let text = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let entry = |row: &Value| Entry {
            kind: text(&row["kind"]),
            field: text(&row["field"]),
            new: text(&row["new"]),
            by: text(&row["name"]),
            login: text(&row["login"]),
            body: match row["encoding"].as_str() {
                Some("quoted-printable") => {
                    String::from_utf8_lossy(&unquoted(text(&row["body"]).as_bytes())).into_owned()
                }
                _ => text(&row["body"]),
            },
        };
        self.rows(&sql).expect("the database answers").iter().map(entry).collect()
    }

    /// What Ticketroom's seed makes, or might make twice.
    pub fn set_up(&self) -> Vec<String> {
        let sql = "select 'field ' || Name what from CustomFields union all select 'scrip ' || Description from Scrips \
                   union all select 'user ' || Name from Users union all select 'class ' || Name from Classes \
                   union all select 'right ' || RightName || ' of ' || PrincipalId || ' on ' || ObjectType || ObjectId from ACL \
                   union all select 'token ' || Description from AuthTokens union all select 'applied ' || CustomField || ' to ' || ObjectId \
                   from ObjectCustomFields order by 1";
        let rows = self.rows(sql).expect("the database answers");
        rows.iter().filter_map(|row| row["what"].as_str().map(str::to_owned)).collect()
    }

    /// The id that a mail about the message with these words bears.
    pub fn sent_id(&self, ticket: u64, words: &str) -> String {
        let sql = format!(
            "select a.Headers headers from Transactions t join Attachments a on a.TransactionId = t.id \
             where t.ObjectType = 'RT::Ticket' and t.ObjectId = {ticket} and a.Content like '%{words}%'"
        );
        let rows = self.rows(&sql).expect("the database answers");
        let headers = rows.iter().filter_map(|row| row["headers"].as_str());
        let id = headers.flat_map(str::lines).find_map(|line| line.strip_prefix("RT-Message-ID: "));
        // Made by the fourth Scrip, as its first mail.
        id.unwrap_or_else(|| panic!("no id among {rows:#?}")).trim().replace("-0-0@", "-4-1@")
    }

    /// Takes a ticket away behind Request Tracker's back, or puts it back as it was.
    pub fn hide(&self, ticket: u64, hidden: bool) {
        let away = 1_000_000 + ticket;
        let (from, to) = if hidden { (ticket, away) } else { (away, ticket) };
        let output = Command::new("sqlite3")
            .args(["-cmd", ".timeout 10000"])
            .arg(self.folder.join("rt.sqlite3"))
            .arg(format!("update Tickets set id = {to} where id = {from}; select changes()"))
            .output()
            .expect("sqlite3 is there: run scripts/install");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "1", "{output:?}");
    }

    /// Addresses of elsewhere that a ticket refers to.
    pub fn links(&self, ticket: u64) -> Vec<String> {
        let sql = format!(
            "select Target from Links where Type = 'RefersTo' and LocalBase = {ticket} and LocalTarget = 0 order by id"
        );
        let rows = self.rows(&sql).expect("the database answers");
        rows.iter().filter_map(|row| row["Target"].as_str().map(str::to_owned)).collect()
    }

    pub fn file_names(&self, ticket: u64) -> Vec<String> {
        let sql = format!(
            "select a.Filename name from Attachments a join Transactions t on t.id = a.TransactionId \
             where t.ObjectType = 'RT::Ticket' and t.ObjectId = {ticket} and coalesce(a.Filename, '') != ''"
        );
        let rows = self.rows(&sql).expect("the database answers");
        rows.iter().filter_map(|row| row["name"].as_str().map(str::to_owned)).collect()
    }

    /// The files of a ticket, oldest first: name, media type, bytes.
    pub fn files(&self, ticket: u64) -> Vec<(String, String, Vec<u8>)> {
        let sql = format!(
            "select a.Filename name, a.ContentType type, hex(a.Content) content, a.ContentEncoding encoding \
             from Attachments a join Transactions t on t.id = a.TransactionId \
             where t.ObjectType = 'RT::Ticket' and t.ObjectId = {ticket} and coalesce(a.Filename, '') != '' order by a.id"
        );
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let bytes = |hex: &str| -> Vec<u8> {
            let pairs = hex.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned());
            pairs.map(|pair| u8::from_str_radix(&pair, 16).expect("hex")).collect()
        };
        let rows = self.rows(&sql).expect("the database answers");
        let whole = |row: &Value| match row["encoding"].as_str() {
            Some("base64") => from_base64(&bytes(&text(&row["content"]))),
            Some("quoted-printable") => unquoted(&bytes(&text(&row["content"]))),
            _ => bytes(&text(&row["content"])),
        };
        rows.iter().map(|row| (text(&row["name"]), text(&row["type"]), whole(row))).collect()
    }

    /// What can be read in a ticket: its first message, replies and comments.
    pub fn words(&self, ticket: u64) -> Vec<Entry> {
        let mut history = self.history(ticket);
        history.retain(|entry| ["Create", "Correspond", "Comment"].contains(&entry.kind.as_str()));
        history
    }
}

fn from_base64(text: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for value in text.iter().filter_map(|letter| LETTERS.iter().position(|known| known == letter)) {
        bits = bits << 6 | u32::try_from(value).expect("six bits");
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    bytes
}

/// Request Tracker keeps characters beyond the basic plane so, where its database might not take them.
fn unquoted(mut rest: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some((&byte, behind)) = rest.split_first() {
        let code = behind.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        rest = match (byte, code) {
            (b'=', Some(code)) => {
                bytes.push(code);
                &behind[2..]
            }
            (b'=', None) if behind.first() == Some(&b'\n') => &behind[1..],
            _ => {
                bytes.push(byte);
                behind
            }
        };
    }
    bytes
}
