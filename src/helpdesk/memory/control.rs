//! Lets the benchmark's driver, another process, do to the helpdesk in memory what its agents would: a small listener on
//! this machine only, started where `helpdesk.memory.control_port` is set.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use ruma::UserId;
use serde::{Deserialize, Serialize};

use super::{Content, MemoryHelpdesk, Stored};
use crate::model::{Failure, TicketId};

type Shared = Arc<MemoryHelpdesk>;
type Refused = (StatusCode, String);

/// Listens until the program ends.
pub fn start(helpdesk: Shared, port: u16) -> anyhow::Result<()> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("can't listen on 127.0.0.1:{port} for helpdesk.memory.control_port"))?;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router(helpdesk)).await {
            tracing::error!(%error, "the control listener of the helpdesk in memory ended");
        }
    });
    Ok(())
}

fn router(helpdesk: Shared) -> Router {
    Router::new()
        .route("/tickets", post(stock))
        .route("/tickets/{id}/messages", get(messages))
        .route("/replies", post(reply))
        .route("/hanging", post(hanging))
        .route("/count", get(count))
        .route("/files", get(files).post(attach))
        .with_state(helpdesk)
}

#[derive(Deserialize)]
struct Stock {
    count: usize,
    /// The customer's Matrix id, `{}` standing for the ticket's number.
    customer: String,
}

/// Tickets that were there before anybody looked: no change tells of them.
async fn stock(State(helpdesk): State<Shared>, Json(stock): Json<Stock>) -> Result<(), Refused> {
    for _ in 0..stock.count {
        let number = helpdesk.ticket_count() + 1;
        let customer = UserId::parse(stock.customer.replace("{}", &number.to_string())).map_err(refused)?;
        helpdesk.stock_ticket(&customer, &format!("Ticket {number}")).map_err(failed)?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Replies {
    login: String,
    /// Each message's ticket and text.
    messages: Vec<(TicketId, String)>,
}

async fn reply(State(helpdesk): State<Shared>, Json(replies): Json<Replies>) -> Result<(), Refused> {
    for (ticket, text) in &replies.messages {
        helpdesk.reply_as_agent(ticket, &replies.login, text).map_err(failed)?;
    }
    Ok(())
}

/// A file on this machine's disk that an agent attaches.
#[derive(Deserialize)]
struct Attached {
    ticket: TicketId,
    login: String,
    name: String,
    media_type: String,
    path: PathBuf,
}

async fn attach(State(helpdesk): State<Shared>, Json(file): Json<Attached>) -> Result<(), Refused> {
    let stored = Stored { name: file.name, media_type: file.media_type, content: Content::Path(file.path) };
    helpdesk.reply_with_files(&file.ticket, &file.login, "", vec![stored]).map(drop).map_err(failed)
}

/// Names of all files that messages brought, from either side.
async fn files(State(helpdesk): State<Shared>) -> Json<Vec<String>> {
    Json(helpdesk.file_names())
}

#[derive(Deserialize)]
struct Hanging {
    hanging: bool,
}

async fn hanging(State(helpdesk): State<Shared>, Json(hanging): Json<Hanging>) {
    helpdesk.set_hanging(hanging.hanging);
}

#[derive(Serialize)]
struct Count {
    messages: usize,
}

async fn count(State(helpdesk): State<Shared>) -> Json<Count> {
    Json(Count { messages: helpdesk.message_count() })
}

/// Of each message that came from Matrix the event's id, in the ticket's order.
async fn messages(State(helpdesk): State<Shared>, Path(id): Path<String>) -> Json<Vec<String>> {
    let messages = helpdesk.messages_of(&TicketId::new(id));
    Json(messages.into_iter().filter_map(|message| message.marker).map(|marker| marker.to_string()).collect())
}

fn refused(error: impl std::fmt::Display) -> Refused {
    (StatusCode::BAD_REQUEST, error.to_string())
}

fn failed(failure: Failure) -> Refused {
    (StatusCode::CONFLICT, failure.reason)
}
