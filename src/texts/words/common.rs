//! What is said everywhere.

super::messages! {
    wrote(name);
    /// The name of a room in which the first message becomes the ticket.
    waiting_room_name();
    desk_room_name(desk);
    /// The end of a message that is too long.
    rest_in_ticket();
    /// Stands for a message that is nothing but pictures of elsewhere.
    picture_in_ticket();
    undelivered(reason);
    /// Waits because the helpdesk is away, and then: arrived.
    message_waits();
    message_arrived();
    ticket_waits();
    /// The same in the other direction.
    answer_waits();
    answer_arrived();
    /// Why something was given up (`Words::why`). `side`: `helpdesk` or `homeserver`.
    reason_unreachable(side);
    reason_no_ticket();
    reason_setup();
    reason_too_large();
    reason_said(words);
    reason_other();
    undelivered_ticket(reason);
    undelivered_to_room(reason);
    /// `kind`: `Uncarried::as_str`.
    unsupported(kind);
    encrypted_room();
}
