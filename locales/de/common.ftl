# Was überall gesagt wird.

wrote = { $name } schrieb:
waiting_room_name = Neues Ticket
desk_room_name = Team: { $desk }
rest_in_ticket = (Diese Nachricht ist zu lang für den Raum: Der Rest steht im Ticket.)
picture_in_ticket = (Ein Bild, das nur im Ticket zu sehen ist.)
undelivered = Diese Nachricht konnte nicht an den Helpdesk zugestellt werden: { $reason }
message_waits = Diese Nachricht ist noch nicht zugestellt, weil der Helpdesk nicht erreichbar ist. Sie ist sicher aufbewahrt und wird so bald wie möglich zugestellt, zusammen mit dem, was Sie inzwischen schreiben.
message_arrived = Diese Nachricht ist jetzt zugestellt.
ticket_waits = Ihre Nachricht ist sicher aufbewahrt, aber der Helpdesk ist gerade nicht erreichbar. Ihr Ticket wird so bald wie möglich eröffnet.
answer_waits = Ticketroom: Die vorige Nachricht ist noch nicht im Matrix-Raum, weil der Homeserver nicht erreichbar ist. Sie wird so bald wie möglich zugestellt, zusammen mit dem, was inzwischen geschrieben wird.
answer_arrived = Ticketroom: Die Nachricht, die gewartet hat, ist jetzt im Matrix-Raum.
reason_unreachable = { $side ->
    [homeserver] Der Homeserver war zu lange nicht erreichbar.
   *[helpdesk] Der Helpdesk war zu lange nicht erreichbar.
}
reason_no_ticket = Das Ticket gibt es nicht mehr, oder Ticketroom darf es nicht sehen.
reason_setup = Etwas ist nicht so eingerichtet, wie es sein muss; `ticketroom check` sagt dem Administrator, was.
reason_too_large = Es ist zu groß für den Helpdesk.
reason_said = „{ $words }“
reason_other = Es wurde abgelehnt; der Administrator erfährt den Grund mit `ticketroom dead-letters`.
undelivered_ticket = Ihr Ticket konnte nicht eröffnet werden: { $reason } Bitte versuchen Sie es später noch einmal oder wenden Sie sich auf einem anderen Weg an uns.
undelivered_to_room = Ticketroom: Die vorige Nachricht konnte nicht in den Matrix-Raum zugestellt werden: { $reason }
unsupported = { $kind ->
    [picture] Ein Bild
    [audio] Eine Audionachricht
    [video] Ein Video
    [file] Eine Datei
    [call] Ein Anruf
   *[other] Eine Nachricht dieser Art
} kann noch nicht ins Ticket übernommen werden, der Helpdesk sieht das also nicht. Bitte schreiben Sie es als Text.
encrypted_room = Diese Nachricht ist verschlüsselt und konnte nicht zugestellt werden: Verschlüsselte Nachrichten kann ich noch nicht lesen.
