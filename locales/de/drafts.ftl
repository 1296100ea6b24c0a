# Entwürfe und die Listen, aus denen gewählt wird.

help_link = !link Wörter – Artikel suchen; !link 3 nimmt den dritten in einen Entwurf, !link 3 | eigene Worte mit anderem Text
help_block = !block Wörter – Textbausteine suchen; !block 3 nimmt den dritten in einen Entwurf
help_add = !add Text – Text an den Entwurf anfügen oder einen damit beginnen
help_send = !send – den Entwurf an die Kundin oder den Kunden senden (dasselbe wie ✅ daran)
help_drop = !drop – den Entwurf verwerfen (dasselbe wie ❌ daran)
add_empty = Schreiben Sie den Text hinter den Befehl, zum Beispiel: !add Ich rufe Sie heute an.
draft_title = Entwurf von { $agent }, noch nicht gesendet:
draft_hint = ✅ oder !send sendet ihn an die Kundin oder den Kunden, ❌ oder !drop verwirft ihn. Eine Antwort auf diese Nachricht ersetzt den Text; eine Antwort, die mit + beginnt, wird angefügt.
draft_unknown = Ich weiß nicht, wofür { $names } in diesem Ticket steht. Antworten Sie auf den Entwurf mit dem richtigen Text; vorher kann er nicht gesendet werden.
draft_sent = Gesendet von { $agent }:
draft_dropped = Verworfen von { $agent }:
draft_moved = Der Entwurf von { $agent } geht in dem Thread weiter, den das Ticket jetzt hat.
draft_none = Sie haben hier keinen Entwurf. !link, !block oder !add beginnt einen.
draft_not_yours = { $agent }: Dieser Entwurf ist von { $owner }.
draft_words_only = { $agent }: Ein Entwurf enthält Worte und keine Dateien; er bleibt, wie er ist. Schreiben Sie die Worte als eigene Nachricht, und senden Sie die Datei im Raum des Tickets.
draft_too_long = Das wäre zu lang für eine Nachricht. Senden Sie erst den Entwurf, oder kürzen Sie ihn.
list_links = Artikel:
list_links_hint = Tippen Sie eine Zahl an, oder schreiben Sie !link 1 oder !link 1 | eigene Worte. Gesendet wird erst, wenn Sie den Entwurf senden.
list_blocks = Textbausteine:
list_blocks_hint = Tippen Sie eine Zahl an, oder schreiben Sie !block 1. Gesendet wird erst, wenn Sie den Entwurf senden.
list_more = { $number ->
    [one] Es gibt noch einen: ein Wort hinter dem Befehl findet ihn.
   *[other] Es gibt noch { $number }: ein Wort hinter dem Befehl findet sie.
}
list_number = { $most ->
    [one] Die Liste hat nur einen Eintrag.
   *[other] Die Liste geht von 1 bis { $most }.
}
list_gone = Es gibt keine Liste zum Auswählen. Suchen Sie zuerst, mit einem Wort hinter dem Befehl.
list_old = Diese Liste ist nicht mehr aktuell. Suchen Sie noch einmal, um aus einer neuen zu wählen.
list_empty = Hier gibt es nichts auszuwählen.
list_nothing = Für „{ $words }“ wurde nichts gefunden.
list_not_searched = Der Helpdesk konnte nicht durchsucht werden: { $reason }
