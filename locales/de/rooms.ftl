# Was gesagt wird, wenn Menschen kommen und gehen und Räume einander ablösen.

customer_left = { $name } hat den Raum des Tickets verlassen. Die nächste Antwort lädt noch einmal ein; wer mir direkt schreibt, wird auch wieder eingeladen.
customer_stays_away = { $name } ist nicht in den Raum des Tickets zurückgekommen und liest Antworten erst wieder, nachdem er oder sie mir direkt geschrieben hat.
customer_back = { $name } ist wieder im Raum des Tickets.
invited_again = Das steht jetzt in Ticket #{ $number }. Sie sind wieder in dessen Raum eingeladen, dort geht es weiter.
merged = Dieses Ticket wurde mit Ticket #{ $number } zusammengeführt: Es geht im Raum jenes Tickets weiter. Hier kann niemand mehr schreiben.
merged_in_thread = Dieses Ticket wurde mit #{ $number } zusammengeführt; dort geht es weiter.
merged_here = Ticket #{ $number } wurde mit diesem zusammengeführt. Wer in dessen Raum war, ist hierher eingeladen.
card_merged = Dieses Ticket wurde mit #{ $number } zusammengeführt.
welcome_internal = Das ist der Raum von Ticket #{ $number }. Das Ticket ist intern: Die Kundin oder der Kunde ist nicht hier und wird nicht lesen können, was hier geschrieben wird.
opened_at_door_internal = Vielen Dank. Das ist jetzt Ticket #{ $number }. Was Sie hier schreiben, kommt hinein; Sie werden in seinen Raum eingeladen, sobald er für Sie offen ist.
removed_internal = Dieses Ticket wird vorerst intern bearbeitet. Danach werden Sie wieder eingeladen.
became_internal = Dieses Ticket ist jetzt intern: Die Kundin oder der Kunde wurde aus diesem Raum entfernt und wird nicht lesen können, was ab hier geschrieben wird.
became_public = Dieses Ticket ist jetzt öffentlich: Die Kundin oder der Kunde ist eingeladen und liest, was ab hier geschrieben wird.
card_internal = Intern: Die Kundin oder der Kunde sieht den Raum dieses Tickets nicht.
not_kicked = { $user } konnte nicht aus dem Raum des internen Tickets entfernt werden und kann lesen, was dort geschrieben wird: { $reason }
history_not_set = Wer das Vergangene im Raum lesen darf, konnte nicht geändert werden: { $reason }
not_created = „{ $title }“ wartet auf etwas, das der Homeserver immer wieder ablehnt. `ticketroom check` kann sagen, warum. Es wird weiter versucht. Die Ablehnung: { $reason }
upgrade_followed = Der Raum des Tickets wurde erneuert. Ich bin mitgegangen, und alle sind in den neuen eingeladen.
upgrade_waiting = Jemand erneuert den Raum des Tickets. Bitte laden Sie mich in den neuen Raum ein und geben Sie mir dort Stufe 100; bis dahin bleibe ich im alten.
upgrade_powerless = Jemand erneuert den Raum des Tickets, aber im neuen habe ich keine Rechte. Bitte geben Sie mir dort Stufe 100 und laden Sie mich noch einmal ein; bis dahin bleibe ich im alten.
upgrade_refused = Jemand behauptet, dass ein anderer Raum den des Tickets ablöst. Er ist nicht dessen Nachfolger, deshalb gehe ich nicht mit: Der alte Raum bleibt der des Tickets.
desk_upgrade_followed = Dieser Raum wurde erneuert. Ich bin mitgegangen: Alle Agenten sind in den neuen Raum eingeladen, und jedes offene Ticket beginnt dort einen neuen Thread.
desk_upgrade_waiting = Jemand erneuert diesen Raum. Bitte laden Sie mich in den neuen ein und geben Sie mir dort Stufe 100; bis dahin bleibe ich hier.
desk_upgrade_powerless = Jemand erneuert diesen Raum, aber im neuen habe ich keine Rechte. Bitte geben Sie mir dort Stufe 100 und laden Sie mich noch einmal ein; bis dahin bleibe ich hier.
desk_upgrade_refused = Jemand behauptet, dass ein anderer Raum diesen ablöst. Er ist nicht dessen Nachfolger, deshalb gehe ich nicht mit: Alles geht hier weiter.
