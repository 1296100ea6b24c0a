"""The demo's story, beside the ticket's life: drafts that are mended, a wish for a call, an outage, a picture in a mail."""

from demo_world import BOT, quote, require, seen, step, until

CALL = "org.matrix.msc3401.call.member"
# The smallest GIF there is.
PICTURE = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def is_edit(event):
    return event["content"].get("m.relates_to", {}).get("rel_type") == "m.replace"


def mended_and_dropped(people, room, desk, card):
    clara, anna = people["clara"], people["anna"]
    thread = {"rel_type": "m.thread", "event_id": card}
    step("Anna, in the offer's thread", "drafts: !add It costs {{price}}")
    anna.say(desk, "!add It costs {{price}}", thread)
    seen("Anna's client", anna.until_reading(desk, "I don't know what {{price}} stands for")["content"]["body"])
    draft = anna.until_reading(desk, "It costs", lambda event: event["sender"] == BOT)
    step("Anna", "edits it by a reply, 'It costs 12 €', and drops it with ❌")
    anna.say(desk, "It costs 12 €", {**thread, "is_falling_back": False, "m.in_reply_to": {"event_id": draft["event_id"]}})
    mended = anna.until_reading(desk, "12 €", lambda event: event["sender"] == BOT and is_edit(event))
    seen("Anna's client", mended["content"]["body"])
    anna.tap(desk, draft["event_id"], "❌")
    seen("Anna's client", anna.until_reading(desk, "Dropped by", is_edit)["content"]["body"])
    clara.must_not_read(room, "It costs", "what was dropped")


def prepared_in_the_room(people, number, room, desk):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    step("Anna, in the ticket's room", "writes !block farewell, !block 1 and !send")
    for command, shown in (("!block farewell", "Farewell"), ("!block 1", "Yours, Anna"), ("!send", "Sent to the customer")):
        anna.say(room, command)
        anna.until_reading(desk, shown, lambda event: event["sender"] == BOT)
    reply = clara.until_reading(room, "Yours, Anna")
    seen("Clara's client", f"{clara.name_of(room, reply)}: {reply['content']['body']}")
    _, who, shown = bert.until_reading(number, "Yours, Anna")
    seen("Request Tracker", f"{who} replied: {shown}")

    def taken_away():
        return not any(message["content"].get("body", "").startswith(("!block", "!send")) for message in clara.messages(room))

    until("the commands to be taken away", taken_away)
    seen("Clara's client", "nothing of the commands")


def wished_for(world, people, room, desk, card):
    clara, anna = people["clara"], people["anna"]
    step("Admin", "kills the bridge (kill -9), and starts it with Element Call as the place of video sessions")
    world.servers.kill("bridge")
    world.start_again("bridge", {"TICKETROOM_VIDEO__PROVIDER": "element_call"})
    step("Clara", "writes !video, and Anna taps ✅ on her wish")
    clara.say(room, "!video")
    seen("Clara's client", clara.until_reading(room, "Your wish was passed on")["content"]["body"])
    wish = anna.until_reading(desk, "asks for a video session")
    seen("Anna's client, in the offer's thread", wish["content"]["body"])
    anna.tap(desk, wish["event_id"], "✅")
    seen("Clara's client", clara.until_reading(room, "call.example.org")["content"]["body"])
    step("Clara's Element Call", "joins, and leaves")
    membership = {"application": "m.call", "call_id": "", "scope": "m.room", "device_id": "PHONE", "expires": 14_400_000,
                  "focus_active": {"type": "livekit", "focus_selection": "oldest_membership"}, "foci_preferred": []}
    path = f"/rooms/{quote(room)}/state/{CALL}/{quote(f'_{clara.id}_PHONE_m.call')}"
    for content, told in ((membership, "is in the video session"), ({}, "Everybody has left the video session")):
        clara.http.ok("PUT", path, content)
        seen("Anna's client, in the offer's thread", anna.until_reading(desk, told)["content"]["body"])
    anna.say(desk, "!video end", {"rel_type": "m.thread", "event_id": card})
    seen("Anna's client, in the offer's thread", anna.until_reading(desk, "session done")["content"]["body"])


def away_and_back(world, people, number, room):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    step("Admin", "kills Request Tracker (kill -9); Clara writes 'Nobody there?'")
    world.servers.kill("rt")
    event = clara.say(room, "Nobody there?")
    is_about_it = lambda notice: notice["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id") == event
    seen("Clara's client", clara.until_reading(room, "not delivered yet", is_about_it)["content"]["body"])
    anna.http.ok("PUT", f"/rooms/{quote(room)}/typing/{quote(anna.id)}", {"typing": True, "timeout": 60_000})
    clara.until_typing(room, anna.id)
    seen("Clara's client", "Anna is typing …")
    anna.say(room, "I am here, the helpdesk is not.")
    step("Admin", "starts it again")
    world.start_again("rt")
    seen("Clara's client", clara.until_reading(room, "has been delivered now", is_about_it)["content"]["body"])
    for words in ("Nobody there?", "the helpdesk is not"):
        _, who, shown = bert.until_reading(number, words)
        seen("Request Tracker", f"{who} replied: {shown}")


