"""What happens before each of the pictures: two customers, an agent in Matrix and one in Request Tracker."""

import os
import subprocess

from demo import BOT, require, step
from demo_world import DOMAIN, PROJECT, Failed, until

FILES = os.path.join(PROJECT, "tests", "corpus")
# Drawn anew each time, so that nobody's photograph lies in the repository.
VALVE = """-size 320x180 gradient:#dfe8ee-#b9c7d1 -fill #8a97a1 -stroke #5c6770 -strokewidth 2 -draw
rectangle,-5,72,325,108 -fill #75828c -draw rectangle,120,58,200,122 -draw rectangle,104,64,120,116 -draw
rectangle,200,64,216,116 -draw rectangle,152,34,168,58 -fill #c23b2e -stroke #8d2a20 -draw
roundrectangle,112,18,208,36,8,8 -fill #4fa3d8 -stroke #2f7fb3 -draw ellipse,160,145,7,11,0,360 -draw
ellipse,186,150,5,8,0,360 -resize 240x135 -quality 85"""
HELP = """<p>Hello Clara, sorry about that! Please</p><ol><li>close the <strong>left</strong> valve,</li>\
<li>press <code>RESET</code> for three seconds,</li><li>tell me what the display says.</li></ol>"""
HELP_PLAIN = """Hello Clara, sorry about that! Please

1. close the **left** valve,
2. press `RESET` for three seconds,
3. tell me what the display says."""


def say(person, room, plain, html):
    """As a client sends it in which somebody typed the Markdown."""
    event = person.send(room, {"msgtype": "m.text", "body": plain, "format": "org.matrix.custom.html",
                               "formatted_body": html})
    require(isinstance(event, str), f"Synapse refused {person.name}'s message: {event}")


class Talk:
    """Clara's ticket, and Anna who answers it."""

    def __init__(self, people, number, room, desk, card):
        self.clara, self.anna, self.bert = people["clara"], people["anna"], people["bert"]
        self.number, self.room, self.desk = number, room, desk
        self.thread = {"rel_type": "m.thread", "event_id": card}

    def they_write(self):
        clara, anna, bert = self.clara, self.anna, self.bert
        step("Anna and Clara", "write to each other; Anna and Bert, beside it")
        say(anna, self.room, HELP_PLAIN, HELP)
        bert.until_reading(self.number, "what the display says")
        clara.until_reading(self.room, "status")
        say(clara, self.room, "Done. It says `E4`, and it has *stopped* dripping!",
            "Done. It says <code>E4</code>, and it has <em>stopped</em> dripping!")
        bert.until_reading(self.number, "stopped")
        bert.post(self.number, "comment", "E4 is the seal. There are <b>two</b> in stock.")
        anna.until_reading(self.desk, "in stock")
        anna.say(self.desk, "Thanks, I'll send her one.", self.thread)
        bert.until_reading(self.number, "send her one")

    def a_draft_is_prepared(self):
        anna = self.anna
        step("Anna, in the offer's thread", "prepares a draft: a building block and the link to an article")
        anna.say(self.desk, "!block greeting", self.thread)
        anna.tap(self.desk, anna.until_reading(self.desk, "Building blocks")["event_id"], "1\ufe0f\u20e3")
        draft = anna.until_reading(self.desk, "Draft of Anna")
        anna.say(self.desk, "!link seal", self.thread)
        anna.until_reading(self.desk, "How to change the seal")
        anna.say(self.desk, "!link 2 | This is how the seal is changed", self.thread)
        anna.until_reading(self.desk, "seal is changed", lambda event: event["sender"] == BOT)
        return draft

    def the_draft_is_sent(self, draft):
        step("Anna", "taps ✅ on the draft")
        self.anna.tap(self.desk, draft["event_id"], "✅")
        self.clara.until_reading(self.room, "seal is changed")
        self.bert.until_reading(self.number, "seal is changed")

    def files_pass(self, folder):
        clara, anna, bert = self.clara, self.anna, self.bert
        step("Clara and Bert", "send a picture, a voice message and a file")
        valve = os.path.join(folder, "valve.jpg")
        drawing = [word.replace(",", " ", 1) if word[0].isalpha() else word for word in VALVE.split()]
        subprocess.run(["convert", *drawing, valve], check=True)
        clara.say(self.room, "Is it this one? Listen how it sounds:")
        clara.send_file(self.room, valve, {"msgtype": "m.image", "info": {
            "mimetype": "image/jpeg", "size": os.path.getsize(valve), "w": 240, "h": 135}})
        clara.send_file(self.room, f"{FILES}/files/voice.ogg", {
            "msgtype": "m.audio", "org.matrix.msc3245.voice": {}, "body": "Voice message.ogg",
            "info": {
                "mimetype": "audio/ogg", "size": os.path.getsize(f"{FILES}/files/voice.ogg"), "duration": 2300}})
        until("both files", lambda: (bert.files(self.number) or [])[1:])
        bert.attach(self.number, "Yes, that one. The parts list is in here:",
                    (f"{FILES}/files/letter.pdf", "application/pdf"))
        clara.until_reading(self.room, "letter.pdf")
        step("Anna, in the offer's thread", "opens a video session")
        anna.say(self.desk, "!video", self.thread)
        clara.until_reading(self.room, "video session")
        anna.until_reading(self.desk, "Your own link")
        until("the widget", lambda: clara.state(self.room, "im.vector.modular.widgets", "ticketroom-video").get("url"))

    def closed(self):
        step("Anna, in Matrix", "writes !close in the offer's thread")
        self.anna.say(self.desk, "!close", self.thread)
        self.bert.until_field(self.number, "Status", "resolved")
        until_locked(self.clara, self.room)


