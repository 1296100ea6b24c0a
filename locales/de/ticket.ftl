# Was im Raum des Tickets gesagt wird.

welcome = Das ist der Raum von Ticket #{ $number }. Was hier geschrieben wird, gehört zum Ticket.
closed = Dieses Ticket wurde geschlossen. Hier kann niemand mehr schreiben.
reopened = Dieses Ticket wurde wieder geöffnet. Sie können hier wieder schreiben.
# Die Worte des Helpdesks, wie seine Seiten sie zeigen; was hier nicht steht, bleibt, wie es ist.
status_name = { $label ->
    [new] neu
    [open] offen
    [stalled] zurückgestellt
    [resolved] erledigt
    [rejected] abgelehnt
    [deleted] gelöscht
   *[other] { $label }
}
priority_name = { $label ->
    [Low] niedrig
    [Medium] mittel
    [High] hoch
   *[other] { $label }
}
status = Der Status des Tickets ist jetzt „{ $label }“.
owner = { $name } kümmert sich jetzt um dieses Ticket.
no_owner = Dieses Ticket wartet wieder darauf, dass sich jemand darum kümmert.
priority = Die Priorität des Tickets ist jetzt { $label }.
no_priority = Das Ticket hat keine besondere Priorität mehr.
desk = Das Ticket wurde an „{ $name }“ übergeben.
title = Der Betreff des Tickets ist jetzt „{ $title }“.
no_edits = Nachrichten können hier nicht bearbeitet werden, Ihre Änderung wurde deshalb zurückgenommen. Bitte senden Sie stattdessen eine neue Nachricht.
edit_reason = Nachrichten eines Tickets können nicht bearbeitet werden
command_reason = Befehl ausgeführt
link_reason = Mit dem Link noch einmal geschrieben
help_for_customer = Was Sie hier schreiben, kommt in Ticket #{ $number }; wer sich darum kümmert, antwortet hier. Nachrichten können nicht bearbeitet oder gelöscht werden. Wenn das Ticket geschlossen wird, wird dieser Raum gesperrt.
help_for_customer_closed = Ticket #{ $number } ist geschlossen. Schreiben Sie mir direkt, um ein neues zu eröffnen.