def without_homeserver(world, people, number, room):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    step("Admin", "kills Synapse (kill -9); Bert, in Request Tracker, replies 'Still on it.', and opens a ticket about another pump")
    world.servers.kill("synapse")
    bert.post(number, "correspond", "Still on it.")
    other = int(bert.http.ok("POST", "/ticket", {"Queue": "General", "Subject": "The other pump",
                                                 "Requestor": "carla@example.org", "Content": "It squeaks."})["id"])
    for ticket in (number, other):
        kind, _, shown = bert.until_reading(ticket, "not in the Matrix room yet")
        require(kind == "Comment", f"it is a {kind}")
        seen(f"Request Tracker, ticket {ticket}, internal", shown)
    step("Admin", "starts it again")
    world.start_again("synapse")
    seen("Clara's client", clara.until_reading(room, "Still on it.")["content"]["body"])
    desk = anna.room_of("_desk_queue_1")
    card = anna.until_reading(desk, f"#{other} ", lambda event: event["sender"] == BOT)
    seen("Anna's client", card["content"]["body"])
    for ticket in (number, other):
        seen(f"Request Tracker, ticket {ticket}, internal", bert.until_reading(ticket, "is in the Matrix room now")[2])


def blocks_for_her(people, desk, card):
    """What is listed for a ticket of this queue, whose customer reads German."""
    anna = people["anna"]
    thread = {"rel_type": "m.thread", "event_id": card}
    step("Anna, in the offer's thread", "writes !block: there is “Farewell” in two languages, and “Pump check” for another queue")
    asked = anna.say(desk, "!block farewell", thread)
    listed = anna.until_reading(desk, "Farewell", lambda event: event["sender"] == BOT and follows(anna, desk, event, asked))
    anna.tap(desk, listed["event_id"], "1\ufe0f\u20e3")
    draft = anna.until_reading(desk, "Ihre Anna", lambda event: event["sender"] == BOT)
    seen("Anna's client", draft["content"]["body"])
    anna.tap(desk, draft["event_id"], "❌")
    asked = anna.say(desk, "!block check", thread)
    none = anna.until_reading(desk, "check", lambda event: event["sender"] == BOT and follows(anna, desk, event, asked))
    require("Pump check" not in none["content"]["body"], f"it lists {none['content']['body']}")
    seen("Anna's client", none["content"]["body"])


def follows(person, room, event, earlier):
    order = [message["event_id"] for message in person.messages(room)]
    return order.index(event["event_id"]) > order.index(earlier)


def mailed(people, number, room, desk, card):
    anna = people["anna"]
    step("Carla, customer without Matrix", "answers by mail, with a picture in it")
    people["carla"].mail("\r\n".join([
        "From: Carla Customer <carla@example.org>", "To: desk@example.org", f"Subject: Re: [ticketroom #{number}] noise",
        "Message-ID: <1@example.org>", "MIME-Version: 1.0", "Content-Type: multipart/related; boundary=b", "",
        "--b", "Content-Type: text/html; charset=utf-8", "", '<p>It comes from <em>here</em>:</p><img src="cid:it@x">',
        "--b", "Content-Type: image/gif", "Content-ID: <it@x>", "Content-Disposition: inline; filename=here.gif",
        "Content-Transfer-Encoding: base64", "", PICTURE, "--b--", ""]))
    shown = anna.until_reading(room, "It comes from", lambda event: event["content"]["msgtype"] == "m.image")
    info = shown["content"]["info"]
    seen("Anna's client", f"{anna.name_of(room, shown)}: {shown['content']['body']} (a picture, {info['w']} × {info['h']})")
    step("Anna, in the offer's thread", "writes !video, where there are none for tickets of this desk")
    anna.say(desk, "!video", {"rel_type": "m.thread", "event_id": card})
    seen("Anna's client", anna.until_reading(desk, "no video sessions for tickets of this desk")["content"]["body"])
    step("Anna, in the offer's thread", "writes !block check, in the queue that the block is for")
    anna.say(desk, "!block check", {"rel_type": "m.thread", "event_id": card})
    seen("Anna's client", anna.until_reading(desk, "Pump check", lambda event: event["sender"] == BOT)["content"]["body"])
