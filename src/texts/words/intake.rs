//! What is said at the doors of intake codes, where a quota is used up, and when a customer takes a ticket back.

super::messages! {
    contact();
    contact_of_device(device);
    greeting_device(device);
    code_disabled(bot);
    quota_tickets(count);
    quota_open(count);
    quota_server();
    quota_rooms();
    block_shown();
    help_cancel();
    cancelled(name);
    cancelled_note(name);
    cancel_accepted(name);
    cancel_refused(reason);
}
