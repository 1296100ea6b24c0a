# Was im Raum eines Teams gesagt wird, denen, die dort antworten.

card_customer = Von
unnamed = Kunde
card_priority = Priorität
card_link = Im Helpdesk öffnen
card_free = ✅ nimmt es an. Alles Weitere geschieht im Thread dieser Nachricht: !help
card_closed = Dieses Ticket ist geschlossen. !reopen im Thread öffnet es wieder.
accepted = { $name } hat dieses Ticket angenommen.
released = { $name } hat dieses Ticket zurückgegeben. ✅ am Angebot nimmt es an.
free_again = Dieses Ticket gehört niemandem mehr. ✅ am Angebot nimmt es an.
closed_in_thread = Geschlossen.
reopened_in_thread = Wieder geöffnet.
moved_thread = An „{ $name }“ übergeben; das Angebot steht jetzt im Raum jenes Teams.
not_an_agent = Sie sind nicht als Mitglied dieses Teams eingerichtet. Bitten Sie die Administration, Sie in der Konfiguration unter „agents“ einzutragen.
refused = Der Helpdesk hat das leider abgelehnt: { $reason }
refused_agent = { $agent }: Der Helpdesk hat das abgelehnt: { $reason }
not_invited = { $user } konnte nicht in den Raum des Tickets eingeladen werden: { $reason }
not_locked = Der Raum konnte nicht gesperrt werden: { $reason }
not_levelled = Wer im Raum schreiben darf, konnte nicht geändert werden: { $reason }
removed_agent = Sie gehören nicht mehr zum Team.
not_removed = Eine Nachricht konnte nicht aus dem Raum entfernt werden: { $reason }
not_said = Was in jemandes Namen geschrieben wurde, konnte im Raum nicht gesagt werden: { $reason }
message_not_read = Eine Nachricht dieses Tickets im Helpdesk konnte nicht gelesen werden, der Raum zeigt sie also nicht; !retry versucht es noch einmal: { $reason }
not_looked_at = Wie das Ticket jetzt ist, konnte im Helpdesk nicht gelesen werden, und der Raum zeigt es vielleicht nicht; !retry versucht es noch einmal: { $reason }
not_read = Ticket #{ $number } konnte im Helpdesk nicht gelesen werden und hat hier keinen Raum; die Administration kann es noch einmal versuchen (ticketroom dead-letters): { $reason }
about_ticket = „{ $title }“: { $text }
