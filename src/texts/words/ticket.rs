//! What is said in the ticket's room.

super::messages! {
    welcome(number);
    closed();
    reopened();
    status(label);
    /// A status of the helpdesk, as people call it.
    status_name(label);
    owner(name);
    no_owner();
    priority(label);
    /// A priority of the helpdesk, as people call it.
    priority_name(label);
    no_priority();
    desk(name);
    title(title);
    no_edits();
    edit_reason();
    command_reason();
    link_reason();
    help_for_customer(number);
    help_for_customer_closed(number);
}
