"""The demo's story, in detail: lists to choose from, addresses that become links, and what is refused, with the reason."""

import os
import sqlite3

from demo_world import BOT, DOMAIN, PROJECT, Person, quote, require, seen, step, until

CORPUS = os.path.join(PROJECT, "tests", "corpus", "files")


def chosen_from(people, room, desk, card):
    """What there is to choose from, and a draft that is changed, refused and dropped."""
    clara, anna = people["clara"], people["anna"]
    thread = {"rel_type": "m.thread", "event_id": card}
    step("Anna, in the offer's thread", "writes !link and !block, without words to search for")
    for command, one, other in (("!link", "Seal sizes", "How to"), ("!block", "Farewell", "Greeting")):
        anna.say(desk, command, thread)
        both = lambda event, other=other: event["sender"] == BOT and other in event["content"]["body"]
        seen("Anna's client", anna.until_reading(desk, one, both)["content"]["body"])
    step("Anna", "drafts '!add Your seal costs {{price}}', and taps ✅ although nobody knows what that is")
    anna.say(desk, "!add Your seal costs {{price}}", thread)
    draft = anna.until_reading(desk, "Your seal costs", lambda event: event["sender"] == BOT)
    warned = lambda: len([event for event in anna.messages(desk) if "what {{price}} stands for" in event["content"]["body"]])
    before = warned()
    anna.tap(desk, draft["event_id"], "✅")
    until("another warning", lambda: warned() > before)
    clara.must_not_read(room, "Your seal costs", "the draft")
    step("Anna", "adds to it by the reply '+ plus postage', and writes !drop")
    anna.say(desk, "+ plus postage", {**thread, "is_falling_back": False, "m.in_reply_to": {"event_id": draft["event_id"]}})
    seen("Anna's client", anna.until_reading(desk, "plus postage", lambda event: event["sender"] == BOT)["content"]["body"])
    anna.say(desk, "!drop", thread)
    anna.until_reading(desk, "Dropped by", lambda event: event["content"]["m.relates_to"].get("event_id") == draft["event_id"])
    seen("Anna's client", "the draft is dropped")


def addresses(people, number, room):
    clara, bert = people["clara"], people["bert"]
    step("Bert, in Request Tracker", "replies with addresses, a file's name, and a table")
    bert.post(number, "correspond", "Ask sales@example.org or www.example.org about report.pdf.<pre>see www.example.org</pre>"
                                    "<table border=\"1\"><tr><th>Seal</th><td>12 mm</td></tr></table>")
    shown = clara.until_reading(room, "sales@example.org")["content"]["formatted_body"]
    require(shown.count("<a href=") == 2 and "<table>" in shown, f"it is {shown}")
    seen("Clara's client", shown)
    step("Clara, in Matrix", "writes 'I am clara@example.org, [[half an address, and 5*10 or 3~5 mm'")
    clara.say(room, "I am clara@example.org, [[half an address, and 5*10 or 3~5 mm")
    _, who, shown = bert.until_reading(number, "clara@example.org")
    require("mailto:" in shown and "[[half" in shown and "5*10 or 3~5 mm" in shown, f"it is {shown}")
    seen("Request Tracker", f"{who} replied: {shown}")


def limits(world, people, number, room):
    clara, bert = people["clara"], people["bert"]
    step("Clara", "sends 1.2 MB where the configuration allows one MiB, and writes !cancel, although Anna has accepted the ticket")
    large = os.path.join(world.folder, "large.txt")
    with open(large, "w", encoding="utf-8") as file:
        file.write("It drips.\n" * 120_000)
    clara.send_file(room, large, {"msgtype": "m.file"})
    seen("Clara's client", clara.until_reading(room, "“large.txt”")["content"]["body"])
    clara.say(room, "!cancel")
    seen("Clara's client", clara.until_reading(room, "can't be taken back")["content"]["body"])
    step("Bert, in Request Tracker", "attaches a sound that is no recording of a voice")
    bert.attach(number, "So it sounds:", (f"{CORPUS}/tone.mp3", "audio/mpeg"))
    sound = clara.until_reading(room, "tone.mp3")["content"]
    require(sound["msgtype"] == "m.audio" and "org.matrix.msc3245.voice" not in sound, f"it is {sound}")
    seen("Clara's client", f"a sound of {sound['info']['duration'] / 1000:.1f} s, and no voice message")


def nobody_came(people, room, desk, card):
    clara, anna = people["clara"], people["anna"]
    thread = {"rel_type": "m.thread", "event_id": card}
    step("Anna, in the offer's thread", "opens another session with !video, and ends it before anybody came")
    anna.say(desk, "!video", thread)
    widget = lambda: clara.state(room, "im.vector.modular.widgets", "ticketroom-video").get("url")
    until("the widget", widget)
    anna.say(desk, "!video end", thread)
    seen("Anna's client, in the offer's thread", anna.until_reading(desk, "session cancelled")["content"]["body"])


