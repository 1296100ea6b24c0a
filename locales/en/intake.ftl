# What is said at the doors of intake codes, where a quota is used up, and when a customer takes a ticket back.

# What the contact user of a code is called.
contact = Support
contact_of_device = { $device } – Support
greeting_device = Hello! This is the support for “{ $device }”. Write here what it is about, and I will open a ticket and invite you to its room.
code_disabled = This code is no longer in use. Please use another one, or write to { $bot }.
quota_tickets = { $count ->
    [one] You have opened a ticket within the last hour, and I may open no more for you in that time.
   *[other] You have opened { $count } tickets within the last hour, and I may open no more for you in that time.
} What you write here meanwhile is not passed on: please write in the room of one of your tickets, or come back later.
quota_open = { $count ->
    [one] A ticket of yours is open, and I may open no other one.
   *[other] { $count } tickets of yours are open, and I may open no more.
} What you write here meanwhile is not passed on: please write in the room of one of your tickets.
quota_server = So many tickets were opened from your homeserver within the last hour that I may open no more now. What you write here meanwhile is not passed on: please come back later, or use another way to reach us.
quota_rooms = So many chats were begun within the last hour that I may begin no more now. Please come back later, or use another way to reach us.
block_shown = The customer was shown this when the ticket was opened:
help_cancel = !cancel – take this ticket back (as long as nobody has accepted it)
cancelled = { $name } has taken this ticket back.
cancelled_note = { $name } has taken this ticket back in Matrix (!cancel).
cancel_accepted = { $name } has accepted this ticket already, so it can't be taken back any more. Please write here that you don't need it.
cancel_refused = The ticket could not be taken back: { $reason }
