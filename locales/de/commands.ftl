# Die Befehle. Jedes `help_…` beginnt mit dem Befehl, wie er getippt wird: Sein Wort ist in jeder Sprache dasselbe.

help_accept = !accept – dieses Ticket annehmen (dasselbe wie ✅ am Angebot)
help_close = !close – dieses Ticket schließen; sein Raum wird gesperrt
help_help = !help – diese Liste
help_invite = !invite – Kundinnen und Kunden, die den Raum des Tickets verlassen haben, noch einmal einladen
help_language = !language – die Sprache wählen, in der ich schreibe
help_note = !note Text – eine interne Notiz schreiben (im Thread des Angebots ist auch bloßer Text eine)
help_release = !release – dieses Ticket zurückgeben, damit es jemand anderes annehmen kann
help_reopen = !reopen – dieses Ticket wieder öffnen; sein Raum wird entsperrt
help_retry = !retry – noch einmal versuchen, was in diesem Ticket nicht zugestellt werden konnte
help_title = Ticket #{ $number }: Sie können verwenden
help_speaking = Was Sie im Raum des Tickets schreiben, geht an die Kundin oder den Kunden.
help_for_desk = Hier wird jedes Ticket dieses Teams angeboten. ✅ an einem Angebot nimmt das Ticket an; alles andere geschieht im Thread des Angebots: Schreiben Sie dort !help.
accept_first = { $agent }: Bitte nehmen Sie das Ticket zuerst an (✅ an seinem Angebot oder !accept).
already_yours = { $agent }: Sie haben dieses Ticket schon angenommen.
faster = { $agent }: { $winner } war schneller und hat dieses Ticket jetzt.
not_yours = { $agent }: Dieses Ticket gehört { $owner }.
note_empty = Schreiben Sie die Notiz hinter den Befehl, zum Beispiel: !note Ich habe dort angerufen.
is_closed = Dieses Ticket ist geschlossen. Öffnen Sie es zuerst wieder (!reopen).
is_open = Dieses Ticket ist schon offen.
thread_only = Bitte schreiben Sie das in den Thread des Angebots eines Tickets, damit ich weiß, welches Ticket Sie meinen.
unknown_command = !{ $word } kenne ich nicht. !help listet auf, was Sie tun können.
retrying = Ich versuche noch einmal, was in diesem Ticket nicht zugestellt werden konnte.
language_name = Deutsch
language_list = Ich schreibe Ihnen auf { $current }. Sie können wählen:
    { $list }
language_set = Ab jetzt schreibe ich Ihnen auf { $name }.
language_unknown = Diese Sprache spreche ich nicht. Sie können wählen:
    { $list }
