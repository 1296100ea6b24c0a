//! Drafts, and the lists that are chosen from.

super::messages! {
    help_link();
    help_block();
    help_add();
    help_send();
    help_drop();
    add_empty();
    draft_title(agent);
    draft_hint();
    draft_unknown(names);
    draft_sent(agent);
    draft_dropped(agent);
    draft_moved(agent);
    draft_none();
    draft_not_yours(agent, owner);
    draft_words_only(agent);
    draft_too_long();
    list_links();
    list_links_hint();
    list_blocks();
    list_blocks_hint();
    list_more(number);
    list_number(most);
    list_gone();
    list_old();
    list_empty();
    list_nothing(words);
    list_not_searched(reason);
}
