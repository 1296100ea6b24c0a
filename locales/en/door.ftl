# What is said to a customer before there is a ticket.

greeting = Hello! Write here what it is about, and I will open a ticket and invite you to its room.
encrypted_door = I can't read encrypted messages yet, so I have opened an unencrypted room for you: please accept the invitation and write there.
encrypted_door_again = I can't read this, since it is encrypted. There is an invitation to an unencrypted room from me: please accept it and write there.
waiting_welcome = Please write here what it is about. Your first message becomes the ticket.
opened_at_door = Thank you. This is ticket #{ $number } now; you are invited to its room, where we go on.
room_only = !{ $word } is for the room of a ticket: please write it there.
