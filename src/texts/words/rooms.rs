//! What is said when people come and go, and when rooms take each other's place.

super::messages! {
    /// In the thread.
    customer_left(name);
    customer_stays_away(name);
    customer_back(name);
    /// To `!invite`.
    invited();
    nobody_to_invite();
    invited_again(number);
    merged(number);
    merged_internal(number);
    merged_in_thread(number);
    merged_here(number);
    merged_here_internal(number);
    card_merged(number);
    welcome_internal(number);
    opened_at_door_internal(number);
    removed_internal();
    removed_dropped(number);
    customer_dropped(name);
    became_internal();
    became_public();
    card_internal();
    not_kicked(user, reason);
    history_not_set(reason);
    not_created(title, reason);
    upgrade_followed();
    upgrade_waiting();
    upgrade_powerless();
    upgrade_refused();
    /// In the room itself.
    desk_upgrade_followed();
    desk_upgrade_waiting();
    desk_upgrade_powerless();
    desk_upgrade_refused();
}