def another_ticket(people, desk):
    anna, bert = people["anna"], people["bert"]
    step("Bert, in Request Tracker", "opens a second ticket")
    bert.http.ok("POST", "/ticket", {"Queue": "General", "Subject": "Strange noise", "Requestor": "carla@example.org",
                                     "Content": "It <i>whistles</i> at night.", "ContentType": "text/html"})
    anna.until_reading(desk, "whistles")


def code_in_german(world, folder):
    """Printed, and scanned: the contact's address."""
    step("Admin", "makes a code for a pump in Germany")
    world.run("code", "add", "-c", world.config, "--id", "pumpe-7", "--device", "Pumpe 7", "--template", "pumpen",
              "--language", "de")
    world.run("code", "qr", "pumpe-7", "-c", world.config, "--png", os.path.join(folder, "code-qr.png"))
    return f"@_desk_code_pumpe-7:{DOMAIN}"


def scanned(people, contact):
    """Karl writes to the contact of the code: the chat, the ticket and its room."""
    karl, bert = people["karl"], people["bert"]
    step("Karl", "scans it, and writes to the contact that opens")
    door = karl.chat_with(contact)
    karl.until_reading(door, "Pumpe 7")
    karl.say(door, "Sie ist so laut")
    number = until("Karl's ticket", lambda: bert.tickets().get("Pumpe 7: Sie ist so laut"))
    karl.until_reading(door, f"#{number}")
    room = karl.room_of(f"_desk_ticket_{number}")
    karl.enter(room)
    karl.until_reading(room, "zwei Stunden")
    return door, number, room


def in_german(people, number, room):
    """All that the bot says in Karl's room."""
    karl, bert = people["karl"], people["bert"]
    step("Karl and Bert", "write to each other in German, until Bert closes the ticket")
    karl.say(room, "!help")
    karl.until_reading(room, "!cancel")
    bert.change(number, {"Owner": "bert"})
    karl.until_reading(room, "Bert Berger")
    bert.post(number, "correspond", "Guten Tag, wir kommen <b>heute um drei</b>.")
    event = karl.until_reading(room, "heute um drei")
    karl.until_reading(room, "Status")
    karl.send(room, {"msgtype": "m.text", "body": "Danke!", "m.relates_to": {
        "m.in_reply_to": {"event_id": event["event_id"]}}})
    bert.until_reading(number, "Danke!")
    karl.send_file(room, f"{FILES}/disguised/program.exe", {"msgtype": "m.file"})
    karl.until_reading(room, "„program.exe“")
    bert.change(number, {"Priority": 50})
    karl.until_reading(room, "Priorität")
    bert.change(number, {"Status": "resolved"})
    until_locked(karl, room)


def until_locked(person, room):
    def look():
        levels = person.state(room, "m.room.power_levels").get("events_default")
        if levels != 100:
            raise Failed(f"the level {levels}")
        return True

    until("the lock", look)
