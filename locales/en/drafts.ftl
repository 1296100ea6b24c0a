# Drafts, and the lists that are chosen from.

help_link = !link words – search articles; !link 3 puts the third into a draft, !link 3 | my words with other words
help_block = !block words – search building blocks; !block 3 puts the third into a draft
help_add = !add text – add text to the draft, or begin one with it
help_send = !send – send the draft to the customer (the same as ✅ on it)
help_drop = !drop – drop the draft (the same as ❌ on it)
add_empty = Write the text behind the command, for example: !add I will call you today.
draft_title = Draft of { $agent }, not sent yet:
draft_hint = ✅ or !send sends it to the customer, ❌ or !drop drops it. A reply to this message takes the place of the text; a reply that begins with + is added to it.
draft_unknown = I don't know what { $names } stands for in this ticket. Reply to the draft with the text as it should be; it can't be sent before.
draft_sent = Sent to the customer by { $agent }:
draft_dropped = Dropped by { $agent }:
draft_moved = The draft of { $agent } goes on in the thread that the ticket has now.
draft_none = There is no draft of yours. !link, !block or !add begins one.
draft_not_yours = { $agent }: this draft is { $owner }'s.
draft_words_only = { $agent }: a draft holds words and no files, so it was left as it is. Write the words as a message of their own, and send the file in the ticket's room.
draft_too_long = This would be too long for one message. Send the draft first, or make it shorter.
list_links = Articles:
list_links_hint = Tap a number, or write !link 1, or !link 1 | your own words. Nothing is sent before you send the draft.
list_blocks = Building blocks:
list_blocks_hint = Tap a number, or write !block 1. Nothing is sent before you send the draft.
list_more = { $number ->
    [one] One more is there: write a word behind the command to find it.
   *[other] { $number } more are there: write a word behind the command to find them.
}
list_number = { $most ->
    [one] The list has one entry only.
   *[other] The list goes from 1 to { $most }.
}
list_gone = There is no list to choose from. Search first, with a word behind the command.
list_old = This list is an old one. Search again to choose from a new one.
list_empty = There is nothing to choose from here.
list_nothing = Nothing was found for “{ $words }”.
list_not_searched = The helpdesk could not be searched: { $reason }
