# Was zu Dateien gesagt wird, die nicht weitergegeben wurden.

file_not_passed_on = „{ $name }“ wurde nicht an den Helpdesk weitergegeben: { $reason }.
file_not_shown = „{ $name }“, im Helpdesk angehängt, kann hier nicht gezeigt werden: { $reason }.
file_too_large = die Datei ist größer als { $size }
file_not_allowed = Dateien dieser Art ({ $what }) werden nicht angenommen
file_type_name = { $label ->
    [Script] ein Skript
    [DOCX-macros] DOCX mit Makros
    [XLSX-macros] XLSX mit Makros
    [PPTX-macros] PPTX mit Makros
    [ODT-macros] ODT mit Makros
    [ODS-macros] ODS mit Makros
    [ODP-macros] ODP mit Makros
   *[other] { $label }
}
file_unknown = Dateien dieser Art werden nicht angenommen
file_disguised = die Datei heißt wie eine der Art { $named }, ihr Inhalt ist aber { $what }
file_disguised_unknown = der Inhalt der Datei ist nicht, was ihr Name sagt ({ $named })
file_too_many_pixels = das Bild hat zu viele Bildpunkte
file_empty = die Datei ist leer
file_gone = die Datei ist nicht mehr da
file_not_handed_over = der Homeserver, auf dem die Datei liegt, hat sie nicht herausgegeben; vielleicht hilft es, sie noch einmal zu senden
file_beside_command = sie stand unter einem Befehl; bitte ohne einen senden
file_not_shown_to_customer = Dem Kunden wurde „{ $name }“ nicht gezeigt: { $reason }.
voice_message = Sprachnachricht { $length }
