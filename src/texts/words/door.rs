//! What is said to a customer before there is a ticket.

super::messages! {
    greeting();
    encrypted_door();
    encrypted_door_again();
    waiting_welcome();
    opened_at_door(number);
    /// At a command.
    room_only(word);
}
