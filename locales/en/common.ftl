# What is said everywhere.

wrote = { $name } wrote:
waiting_room_name = New ticket
desk_room_name = Desk: { $desk }
rest_in_ticket = (This message is too long for the room: the rest of it is in the ticket.)
picture_in_ticket = (A picture that is to be seen in the ticket only.)
undelivered = This message could not be delivered to the helpdesk: { $reason }
message_waits = This message is not delivered yet, because the helpdesk can't be reached. It is kept, and will be delivered as soon as possible, together with what you write meanwhile.
message_arrived = This message has been delivered now.
ticket_waits = Your message is kept, but the helpdesk can't be reached at the moment. Your ticket will be opened as soon as possible.
answer_waits = Ticketroom: the message before is not in the Matrix room yet, because the homeserver can't be reached. It will be delivered as soon as possible, together with what is written meanwhile.
answer_arrived = Ticketroom: the message that waited is in the Matrix room now.
reason_unreachable = { $side ->
    [homeserver] the homeserver could not be reached for too long.
   *[helpdesk] the helpdesk could not be reached for too long.
}
reason_no_ticket = the ticket is not there any more, or Ticketroom may not see it.
reason_setup = something is not set up as it has to be; `ticketroom check` tells the administrator what.
reason_too_large = it is too large for the helpdesk.
reason_said = “{ $words }”
reason_other = it was refused; the administrator finds out why with `ticketroom dead-letters`.
undelivered_ticket = Your ticket could not be opened: { $reason } Please try again later or use another way to reach us.
undelivered_to_room = Ticketroom: the message before could not be delivered to the Matrix room: { $reason }
unsupported = { $kind ->
    [picture] A picture
    [audio] An audio message
    [video] A video
    [file] A file
    [call] A call
   *[other] A message of this kind
} can't be carried into the ticket yet, so the helpdesk will not see this. Please write it as text.
encrypted_room = This message is encrypted and could not be delivered: I can't read encrypted messages yet.
