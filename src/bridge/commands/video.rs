//! `!video`: opens a video session or shows the open one; `!video end` ends it.

use super::super::video;
use super::Command;

pub const COMMAND: Command = Command {
    word: "video",
    help: |words| words.help_video(),
    offered: |ticket, agent, settings| {
        !ticket.snapshot.status.closed && ticket.is_owned_by(agent) && video::allowed(settings, ticket).is_ok()
    },
    run: |context| {
        let rest = context.rest.to_lowercase();
        let ends = matches!(rest.as_str(), "end" | "stop" | "ende");
        // What is open is ended also where none may be opened any more.
        if !ends && let Err(off) = video::allowed(&context.view.settings, context.ticket) {
            return context.answer(&context.words().video_off(off.as_str()));
        }
        if context.ticket.snapshot.status.closed {
            return context.answer(&context.words().is_closed());
        }
        if let Some(refusal) = context.not_yours() {
            return refusal;
        }
        let event = &context.said.event;
        match rest.as_str() {
            _ if ends => video::end(context.agent, context.ticket, event, context.view),
            "" => video::open(context.agent, context.ticket, event, context.view),
            _ => context.answer(&context.words().help_video()),
        }
    },
};
