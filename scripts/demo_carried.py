"""The demo's story, what else the messenger carries: several files, disguises, all kinds of words, links, calls, codes."""

import os

import demo_details
from demo_world import BOT, DOMAIN, PROJECT, quote, require, seen, step, until

CORPUS = os.path.join(PROJECT, "tests", "corpus")


def answers(notice):
    return notice["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id")


def files(people, number, room):
    clara, bert = people["clara"], people["bert"]
    step("Bert, in Request Tracker", "attaches three files to one reply")
    bert.attach(number, "All of it:", *[(f"{CORPUS}/files/{name}", kind) for name, kind in (
        ("large.png", "image/png"), ("letter.pdf", "application/pdf"), ("clip.mp4", "video/mp4"))])
    last = clara.until_reading(room, "clip.mp4")
    events = [event for event in clara.messages(room) if event["sender"] == last["sender"]][-4:]
    shown = [event["content"].get("filename") or event["content"]["body"] for event in events]
    require(shown == ["All of it:", "large.png", "letter.pdf", "clip.mp4"], f"the order is {shown}")
    seen("Clara's client", "in their order: " + ", ".join(shown))
    info = events[1]["content"]["info"]
    small = info["thumbnail_info"]
    seen("Clara's client", f"large.png: {info['w']} × {info['h']}, thumbnail {small['w']} × {small['h']}, "
                           f"blurhash {info['xyz.amorgan.blurhash']}")

    step("Clara", "sends a script as PDF, a ZIP as DOCX, an SVG, and a program")
    before = len(bert.files(number))
    for name in ("script.pdf", "archive.docx", "drawing.svg", "program.exe"):
        event = clara.send_file(room, f"{CORPUS}/disguised/{name}", {"msgtype": "m.file"})
        notice = clara.until_reading(room, f"“{name}”", lambda notice, event=event: answers(notice) == event)
        seen("Clara's client, at that message", notice["content"]["body"])
    require(len(bert.files(number)) == before, "one of them is in the ticket")
    seen("Request Tracker", "nothing of them")
    step("Bert, in Request Tracker", "attaches a program named like a picture")
    bert.attach(number, "And this:", (f"{CORPUS}/disguised/program.jpg", "image/jpeg"))
    notice = clara.until_reading(room, "“program.jpg”")
    require(answers(notice) == clara.until_reading(room, "And this:")["event_id"], "it is not said at the message")
    seen("Clara's client, at that message", notice["content"]["body"])


def words(people, number, room):
    clara, bert = people["clara"], people["bert"]
    step("Clara, in Matrix", "sends an emote, a table with code and a spoiler, a message of an unknown kind, and a thread")
    html = ("<table><thead><tr><th>Part</th><th>Size</th></tr></thead><tbody><tr><td>seal</td><td>12</td></tr></tbody></table>"
            "<pre><code class=\"language-sh\">pump --off</code></pre><p>and <span data-mx-spoiler>the end</span></p>")
    clara.send(room, {"msgtype": "m.emote", "body": "waves"})
    root = clara.send(room, {"msgtype": "m.text", "body": "Part | Size", "format": "org.matrix.custom.html",
                             "formatted_body": html})
    clara.send(room, {"msgtype": "com.example.dance", "body": "dances"})
    for text in ("First in the thread.", "Second in the thread."):
        clara.say(room, text, {"rel_type": "m.thread", "event_id": root})
    for text in ("waves", "pump --off", "dances", "First in the thread.", "Second in the thread."):
        _, who, shown = bert.until_reading(number, text)
        seen("Request Tracker", f"{who}: {shown}")
    texts = [entry[2] for entry in bert.words(number)]
    places = [next(at for at, text in enumerate(texts) if word in text) for word in ("waves", "dances", "First in", "Second in")]
    require(places == sorted(places), f"the order is {places}")


def links(people, number, room, desk, card):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    step("Bert, in Request Tracker", "replies 'See [[https://kb.example.org/seal | the seal]] and [[https://kb.example.org/o-ring]].'")
    bert.post(number, "correspond", "See [[https://kb.example.org/seal | the seal]] and [[https://kb.example.org/o-ring]].")
    reply = clara.until_reading(room, "the seal (https")
    require(reply["content"]["formatted_body"].count("<a href=") == 2, f"not two links: {reply['content']}")
    seen("Clara's client", f"{clara.name_of(room, reply)}: {reply['content']['formatted_body']}")
    step("Anna, in the offer's thread", "writes !link bleed, taps 1️⃣ on the list, and ❌ on the draft")
    anna.say(desk, "!link bleed", {"rel_type": "m.thread", "event_id": card})
    listed = anna.until_reading(desk, "How to bleed a pump")
    anna.tap(desk, listed["event_id"], "1\ufe0f\u20e3")
    is_draft = lambda event: "Draft of Anna" in event["content"]["body"]
    draft = anna.until_reading(desk, "How to bleed a pump", is_draft)
    seen("Anna's client", draft["content"]["body"])
    anna.tap(desk, draft["event_id"], "❌")
    anna.until_reading(desk, "Dropped by", lambda event: event["content"]["m.relates_to"].get("event_id") == draft["event_id"])


