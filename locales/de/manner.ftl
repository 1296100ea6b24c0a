# Was in einem Ticket für das steht, was nicht nur Worte sind.

sticker = [Sticker: { $shows }]
sticker_of_nothing = [Sticker]
location = [Standort]
poll = [Umfrage]
poll_votes = Abgestimmt wird nur im Matrix-Raum; die Stimmen sieht man dort.
other_kind = [Eine Nachricht, die hier nicht gezeigt werden kann. Sie sagt:]
the_helpdesk = der Helpdesk
