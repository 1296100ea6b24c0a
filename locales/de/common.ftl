# Was überall gesagt wird.

wrote = { $name } schrieb:
waiting_room_name = Neues Ticket
desk_room_name = Team: { $desk }
rest_in_ticket = (Diese Nachricht ist zu lang für den Raum: Der Rest steht im Ticket.)
undelivered = Diese Nachricht konnte nicht an den Helpdesk zugestellt werden: { $reason }
undelivered_ticket = Ihr Ticket konnte nicht eröffnet werden: { $reason } Bitte versuchen Sie es später noch einmal oder wenden Sie sich auf einem anderen Weg an uns.
undelivered_to_room = Ticketroom: Die vorige Nachricht konnte nicht in den Matrix-Raum zugestellt werden: { $reason }
unsupported = { $kind ->
    [picture] Ein Bild
    [audio] Eine Audionachricht
    [video] Ein Video
    [file] Eine Datei
   *[other] Eine Nachricht dieser Art
} kann noch nicht ins Ticket übernommen werden, der Helpdesk sieht das also nicht. Bitte schreiben Sie es als Text.
encrypted_room = Diese Nachricht ist verschlüsselt und konnte nicht zugestellt werden: Verschlüsselte Nachrichten kann ich noch nicht lesen.
