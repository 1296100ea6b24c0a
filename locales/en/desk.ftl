# What is said to agents, in the desk's room.

card_customer = Customer
unnamed = Customer
card_priority = Priority
card_link = Open in the helpdesk
card_free = ✅ accepts it. Everything else happens in this message's thread: !help
card_closed = This ticket is closed. !reopen in the thread opens it again.
accepted = { $name } has accepted this ticket.
released = { $name } has given this ticket back. ✅ on the offer accepts it.
free_again = Nobody owns this ticket any more. ✅ on the offer accepts it.
closed_in_thread = Closed.
reopened_in_thread = Reopened.
moved_thread = Handed over to “{ $name }”; the offer is in that desk's room now.
not_an_agent = You are not set up as an agent of this desk. Ask the administrator to add you to “agents” in the configuration.
refused = Sorry: the helpdesk refused: { $reason }
refused_agent = { $agent }: the helpdesk refused: { $reason }
not_invited = { $user } could not be invited to the ticket's room: { $reason }
not_locked = The room could not be locked: { $reason }
not_levelled = Who may write in the room could not be changed: { $reason }
removed_agent = You are no longer one of the agents.
not_removed = A message could not be removed from the room: { $reason }
not_said = What was written in somebody's name could not be said in the room: { $reason }
message_not_read = A message of this ticket in the helpdesk could not be read, so that the room does not show it; !retry tries again: { $reason }
not_looked_at = How the ticket is now could not be read from the helpdesk, so that the room may not show it; !retry tries again: { $reason }
not_read = Ticket #{ $number } could not be read from the helpdesk, and has no room here; an administrator can try it again (ticketroom dead-letters): { $reason }
about_ticket = “{ $title }”: { $text }
