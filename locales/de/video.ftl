# Videositzungen.

help_video = !video – eine Videositzung öffnen oder ihren Link zeigen; !video end beendet sie
help_video_wish = !video – um eine Videositzung bitten oder den Link zur offenen zeigen
video_title = Videositzung
video_join = An der Videositzung teilnehmen
video_invitation = { $agent } lädt Sie zu einer Videositzung ein. { $kind ->
    [call] Sie ist der Anruf dieses Raums: Wenn Ihre App Anrufe kann, nehmen Sie mit deren Anrufknopf teil. Der Link öffnet sie im Browser, sofern Sie sich dort mit dem Konto anmelden können, das Sie hier benutzen.
   *[page] Sie öffnet sich im Browser, auch auf dem Telefon.
}
video_opened = Die Videositzung ist offen. Ihr eigener Link steht hier; der für die Kundin oder den Kunden im Raum des Tickets. !video end beendet sie.
video_opened_comment = Videositzung geöffnet:
video_is_open = { $state ->
    [in_progress] Die Videositzung läuft.
   *[open] Die Videositzung ist offen. { $kind ->
        [call] Bisher wurde niemand darin gesehen.
       *[page] Im Anruf des Raums selbst wurde noch niemand gesehen; wer über den Link kommt, ist dort nicht zu sehen.
    }
}
video_none = Es gibt keine offene Videositzung.
video_ended = Die Videositzung wurde beendet.
video_ended_in_thread = { $state ->
    [cancelled] Videositzung abgebrochen, soweit zu sehen ist: Niemand war im Anruf des Raums.
   *[done] Videositzung beendet.
}
video_off = { $off ->
    [desk] Für Tickets dieses Teams gibt es keine Videositzungen.
    [template] Für Tickets dieser Art gibt es keine Videositzungen.
    [device] Für dieses Gerät gibt es keine Videositzungen.
   *[organisation] Videositzungen sind hier ausgeschaltet.
}
video_not_for_customers = Bitte schreiben Sie, dass Sie sich eine Videositzung wünschen; wer sich um dieses Ticket kümmert, kann eine öffnen.
video_wish = { $name } wünscht sich eine Videositzung. ✅ hier oder !video öffnet eine.
video_wish_comment = { $name } wünscht sich eine Videositzung. Geben Sie das Ticket jemandem mit einem Matrix-Konto, um eine zu öffnen, oder schicken Sie einen eigenen Link.
video_wish_passed_on = Ihr Wunsch wurde weitergegeben. Wird eine Videositzung geöffnet, erscheint ihr Link hier.
video_in_progress = { $name } ist in der Videositzung.
video_empty = Alle haben die Videositzung verlassen. !video end beendet sie.
not_linked = Die Videositzung konnte nicht mit dem Ticket verknüpft werden: { $reason }
no_widget = Die Videositzung konnte nicht neben den Nachrichten gezeigt werden: { $reason }
