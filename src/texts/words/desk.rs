//! What is said to agents, in the desk's room.

super::messages! {
    card_customer();
    unnamed();
    card_priority();
    card_link();
    card_free();
    card_closed();
    accepted(name);
    released(name);
    free_again();
    closed_in_thread();
    reopened_in_thread();
    moved_thread(name);
    removed_agent();
    not_an_agent();
    refused(reason);
    refused_agent(agent, reason);
    not_invited(user, reason);
    not_locked(reason);
    not_levelled(reason);
    not_removed(reason);
    not_said(reason);
    message_not_read(reason);
    not_looked_at(reason);
    not_read(number, reason);
    about_ticket(title, text);
}