def token(people, desk):
    """Of a session that was opened."""
    own = people["anna"].until_reading(desk, "?jwt=")
    seen("Anna's client, in the thread alone", own["content"]["body"].split("?jwt=")[0] + "?jwt=… (she is its moderator)")


def refers(bert, number, part):
    def look():
        found = bert.ticket(number).get("_hyperlinks", [])
        return next((link["_url"] for link in found if link.get("ref") == "refers-to" and part in link["_url"]), None)

    seen("Request Tracker", f"the ticket refers to {until('the ticket to refer to it', look)}")


def ended_with_the_ticket(world, people, number, room, desk, card):
    """A session of an address of one's own is open when the ticket is closed."""
    clara, anna = people["clara"], people["anna"]
    step("Admin", "has video sessions elsewhere now (provider: template)")
    world.servers.kill("bridge")
    world.start_again("bridge", {"TICKETROOM_VIDEO__PROVIDER": "template",
                                 "TICKETROOM_VIDEO__TEMPLATE": "https://video.example.org/{session}"})
    step("Anna, in the offer's thread", "writes !video")
    anna.say(desk, "!video", {"rel_type": "m.thread", "event_id": card})
    seen("Clara's client", clara.until_reading(room, "video.example.org")["content"]["body"])
    refers(people["bert"], number, "video.example.org")


def mail_answers(people, number, room):
    anna = people["anna"]
    step("Carla, customer without Matrix", "answers her own mail by another one")
    people["carla"].mail("\r\n".join([
        "From: Carla Customer <carla@example.org>", "To: desk@example.org", f"Subject: Re: [ticketroom #{number}] noise",
        "Message-ID: <2@example.org>", "In-Reply-To: <1@example.org>", "Content-Type: text/plain; charset=utf-8", "",
        "It is louder today.", "", "> It comes from here:", ""]))
    shown = anna.until_reading(room, "louder today")
    first = anna.until_reading(room, "It comes from", lambda event: event["content"]["msgtype"] == "m.image")
    require(answers(shown) == first["event_id"], f"it answers nothing: {shown['content']}")
    seen("Anna's client", f"a reply to the picture, without the quoted past: {shown['content']['body']}")


def codes(world, people, contact):
    """What else there is of them, and how much of it is too much."""
    step("Admin", "lists the codes, and disables that one")
    seen("ticketroom", world.run("code", "list", "-c", world.config))
    seen("ticketroom", world.run("code", "disable", "pump-7", "-c", world.config))
    step("Clara", "writes to it once more")
    clara = people["clara"]
    door = clara.invite_to_chat(contact)
    declined = lambda: (clara.state(door, "m.room.member", contact).get("membership") == "leave"
                        and clara.state(door, "m.room.member", contact).get("reason"))
    seen("Clara's client", f"the contact declined: {until('the refusal', declined)}")
    step("Admin", "makes one for Vienna, in German; Dora, who chose no language, writes to it")
    world.run("code", "add", "-c", world.config, "--id", "wien", "--device", "Pumpe 8", "--template", "silent",
              "--language", "de")
    vienna = f"@_desk_code_wien:{DOMAIN}"
    dora = people["dora"]
    seen("Dora's client", dora.until_reading(dora.chat_with(vienna), "Hier ist der Support")["content"]["body"])
    demo_details.without_video(people, vienna)
    demo_details.without_video_for_a_device(world, people)


def too_many_tickets(mallory, rooms, most):
    """Each chat begins a ticket, and one of them is one too many."""
    step("Mallory", f"opens a ticket in each of {most + 1} chats, where the configuration allows {most} an hour")
    for number, room in enumerate(rooms[:most + 1], 1):
        mallory.say(room, f"Flood {number}")
        if number <= most:
            mallory.until_reading(room, "This is ticket")
    seen("Mallory's client", mallory.until_reading(rooms[most], "5 tickets within the last hour")["content"]["body"])
