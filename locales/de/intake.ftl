# Was an den Türen von Codes gesagt wird, wo ein Kontingent verbraucht ist, und wenn jemand ein Ticket zurücknimmt.

# So heißt der Kontakt eines Codes.
contact = Support
contact_of_device = { $device } – Support
greeting_device = Guten Tag! Hier ist der Support für „{ $device }“. Schreiben Sie hier, worum es geht: Ich eröffne dann ein Ticket und lade Sie in seinen Raum ein.
code_disabled = Dieser Code gilt nicht mehr. Bitte benutzen Sie einen anderen oder schreiben Sie an { $bot }.
quota_tickets = { $count ->
    [one] Sie haben in der letzten Stunde ein Ticket eröffnet; mehr darf ich in dieser Zeit nicht für Sie eröffnen.
   *[other] Sie haben in der letzten Stunde { $count } Tickets eröffnet; mehr darf ich in dieser Zeit nicht für Sie eröffnen.
} Was Sie hier inzwischen schreiben, wird nicht weitergegeben: Bitte schreiben Sie im Raum eines Ihrer Tickets oder kommen Sie später wieder.
quota_open = { $count ->
    [one] Ein Ticket von Ihnen ist offen; ein weiteres darf ich nicht eröffnen.
   *[other] { $count } Tickets von Ihnen sind offen; mehr darf ich nicht eröffnen.
} Was Sie hier inzwischen schreiben, wird nicht weitergegeben: Bitte schreiben Sie im Raum eines Ihrer Tickets.
quota_server = Von Ihrem Homeserver wurden in der letzten Stunde so viele Tickets eröffnet, dass ich jetzt keines mehr eröffnen darf. Was Sie hier inzwischen schreiben, wird nicht weitergegeben: Bitte kommen Sie später wieder oder nutzen Sie einen anderen Weg zu uns.
quota_rooms = In der letzten Stunde wurden so viele Gespräche begonnen, dass ich jetzt keines mehr beginnen darf. Bitte kommen Sie später wieder oder nutzen Sie einen anderen Weg zu uns.
block_shown = Das stand bei der Eröffnung des Tickets für die Kundin oder den Kunden im Raum:
help_cancel = !cancel – dieses Ticket zurücknehmen (solange es niemand angenommen hat)
cancelled = { $name } hat dieses Ticket zurückgenommen.
cancelled_note = { $name } hat dieses Ticket in Matrix zurückgenommen (!cancel).
cancel_accepted = { $name } hat dieses Ticket schon angenommen; es lässt sich nicht mehr zurücknehmen. Bitte schreiben Sie hier, dass Sie es nicht mehr brauchen.
cancel_refused = Das Ticket ließ sich nicht zurücknehmen: { $reason }
