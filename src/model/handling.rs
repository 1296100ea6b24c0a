//! How each effect is treated on its way: by which side, whether others wait for it, whether it may be given up.

use super::{Effect, File, Side};

/// What the keys of `FetchMessage` begin with.
pub const FETCH: &str = "fetch/";

impl Effect {
    /// `None`: it is done by the store alone.
    pub fn side(&self) -> Option<Side> {
        match self {
            Self::CreateTicketRoom { .. }
            | Self::CreateWaitingRoom { .. }
            | Self::Say(_)
            | Self::SayFile(_)
            | Self::React { .. }
            | Self::Redact { .. }
            | Self::Join { .. }
            | Self::Leave { .. }
            | Self::Decline { .. }
            | Self::LearnName { .. }
            | Self::ReadAnswered { .. }
            | Self::Invite { .. }
            | Self::InviteToDesk { .. }
            | Self::SetWidget { .. }
            | Self::AskForVideo { .. }
            | Self::BringGhost { .. }
            | Self::SetPowers { .. }
            | Self::Shelve { .. }
            | Self::LowPriority { .. }
            | Self::Kick { .. }
            | Self::SetHistory { .. }
            | Self::Replace { .. }
            | Self::Inspect { .. }
            | Self::MoveDesk { .. }
            | Self::Describe { .. } => Some(Side::Matrix),
            Self::CreateTicket { .. }
            | Self::Post { .. }
            | Self::Accept { .. }
            | Self::Release { .. }
            | Self::SetClosed { .. }
            | Self::Cancel { .. }
            | Self::LinkRoom { .. }
            | Self::AttachLink { .. }
            | Self::LookAt { .. }
            | Self::Search { .. }
            | Self::FetchMessage { .. } => Some(Side::Helpdesk),
            Self::RememberTicket(_)
            | Self::RememberRoom(_)
            | Self::RetryDeadLetters { .. }
            | Self::Admit { .. }
            | Self::RememberLanguage { .. }
            | Self::ForgetRoom { .. }
            | Self::Tell { .. } => None,
        }
    }

    /// Whether later facts of the lane wait until it is done: without its result they can't be understood.
    pub fn holds_lane(&self) -> bool {
        match self {
            Self::CreateTicketRoom { .. }
            | Self::CreateWaitingRoom { .. }
            | Self::CreateTicket { .. }
            | Self::LearnName { .. }
            | Self::ReadAnswered { .. } => true,
            Self::Say(speech) => speech.offer_of.is_some() || speech.prepares.is_some(),
            _ => false,
        }
    }

    /// A key of its own, where the same effect may be decided for several reasons and has to be done once.
    pub fn natural_key(&self) -> Option<String> {
        match self {
            Self::LookAt { ticket, batch } => Some(format!("look/{ticket}/{batch}")),
            Self::FetchMessage { ticket, message } => Some(format!("{FETCH}{ticket}/{message}")),
            _ => None,
        }
    }

    /// What has to be fetched from the other side before it can be carried out.
    pub fn files(&self) -> &[File] {
        match self {
            Self::CreateTicket { files, .. } | Self::Post { files, .. } => files,
            Self::SayFile(speech) => std::slice::from_ref(&speech.file),
            _ => &[],
        }
    }

    /// Whether it may be given up although it holds its lane: what comes after can do without it.
    pub fn can_be_done_without(&self) -> bool {
        match self {
            Self::Say(speech) => speech.offer_of.is_none(),
            Self::MoveDesk { .. } => false,
            Self::CreateTicket { .. } | Self::LearnName { .. } | Self::ReadAnswered { .. } => true,
            _ => !self.holds_lane(),
        }
    }

    /// Whether it is given up once it has waited for too long; what holds a lane is not, for nothing goes on without it.
    pub fn ages(&self) -> bool {
        !self.holds_lane() || matches!(self, Self::Say(speech) if speech.offer_of.is_none())
    }

    /// Whether the rules want to hear how it went even when it went well.
    pub fn wants_outcome(&self) -> bool {
        self.holds_lane()
            || matches!(self, Self::SayFile(speech) if speech.takes_the_place_of_an_event())
            || matches!(
                self,
                Self::Accept { .. }
                    | Self::AskForVideo { .. }
                    | Self::Inspect { .. }
                    | Self::Release { .. }
                    | Self::SetClosed { .. }
                    | Self::Cancel { .. }
                    | Self::LookAt { .. }
                    | Self::Search { .. }
                    | Self::FetchMessage { .. }
            )
    }

    /// Whether it only reads, so that repeating it is harmless and need not be written down before.
    pub fn is_read(&self) -> bool {
        matches!(self, Self::LookAt { .. } | Self::Search { .. } | Self::FetchMessage { .. })
    }
}
