# What is said in the ticket's room.

welcome = This is the room of ticket #{ $number }. What is written here is part of the ticket.
closed = This ticket was closed. Nobody can write here any more.
reopened = This ticket was reopened. You can write here again.
# The helpdesk's own words, as its pages show them. A language, or an override, may have others for those that it knows.
status_name = { $label }
priority_name = { $label }
status = The ticket's status is now “{ $label }”.
owner = { $name } now takes care of this ticket.
no_owner = This ticket waits for someone to take care of it again.
priority = The ticket's priority is now { $label }.
no_priority = The ticket has no special priority any more.
desk = The ticket was handed over to “{ $name }”.
title = The ticket's subject is now “{ $title }”.
no_edits = Messages here can't be edited, so your change was undone. Please send a new message instead.
edit_reason = Messages of a ticket can't be edited
command_reason = Command carried out
link_reason = Written again with the link
help_for_customer = What you write here goes into ticket #{ $number }, and whoever takes care of it answers here. Messages can't be edited or deleted. When the ticket is closed, this room is locked.
help_for_customer_closed = Ticket #{ $number } is closed. Write to me directly to open another one.
