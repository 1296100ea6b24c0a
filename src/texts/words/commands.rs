//! The commands: what each is for, and what is answered.

super::messages! {
    help_accept();
    help_close();
    help_help();
    help_invite();
    help_language();
    /// As those call it who speak it.
    language_name();
    language_list(current, list);
    language_set(name);
    language_unknown(list);
    help_note();
    help_release();
    help_reopen();
    help_retry();
    retrying();
    help_title(number);
    help_speaking();
    help_for_desk();
    accept_first(agent);
    already_yours(agent);
    faster(agent, winner);
    not_yours(agent, owner);
    note_empty();
    is_closed();
    is_open();
    thread_only();
    unknown_command(word);
}
