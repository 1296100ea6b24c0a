# What is said when people come and go, and when rooms take each other's place.

customer_left = { $name } has left the ticket's room. The next answer invites them once more; if they write to me directly, they are invited again, too.
customer_stays_away = { $name } did not come back into the ticket's room. They read answers again once they write to me directly.
customer_back = { $name } is back in the ticket's room.
invited_again = This is now in ticket #{ $number }. You are invited to its room again, where we go on.
merged = This ticket was merged into ticket #{ $number }: we go on in that ticket's room. Nobody can write here any more.
merged_in_thread = This ticket was merged into #{ $number }; it goes on there.
merged_here = Ticket #{ $number } was merged into this one. Whoever was in its room is invited here.
card_merged = This ticket was merged into #{ $number }.
welcome_internal = This is the room of ticket #{ $number }. The ticket is internal: the customer is not here, and won't be able to read what is written here.
opened_at_door_internal = Thank you. This is ticket #{ $number } now. What you write here goes into it; you will be invited to its room as soon as it is open to you.
removed_internal = This ticket is dealt with internally for now. You will be invited again once that is over.
became_internal = This ticket is internal now: the customer was removed from this room, and won't be able to read what is written from here on.
became_public = This ticket is public now: the customer is invited, and reads what is written from here on.
card_internal = Internal: the customer does not see this ticket's room.
not_kicked = { $user } could not be removed from the internal ticket's room and may read what is written there: { $reason }
history_not_set = Who may read the room's past could not be changed: { $reason }
not_created = “{ $title }” waits for something that the homeserver keeps refusing. `ticketroom check` may tell why. It is tried again and again. The refusal: { $reason }
upgrade_followed = The ticket's room was upgraded. I have followed, and everybody is invited to the new one.
upgrade_waiting = Somebody upgrades the ticket's room. Please invite me to the new room and give me power level 100 there; until then I stay in the old one.
upgrade_powerless = Somebody upgrades the ticket's room, but I have no power in the new one. Please give me power level 100 there and invite me again; until then I stay in the old one.
upgrade_refused = Somebody says that another room takes the place of the ticket's room. It is not the successor of ours, so I don't follow: the old room stays the ticket's.
desk_upgrade_followed = This room was upgraded. I have followed: agents are invited to the new room, and each open ticket begins a new thread there.
desk_upgrade_waiting = Somebody upgrades this room. Please invite me to the new one and give me power level 100 there; until then I stay here.
desk_upgrade_powerless = Somebody upgrades this room, but I have no power in the new one. Please give me power level 100 there and invite me again; until then I stay here.
desk_upgrade_refused = Somebody says that another room takes the place of this one. It is not its successor, so I don't follow: everything goes on here.
