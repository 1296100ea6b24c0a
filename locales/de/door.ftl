# Was Kundinnen und Kunden lesen, bevor es ein Ticket gibt.

greeting = Guten Tag! Schreiben Sie hier, worum es geht: Ich eröffne dann ein Ticket und lade Sie in seinen Raum ein.
encrypted_door = Verschlüsselte Nachrichten kann ich noch nicht lesen. Ich habe deshalb einen unverschlüsselten Raum für Sie geöffnet: Bitte nehmen Sie die Einladung an und schreiben Sie dort.
encrypted_door_again = Das kann ich nicht lesen, denn es ist verschlüsselt. Von mir liegt eine Einladung in einen unverschlüsselten Raum vor: Bitte nehmen Sie sie an und schreiben Sie dort.
waiting_welcome = Bitte schreiben Sie hier, worum es geht. Aus Ihrer ersten Nachricht wird das Ticket.
opened_at_door = Vielen Dank. Das ist jetzt Ticket #{ $number }; Sie sind in seinen Raum eingeladen, dort geht es weiter.
room_only = !{ $word } gehört in den Raum eines Tickets: Bitte schreiben Sie es dort.
