# What stands in a ticket for what is not just words.

sticker = [Sticker: { $shows }]
sticker_of_nothing = [Sticker]
location = [Location]
poll = [Poll]
poll_votes = Votes are seen in the Matrix room only.
other_kind = [A message of a kind that can't be shown here. It says:]
the_helpdesk = the helpdesk
