//! Carries out the effects that the helpdesk is needed for. No helpdesk knows idempotency keys, so a write that may
//! have happened is looked up by its marker before it is repeated.

use super::blame::Blamed;
use super::engine::Engine;
use crate::crash;
use crate::helpdesk::{NewMessage, NewTicket};
use crate::model::{Effect, Failure, Outcome, Side};

/// How long a ticket may be known to the helpdesk as ours and not yet to us, milliseconds.
const OPENING_MS: i64 = 10 * 60 * 1000;

impl Engine {
    /// What was looked for and is not there may be on its way: it is looked for again, and repeated only when it can't be.
    fn may_be_repeated(&self, age_ms: i64) -> Result<(), Failure> {
        match self.may_still_be_written(age_ms) {
            true => Err(Failure::not_yet("it is not there, and may still be being written")),
            false => Ok(()),
        }
    }

    /// `uncertain`: an earlier attempt may have had its effect.
    pub(super) async fn to_helpdesk(&self, effect: &Effect, uncertain: bool, age_ms: i64) -> Result<Outcome, Blamed> {
        let helpdesk = &self.helpdesk;
        match effect {
            Effect::CreateTicket { desk, customer, customer_name, title, body, marker, particulars, .. } => {
                let found = if uncertain { helpdesk.find_ticket(marker).await? } else { None };
                if uncertain && found.is_none() {
                    self.may_be_repeated(age_ms)?;
                }
                crash::point("before-ticket");
                let (ticket, refused) = match found {
                    Some(ticket) => (ticket, self.refused_before(effect).await?),
                    None => {
                        let mut parcel = self.pack(effect).await?;
                        let ticket = loop {
                            if parcel.holds_nothing(body) {
                                return Ok(Outcome::Without { refused: parcel.refused, done: None });
                            }
                            let new = NewTicket {
                                desk: desk.clone(),
                                customer: customer.clone(),
                                customer_name: customer_name.clone(),
                                title: title.clone(),
                                body: body.clone(),
                                files: parcel.files(),
                                marker: marker.clone(),
                                particulars: particulars.clone(),
                            };
                            // Another call may have been told so while this was looked for and fetched.
                            self.leave_alone(Side::Helpdesk)?;
                            match helpdesk.create_ticket(&new).await {
                                Err(failure) if parcel.gets_smaller(&failure) => {}
                                made => break made?,
                            }
                        };
                        (ticket, parcel.refused)
                    }
                };
                crash::point("ticket-made");
                let read = match self.leave_alone(Side::Helpdesk) {
                    Ok(()) => helpdesk.ticket(&ticket).await,
                    Err(failure) => Err(failure),
                };
                match read {
                    Ok(Some(snapshot)) => Ok(Outcome::Ticket(Box::new(snapshot)).without(refused)),
                    // It was made: the next attempt has to find it, not to make another one.
                    Ok(None) => {
                        Err(Failure::uncertain("the new ticket cannot be read: may the bridge see its queue?").into())
                    }
                    Err(failure) => Err(failure.behind_what_was_done().into()),
                }
            }
            Effect::Post { ticket, author, visibility, body, marker, .. } => {
                if uncertain {
                    crash::point("before-look-up");
                    if helpdesk.find_message(ticket, marker).await?.is_some() {
                        crash::point("looked-up-and-found");
                        return Ok(Outcome::Ok.without(self.refused_before(effect).await?));
                    }
                    self.may_be_repeated(age_ms)?;
                    crash::point("looked-up-and-missing");
                }
                let mut parcel = self.pack(effect).await?;
                loop {
                    if parcel.holds_nothing(body) {
                        return Ok(Outcome::Without { refused: parcel.refused, done: None });
                    }
                    let new = NewMessage {
                        ticket: ticket.clone(),
                        author: author.clone(),
                        visibility: *visibility,
                        body: body.clone(),
                        files: parcel.files(),
                        marker: marker.clone(),
                    };
                    self.leave_alone(Side::Helpdesk)?;
                    match helpdesk.post(&new).await {
                        Err(failure) if parcel.gets_smaller(&failure) => {}
                        Err(failure) => return Err(failure.into()),
                        Ok(_) => return Ok(Outcome::Ok.without(parcel.refused)),
                    }
                }
            }
            Effect::Accept { ticket, login, .. } => Ok(Outcome::Acceptance(helpdesk.accept(ticket, login).await?)),
            Effect::Release { ticket, login } => Ok(Outcome::Ticket(Box::new(helpdesk.release(ticket, login).await?))),
            Effect::SetClosed { ticket, closed } => {
                Ok(Outcome::Ticket(Box::new(helpdesk.set_closed(ticket, *closed).await?)))
            }
            Effect::Cancel { ticket, .. } => Ok(Outcome::Cancellation(helpdesk.cancel(ticket).await?)),
            Effect::LinkRoom { ticket, room } => {
                helpdesk.link_room(ticket, room.matrix_to_uri().to_string().as_str()).await?;
                Ok(Outcome::Ok)
            }
            Effect::AttachLink { ticket, url } => {
                helpdesk.attach_link(ticket, url).await?;
                Ok(Outcome::Ok)
            }
            Effect::LookAt { ticket, .. } => match helpdesk.ticket(ticket).await? {
                None => Ok(Outcome::NoTicket),
                Some(snapshot) => {
                    let known = self.known.ticket(ticket).await.map_err(|error| Failure::retry(error.to_string()))?;
                    if snapshot.marker.is_some() && known.is_none() && age_ms < OPENING_MS {
                        return Err(Failure::not_yet("this ticket is being opened by us").into());
                    }
                    Ok(Outcome::Ticket(Box::new(snapshot)))
                }
            },
            Effect::Search { ticket, search, .. } => {
                let desk = self.known.ticket(ticket).await.map_err(|error| Failure::retry(error.to_string()))?;
                let desk = desk.map(|ticket| ticket.snapshot.desk.clone());
                // An agent waits in front of it: what the configuration has is better than an answer in an hour.
                Ok(match helpdesk.search(search, desk.as_ref()).await {
                    Ok(articles) => Outcome::Found { articles, failure: None },
                    Err(failure) => Outcome::Found { articles: Vec::new(), failure: Some(failure.why) },
                })
            }
            Effect::FetchMessage { ticket, message } => Ok(match helpdesk.message(ticket, message).await? {
                Some(message) => Outcome::Message(Box::new(message)),
                None => Outcome::NoTicket,
            }),
            _ => Err(Failure::dead("this effect is not for the helpdesk").into()),
        }
    }
}
