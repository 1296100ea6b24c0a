# The commands. Each `help_…` begins with the command as it is typed: its word is the same in every language.

help_accept = !accept – accept this ticket (the same as ✅ on the offer)
help_close = !close – close this ticket; its room is locked
help_help = !help – this list
help_invite = !invite – invite customers who have left the ticket's room once more
help_language = !language – choose the language that I write in
help_note = !note text – write an internal note (in the offer's thread plain text is one, too)
help_release = !release – give this ticket back, so that somebody else can accept it
help_reopen = !reopen – open this ticket again; its room is unlocked
help_retry = !retry – try again what could not be delivered in this ticket
help_title = Ticket #{ $number }: you can use
help_speaking = What you write in the ticket room goes to the customer.
help_for_desk = Every ticket of this desk is offered here. ✅ on an offer accepts the ticket; everything else is done in the offer's thread: write !help there.
accept_first = { $agent }: Please accept the ticket first (✅ on its offer, or !accept).
already_yours = { $agent }: you have accepted this ticket already.
faster = { $agent }: { $winner } was faster and has this ticket now.
not_yours = { $agent }: this ticket belongs to { $owner }.
note_empty = Write the note behind the command, for example: !note Customer has been called.
is_closed = This ticket is closed. Reopen it first (!reopen).
is_open = This ticket is open already.
thread_only = Please write this in the thread of a ticket's offer, so that I know which ticket you mean.
unknown_command = I don't know !{ $word }. !help lists what you can do.
retrying = I am trying again what could not be delivered in this ticket.
language_name = English
language_list = I write to you in { $current }. You can choose:
    { $list }
language_set = From now on I write to you in { $name }.
language_unknown = I don't speak that language. You can choose:
    { $list }