def shelved(anna, room, is_open):
    """Whether the desk's space shows the room."""
    space = anna.room_of("_desk_space_1")
    anna.enter(space)
    until("the desk's space to follow", lambda: bool(anna.state(space, "m.space.child", room).get("via")) == is_open)
    seen("Anna's client", "the room is in the desk's space" + (" again" if is_open else " no more"))


def printed(world):
    names = [os.path.join(world.folder, f"pump-7.{kind}") for kind in ("png", "svg")]
    world.run("code", "qr", "pump-7", "-c", world.config, "--png", names[0], "--svg", names[1])
    for name, begins in zip(names, (b"\x89PNG", b"<svg")):
        with open(name, "rb") as file:
            require(file.read(5).startswith(begins), f"{name} is something else")
        seen("for the printer", name)


def without_video(people, contact):
    dora, bert = people["dora"], people["bert"]
    step("Dora, at that contact", "writes 'Es tropft', and !help and !video in the ticket's room: its template has no sessions")
    dora.say(dora.chat_with(contact), "Es tropft")
    number = until("the ticket", lambda: bert.tickets().get("Es tropft"))
    room = dora.room_of(f"_desk_ticket_{number}")
    dora.enter(room)
    dora.say(room, "!help")
    listed = dora.until_reading(room, "!language")["content"]["body"]
    require("!video" not in listed, f"it lists {listed}")
    dora.say(room, "!video")
    seen("Dora's client", dora.until_reading(room, "keine Videositzungen")["content"]["body"])


def without_video_for_a_device(world, people):
    dora, bert = people["dora"], people["bert"]
    step("Admin", "makes a code for Boiler 3, for which the configuration has no video sessions; Dora writes to it, and !video in the room")
    world.run("code", "add", "-c", world.config, "--id", "boiler", "--device", "Boiler 3", "--language", "en")
    door = dora.chat_with(f"@_desk_code_boiler:{DOMAIN}")
    dora.say(door, "It hums")
    number = until("the ticket", lambda: bert.tickets().get("It hums"))
    room = dora.room_of(f"_desk_ticket_{number}")
    dora.enter(room)
    dora.say(room, "!video")
    seen("Dora's client", dora.until_reading(room, "no video sessions")["content"]["body"])
    step("Dora", "leaves the room, and writes 'It hums louder' where she wrote first")
    dora.http.ok("POST", f"/rooms/{quote(room)}/leave", {})
    dora.say(door, "It hums louder")
    dora.enter(room)
    _, who, shown = bert.until_reading(number, "hums louder")
    seen("Request Tracker", f"{who} replied, in the same ticket: {shown}")
    seen("Dora's client", "invited again, and entered")


def given_up(world, people, number, room, desk, card):
    """A ticket that is gone for a while, as after somebody has shredded it, and then brought it back from a backup."""
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    rows = sqlite3.connect(os.path.join(world.folder, "rt", "rt.sqlite3"), timeout=10, isolation_level=None)
    away = 1_000_000 + number
    step("Admin", "takes the ticket out of Request Tracker's database; Clara writes 'It smells, too'")
    rows.execute("UPDATE Tickets SET id = ? WHERE id = ?", (away, number))
    event = clara.say(room, "It smells, too")
    is_about_it = lambda notice: notice["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id") == event
    seen("Clara's client", clara.until_reading(room, "could not be delivered", is_about_it)["content"]["body"])
    listed = world.run("dead-letters", "list", "-c", world.config)
    require(f"ticket {number}" in listed and "smells" not in listed, f"it lists {listed}")
    seen("ticketroom dead-letters list", listed.strip().splitlines()[-1])
    step("Admin", "puts it back, and Anna writes !retry in the offer's thread")
    rows.execute("UPDATE Tickets SET id = ? WHERE id = ?", (number, away))
    anna.say(desk, "!retry", {"rel_type": "m.thread", "event_id": card})
    seen("Clara's client", clara.until_reading(room, "has been delivered now", is_about_it)["content"]["body"])
    _, who, shown = bert.until_reading(number, "It smells, too")
    seen("Request Tracker", f"{who} replied: {shown}")


def declined(person, room):
    """The bot leaves the chat that it was invited to, and says why."""
    def left():
        member = person.state(room, "m.room.member", BOT)
        return member if member.get("membership") == "leave" else None

    seen(f"{person.name}'s client", f"the bot declined: {until('the refusal', left).get('reason')}")


def too_many_of_a_homeserver(world):
    step("Admin", "allows one new chat an hour for each homeserver; Oscar, who never wrote before, invites the bot")
    world.servers.kill("bridge")
    world.start_again("bridge", {"TICKETROOM_QUOTAS__ROOMS_PER_SERVER_PER_HOUR": "1"})
    oscar = Person(world.homeserver, "oscar", "Oscar")
    declined(oscar, oscar.invite_to_chat(BOT))
