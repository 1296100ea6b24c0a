//! What is said of files that were not carried.

super::messages! {
    /// At a message in Matrix; `reason` is one of those below.
    file_not_passed_on(name, reason);
    /// In the room, in place of the file.
    file_not_shown(name, reason);
    /// In the helpdesk, where it was attached.
    file_not_shown_to_customer(name, reason);
    file_too_large(size);
    file_not_allowed(what);
    /// Names of formats are the same in all languages; some are words.
    file_type_name(label);
    file_unknown();
    file_disguised(what, named);
    file_disguised_unknown(named);
    file_too_many_pixels();
    file_empty();
    file_gone();
    file_not_handed_over();
    file_beside_command();
    /// The name of a voice message as a file, without its ending.
    voice_message(length);
}
