# What is said everywhere.

wrote = { $name } wrote:
waiting_room_name = New ticket
desk_room_name = Desk: { $desk }
rest_in_ticket = (This message is too long for the room: the rest of it is in the ticket.)
undelivered = This message could not be delivered to the helpdesk: { $reason }
undelivered_ticket = Your ticket could not be opened: { $reason } Please try again later or use another way to reach us.
undelivered_to_room = Ticketroom: the message before could not be delivered to the Matrix room: { $reason }
unsupported = { $kind ->
    [picture] A picture
    [audio] An audio message
    [video] A video
    [file] A file
   *[other] A message of this kind
} can't be carried into the ticket yet, so the helpdesk will not see this. Please write it as text.
encrypted_room = This message is encrypted and could not be delivered: I can't read encrypted messages yet.
