"""The demo's story: one ticket's life, and a second one from the other side, each step read back where it has to show."""

import json
import os
import shutil
import subprocess
import sys
import time

import demo_beside
import demo_carried
import demo_details
from demo_world import (BOT, DOMAIN, PROJECT, Administrator, Failed, Person, Servers, TrackerPerson, free_port, quote,
                        require, seen, step, until)

FOLDER = os.path.join(PROJECT, "target", "demo")


class World:
    """A Synapse, a Request Tracker and the bridge between them, all new."""

    TEMPLATES = [{"name": "pumps", "queue": "Pumps", "subject": "{{device.name}}: {{message}}", "priority": "High",
                  "block": "We look at **{{device.name}}** within two hours."}, {"name": "silent", "video": False}]
    folder = FOLDER

    def __init__(self):
        shutil.rmtree(FOLDER, ignore_errors=True)
        os.makedirs(FOLDER)
        self.servers = Servers(FOLDER)
        self.bridge = os.environ["TICKETROOM_BIN"]
        ports = [free_port(wanted) for wanted in (8008, 8080, 29328, 29329)]
        self.homeserver, self.tracker, self.appservice, self.observe = [f"http://127.0.0.1:{port}" for port in ports]
        self.ports = [str(port) for port in ports]

    def start(self):
        step("Demo", "starts Synapse, Request Tracker and the bridge (a first time takes half a minute)")
        config = os.path.join(FOLDER, "bridge")
        self.run("generate", "--domain", DOMAIN, "--homeserver", self.homeserver, "--helpdesk-url", self.tracker,
                 "--appservice-address", self.appservice, "--out", config)
        self.config, registration = os.path.join(config, "config.yaml"), os.path.join(config, "registration.yaml")
        self.may_act_for_anna(registration)
        self.servers.start("synapse", ["scripts/start-synapse", FOLDER + "/synapse", self.ports[0], registration])
        self.servers.start("rt", ["scripts/start-rt", FOLDER + "/rt", self.ports[1]])
        self.servers.until_answering("synapse", self.homeserver + "/health")
        self.servers.until_answering("rt", self.tracker + "/REST/2.0/rt", status=401)
        with open(FOLDER + "/rt/tokens.env", encoding="utf-8") as tokens:
            self.tokens = dict(line.strip().split("=", 1) for line in tokens if "=" in line)
        agents = [{"login": "anna", "matrix": f"@anna:{DOMAIN}", "name": "Anna Agent"}]
        self.environment = {
            "TICKETROOM_TEMPLATES": json.dumps(self.TEMPLATES),
            "TICKETROOM_HELPDESK__REQUEST_TRACKER__TOKEN": self.tokens["BRIDGE_TOKEN"],
            "TICKETROOM_HELPDESK__REQUEST_TRACKER__POLL_INTERVAL_MS": "1000",
            "TICKETROOM_HELPDESK__REQUEST_TRACKER__ARTICLE_CLASS": "General",
            "TICKETROOM_HELPDESK__REQUEST_TRACKER__BLOCK_CLASS": "Building blocks",
            "TICKETROOM_HELPDESK__REQUEST_TRACKER__INTERNAL_FIELD": "Internal",
            "TICKETROOM_TEXT_ASSISTANT": json.dumps([{"title": "Seal sizes", "url": "https://kb.example.org/sizes"}]),
            "TICKETROOM_BLOCKS": json.dumps([{"name": "Farewell", "body": "Yours, {{agent.name}}"},
                                             {"name": "Farewell", "language": "de", "body": "Ihre {{agent.name}}"},
                                             {"name": "Pump check", "queues": ["Pumps"], "body": "Please check the pump."}]),
            "TICKETROOM_AGENTS": json.dumps(agents),
            "TICKETROOM_VIDEO__PROVIDER": "jitsi",
            "TICKETROOM_VIDEO__JITSI__ADDRESS": "https://meet.example.org",
            "TICKETROOM_VIDEO__JITSI__APP_ID": "desk",
            "TICKETROOM_VIDEO__JITSI__SECRET": "the-secret-of-that-jitsi-server",
            "TICKETROOM_VIDEO__ELEMENT_CALL__ADDRESS": "https://call.example.org",
            "TICKETROOM_VIDEO__CUSTOMERS_MAY_ASK": "true",
            "TICKETROOM_VIDEO__OFF_FOR__DESKS": json.dumps(["Pumps"]),
            "TICKETROOM_VIDEO__OFF_FOR__DEVICES": json.dumps(["Boiler 3"]),
            "TICKETROOM_FILES__MAX_MIB": "1",
            "TICKETROOM_DELIVERY__TELL_WAITING_AFTER_S": "5",
            "TICKETROOM_DATABASE__URI": f"sqlite:{FOLDER}/ticketroom.db",
            "TICKETROOM_QUOTAS__ROOMS_PER_CUSTOMER_PER_HOUR": "12",
            "TICKETROOM_QUOTAS__TICKETS_PER_CUSTOMER_PER_HOUR": "5",
            "TICKETROOM_TEXTS__FOLDER": self.own_texts(),
            "TICKETROOM_OBSERVE__PORT": self.ports[3],
        }
        self.servers.start("bridge", [self.bridge, "run", "-c", self.config], self.environment)
        self.servers.until_answering("bridge", self.observe + "/health/ready")
        lines = self.run("check", "-c", self.config).strip().splitlines()
        # What can't be told (`?`) is no mistake.
        require(all(line.startswith(("ok", "?")) for line in lines), "\n".join(lines))
        right = [line for line in lines if line.startswith("ok")]
        seen("ticketroom check", f"{len(right)} things are right, and none is wrong")

    @staticmethod
    def own_texts():
        """What is said otherwise here."""
        folder = os.path.join(FOLDER, "texts")
        os.makedirs(folder + "/en")
        with open(folder + "/en/own.ftl", "w", encoding="utf-8") as file:
            file.write("greeting = Welcome to Pumps & Valves. Tell me here what it is about.\n")
        return folder

    @staticmethod
    def may_act_for_anna(registration):
        """As docs/admins.md says, so that closed rooms go to the end of her list."""
        with open(registration, encoding="utf-8") as file:
            text = file.read()
        anna = f"  - exclusive: false\n    regex: '@anna:{DOMAIN.replace('.', chr(92) + '.')}$'\n"
        with open(registration, "w", encoding="utf-8") as file:
            file.write(text.replace("  aliases:\n", anna + "  aliases:\n", 1))

    def start_again(self, name, more=None):
        self.servers.start_again(name, more)
        url, status = {"bridge": (self.observe + "/health/ready", 200), "rt": (self.tracker + "/REST/2.0/rt", 401),
                       "synapse": (self.homeserver + "/health", 200)}[name]
        self.servers.until_answering(name, url, status=status)

    def run(self, *arguments):
        environment = {**os.environ, **getattr(self, "environment", {})}
        done = subprocess.run([self.bridge, *arguments], capture_output=True, text=True, env=environment, check=False)
        require(done.returncode == 0, f"ticketroom {arguments[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def agent(self, login):
        return TrackerPerson(self.tracker, self.tokens[f"{login.upper()}_TOKEN"])


def customer_writes(world, people):
    clara, bert = people["clara"], people["bert"]
    door = clara.chat_with(BOT)
    text = "The pump leaks\n\nIt **drips** since Monday, about two litres a day."
    seen("Clara's client, in words of this organisation's own", clara.until_reading(door, "Pumps & Valves")["content"]["body"])
    step("Clara, customer, in Matrix", f"writes to {BOT}: {text!r}")
    clara.say(door, text)
    number = until("the ticket", lambda: bert.tickets().get("The pump leaks"))
    kind, who, shown = bert.until_reading(number, "two litres a day")
    require((kind, who) == ("Create", "Clara Customer"), f"it is a {kind} by {who}")
    seen("Request Tracker", f"ticket {number}, opened by {who}: {shown}")
    room = clara.room_of(f"_desk_ticket_{number}")
    clara.enter(room)
    name = clara.state(room, "m.room.name").get("name")
    require(name == f"#{number} The pump leaks", f"the room is called {name!r}")
    seen("Clara's client", f"invited to the room “{name}”, and entered")
    return number, room


def agent_accepts(world, people, number, room):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    desk = anna.room_of("_desk_queue_1")
    anna.enter(desk)
    card = anna.until_reading(desk, f"#{number} ", lambda event: event["sender"] == BOT)
    step("Bridge", "offers the ticket in the agents' desk room")
    seen("Anna's client", card["content"]["body"])
    step("Anna, agent, in Matrix", "tries to enter the ticket's room before she accepted")
    status, answer = anna.http.ask("POST", f"/join/{quote(room)}", {})
    require(status == 403, f"Synapse let her in: {status} {answer}")
    seen("Synapse", answer["errcode"])
    step("Anna", "taps ✅ on the offer")
    anna.tap(desk, card["event_id"], "✅")
    bert.until_field(number, "Owner", "anna")
    seen("Request Tracker", "owner: anna")
    anna.enter(room)
    notice = clara.until_reading(room, "Anna Agent")
    seen("Clara's client", notice["content"]["body"])
    return desk, card["event_id"]


def they_talk(people, number, room, desk, card):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    text = "Which *model* is it? See https://example.org/pumps"
    step("Anna, in Matrix", f"writes {text!r}")
    anna.say(room, text)
    kind, who, shown = bert.until_reading(number, "example.org/pumps")
    require((kind, who) == ("Correspond", "Anna Agent"), f"it is a {kind} by {who}")
    seen("Request Tracker", f"{who} replied: {shown}")

    text = "1. the blue one\n2. with the **long** hose"
    step("Clara, in Matrix", f"writes {text!r}")
    event = clara.say(room, text)
    kind, who, shown = bert.until_reading(number, "the blue one")
    require((kind, who) == ("Correspond", "Clara Customer"), f"it is a {kind} by {who}")
    seen("Request Tracker", f"{who} replied: {shown}")
    clara.until_read(room, event, BOT)
    seen("Clara's client", "a read receipt at her message: it is delivered")
    step("Anna, in Matrix", "reads it")
    anna.http.ok("POST", f"/rooms/{quote(room)}/receipt/m.read/{quote(event)}", {})
    clara.until_read(room, event, anna.id)
    seen("Clara's client", "another receipt: Anna has read it")

    step("Bert, agent without Matrix, in Request Tracker", "comments for colleagues: 'Guarantee is over.'")
    bert.post(number, "comment", "Guarantee is over.")
    note = anna.until_reading(desk, "Guarantee is over.")
    require(note["content"].get("m.relates_to", {}).get("event_id") == card, "it is not in the offer's thread")
    seen("Anna's client, in the offer's thread", note["content"]["body"])

    step("Anna, in the offer's thread", "writes 'She is a regular.', which is a note")
    anna.say(desk, "She is a regular.", {"rel_type": "m.thread", "event_id": card})
    kind, who, shown = bert.until_reading(number, "a regular")
    require(kind == "Comment", f"it is a {kind}")
    seen("Request Tracker", f"{who} commented: {shown}")
    step("Anna, in the ticket's room", "writes '!note He pays late'")
    anna.say(room, "!note He pays late")
    note = anna.until_reading(desk, "He pays late")
    require(note["content"].get("m.relates_to", {}).get("event_id") == card, "it is not in the offer's thread")
    seen("Anna's client, in the offer's thread", note["content"]["body"])
    kind, who, shown = bert.until_reading(number, "pays late")
    seen("Request Tracker", f"{who} commented: {shown}")
    until("it to be taken away", lambda: not any("!note" in event["content"].get("body", "") for event in clara.messages(room)))
    clara.must_not_read(room, "pays late", "the note")

    step("Bert, in Request Tracker", "replies 'Please close the <b>left</b> valve.'")
    bert.post(number, "correspond", "Please close the <b>left</b> valve.")
    reply = clara.until_reading(room, "valve")
    who = clara.name_of(room, reply)
    require(who == "Bert Berger", f"it came from {who}")
    require("<strong>left</strong>" in reply["content"].get("formatted_body", ""), f"unformatted: {reply['content']}")
    seen("Clara's client", f"{who}: {reply['content']['formatted_body']}")
    clara.must_not_read(room, "Guarantee", "the internal comment")
    return event


def prepared_in_the_thread(people, number, room, desk, card):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    thread = {"rel_type": "m.thread", "event_id": card}
    step("Anna, in the offer's thread", "searches building blocks: !block greeting")
    anna.say(desk, "!block greeting", thread)
    listed = anna.until_reading(desk, "Building blocks")
    seen("Anna's client", listed["content"]["body"])
    step("Anna", "taps 1️⃣, then searches an article: !link seal")
    anna.tap(desk, listed["event_id"], "1\ufe0f\u20e3")
    draft = anna.until_reading(desk, "Draft of Anna")
    anna.say(desk, "!link seal", thread)
    listed = anna.until_reading(desk, "How to change the seal")
    step("Anna", "writes !link 1 | this page")
    anna.say(desk, "!link 1 | this page", thread)
    shown = anna.until_reading(desk, "this page", lambda event: event["sender"] == BOT)
    seen("Anna's client", shown["content"]["body"])
    clara.must_not_read(room, "this page", "the draft")
    step("Anna", "taps ✅ on the draft")
    anna.tap(desk, draft["event_id"], "✅")
    reply = clara.until_reading(room, "this page")
    require(clara.name_of(room, reply) == "Anna Agent", "it came from somebody else")
    require("Hello Clara Customer" in reply["content"]["body"], f"not filled in: {reply['content']}")
    seen("Clara's client", f"Anna Agent: {reply['content']['formatted_body']}")
    kind, who, shown = bert.until_reading(number, "this page")
    require((kind, who) == ("Correspond", "Anna Agent"), f"it is a {kind} by {who}")
    seen("Request Tracker", f"{who} replied: {shown}")

    text = "Sizes are on [[https://kb.example.org/sizes | this list]]."
    step("Anna, in the ticket's room", f"writes {text!r}")
    anna.say(room, text)
    reply = clara.until_reading(room, "this list (https")
    seen("Clara's client", f"{clara.name_of(room, reply)}: {reply['content']['formatted_body']}")
    _, who, shown = bert.until_reading(number, "this list</a>")
    seen("Request Tracker", f"{who} replied: {shown}")


def files_pass(people, number, room):
    clara, bert = people["clara"], people["bert"]
    corpus = os.path.join(PROJECT, "tests", "corpus")
    step("Clara, in Matrix", "sends a picture with a caption, and a voice message")
    clara.send_file(room, f"{corpus}/files/photo.jpg",
                    {"msgtype": "m.image", "body": "This is the *valve*", "filename": "valve größer.jpg"})
    clara.send_file(room, f"{corpus}/files/voice.ogg", {"msgtype": "m.audio", "org.matrix.msc3245.voice": {}})
    names = until("both files", lambda: (bert.files(number) or [])[1:] and bert.files(number))
    require(names == ["valve größer.jpg", "Voice message 0:02.ogg"], f"the files are {names}")
    seen("Request Tracker", ", ".join(names))

    step("Bert, in Request Tracker", "attaches a picture, and a recording")
    bert.attach(number, "This one?", (f"{corpus}/files/picture.png", "image/png"))
    bert.attach(number, "Listen:", (f"{corpus}/files/voice.ogg", "audio/ogg"))
    is_from_bert = lambda kind: lambda event: event["content"]["msgtype"] == kind and event["sender"] != clara.id
    picture = clara.until_reading(room, "This one?", is_from_bert("m.image"))["content"]
    seen("Clara's client", f"{picture['filename']}, {picture['info']['w']} × {picture['info']['h']}: {picture['body']}")
    voice = clara.until_reading(room, "voice.ogg", is_from_bert("m.audio"))["content"]
    require("org.matrix.msc3245.voice" in voice, f"no voice message: {voice}")
    bars = "".join("▁▂▃▄▅▆▇█"[min(7, level // 128)] for level in voice["org.matrix.msc1767.audio"]["waveform"][::3])
    seen("Clara's client", f"a voice message of {voice['info']['duration'] / 1000:.1f} s {bars}")

    step("Clara", "sends a web page named like a picture")
    clara.send_file(room, f"{corpus}/disguised/page.png", {"msgtype": "m.image"})
    seen("Clara's client", clara.until_reading(room, "“page.png”")["content"]["body"])
    require(len(bert.files(number)) == 4, "it is in the ticket")
    seen("Request Tracker", "nothing of it")


def a_language_is_chosen(people, room, desk, card):
    clara = people["clara"]
    step("Clara", "writes '!language de', and '!help'")
    clara.say(room, "!language de")
    seen("Clara's client", clara.until_reading(room, "auf Deutsch", lambda event: event["sender"] == BOT)["content"]["body"])
    clara.say(room, "!help")
    seen("Clara's client", clara.until_reading(room, "bearbeitet oder gelöscht werden")["content"]["body"])
    demo_beside.blocks_for_her(people, desk, card)
    clara.say(room, "!language en")
    clara.until_reading(room, "write to you in English")


def nothing_is_edited(people, number, room, event):
    clara, bert = people["clara"], people["bert"]
    step("Clara", "edits one of her messages, and tries to delete it")
    edit = clara.send(room, {"msgtype": "m.text", "body": "* the red one",
                             "m.new_content": {"msgtype": "m.text", "body": "the red one"},
                             "m.relates_to": {"rel_type": "m.replace", "event_id": event}})
    path = f"/rooms/{quote(room)}/event/{quote(edit)}"
    until("the edit to be undone", lambda: "redacted_because" in clara.http.ok("GET", path).get("unsigned", {}))
    notice = clara.until_reading(room, "can't be edited")
    seen("Clara's client", f"the original again, and: {notice['content']['body']}")
    status, answer = clara.http.ask("PUT", f"/rooms/{quote(room)}/redact/{quote(event)}/demo", {})
    require(status == 403, f"Synapse deleted it: {status} {answer}")
    seen("Synapse, to the deleting", answer["errcode"])
    require(not any("red one" in entry[2] for entry in bert.words(number)), "the edit is in the ticket")
    seen("Request Tracker", "still the original")


def closed_and_reopened(world, people, number, room, desk, card):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    step("Bert, in Request Tracker", "raises the priority to 80")
    bert.change(number, {"Priority": 80})
    seen("Clara's client", clara.until_reading(room, "priority")["content"]["body"])
    step("Bert, in Request Tracker", "changes the subject, moves the ticket to the queue Pumps and back, and sets it to stalled")
    for fields, word in (({"Subject": "The pump leaks badly"}, "leaks badly"), ({"Queue": "Pumps"}, "Pumps"),
                         ({"Queue": "General"}, "General"), ({"Status": "stalled"}, "stalled")):
        bert.change(number, fields)
        seen("Clara's client", clara.until_reading(room, word, is_notice)["content"]["body"])

    demo_carried.ended_with_the_ticket(world, people, number, room, desk, card)
    step("Anna, in Matrix", "writes !close in the offer's thread")
    anna.say(desk, "!close", {"rel_type": "m.thread", "event_id": card})
    bert.until_field(number, "Status", "resolved")
    seen("Request Tracker", "status: resolved")
    seen("Clara's client", clara.until_reading(room, "was closed")["content"]["body"])

    def locked():
        levels = clara.state(room, "m.room.power_levels")
        if levels.get("events_default") != 100:
            raise Failed(str(levels))
        return True

    until("the lock", locked)
    until("the session to be over", lambda: not clara.state(room, "im.vector.modular.widgets", "ticketroom-video").get("url"))
    seen("Clara's client", "the video session is over, too")
    refusal = clara.send(room, {"msgtype": "m.text", "body": "One more thing"})
    require(isinstance(refusal, dict) and refusal.get("errcode") == "M_FORBIDDEN", f"Synapse took it: {refusal}")
    seen("Synapse, to Clara's next message", refusal["errcode"])
    until("the room to be low", lambda: "m.lowpriority" in anna.http.ok(
        "GET", f"/user/{quote(anna.id)}/rooms/{quote(room)}/tags")["tags"])
    seen("Anna's client", "the room is at the end of her list (low priority)")
    last = clara.messages(room)[-1]["event_id"]
    refusal = clara.tap(room, last, "👍")
    require(isinstance(refusal, dict) and refusal.get("errcode") == "M_FORBIDDEN", f"Synapse took it: {refusal}")
    seen("Synapse, to Clara's reaction", refusal["errcode"])
    demo_details.shelved(anna, room, False)

    step("Anna, in the offer's thread", "writes !reopen")
    anna.say(desk, "!reopen", {"rel_type": "m.thread", "event_id": card})
    bert.until_field(number, "Status", "open")
    seen("Clara's client", clara.until_reading(room, "reopened")["content"]["body"])
    demo_details.shelved(anna, room, True)
    step("Clara", "writes 'It drips again.'")
    clara.say(room, "It drips again.")
    _, who, shown = bert.until_reading(number, "It drips again.")
    seen("Request Tracker", f"{who} replied: {shown}")


def is_notice(event):
    return event["content"].get("msgtype") == "m.notice"


def handed_over(people, number, room, desk, card):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    thread = {"rel_type": "m.thread", "event_id": card}
    step("Anna, in the offer's thread", "asks what she can do: !help")
    anna.say(desk, "!help", thread)
    seen("Anna's client", anna.until_reading(desk, "!release")["content"]["body"])
    step("Anna", "writes !release")
    anna.say(desk, "!release", thread)
    bert.until_field(number, "Owner", "Nobody")
    seen("Request Tracker", "nobody owns the ticket")
    step("Bert, in Request Tracker", "takes the ticket")
    bert.change(number, {"Owner": "bert"})
    seen("Clara's client", clara.until_reading(room, "Bert Berger", is_notice)["content"]["body"])
    refusal = anna.send(room, {"msgtype": "m.text", "body": "May I?"})
    require(isinstance(refusal, dict) and refusal.get("errcode") == "M_FORBIDDEN", f"Synapse took it: {refusal}")
    seen("Synapse, to Anna, who may only read now", refusal["errcode"])
    step("Bert, in Request Tracker", "gives the ticket to Anna")
    bert.change(number, {"Owner": "anna"})

    def may_write():
        levels = anna.state(room, "m.room.power_levels")
        return levels.get("users", {}).get(anna.id) == 20

    until("Anna's right to write", may_write)
    seen("Anna's client", "she may write again")


def an_encrypted_chat(world, people):
    bert = people["bert"]
    step("Dora, customer", "writes to the bot from a client that encrypts new chats")
    dora = people["dora"] = Person(world.homeserver, "dora", "Dora Door")
    door = dora.invite_to_chat(BOT, encrypted=True)
    until("the bot to join the chat", lambda: dora.state(door, "m.room.member", BOT).get("membership") == "join")
    dora.send(door, {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA", "session_id": "s"}, "m.room.encrypted")
    seen("Dora's client", dora.until_reading(door, "can't read encrypted")["content"]["body"])
    room = dora.until_invited()
    dora.enter(room)
    dora.say(room, "The bell is silent")
    number = until("the ticket", lambda: bert.tickets().get("The bell is silent"))
    named = until("the room's name", lambda: dora.state(room, "m.room.name").get("name", "").startswith("#"))
    require(named, "the room has another name")
    seen("Request Tracker", f"ticket {number}, and the room that she writes in is its room: {dora.state(room, 'm.room.name')['name']}")


def a_known_account(world, people):
    dora, bert = people["dora"], people["bert"]
    step("Admin of Request Tracker", "notes Dora's Matrix account in her record")
    root = world.agent("root")
    root.http.ok("POST", "/user", {"Name": "dora@example.org", "EmailAddress": "dora@example.org", "RealName": "Dora Door"})
    root.http.ok("PUT", f"/user/{quote('dora@example.org')}", {"CustomFields": {"Matrix ID": dora.id}})
    step("Bert, in Request Tracker", "opens a ticket for dora@example.org")
    number = int(bert.http.ok("POST", "/ticket", {
        "Queue": "General", "Subject": "Your new bell", "Requestor": "dora@example.org",
        "Content": "It rings.", "ContentType": "text/plain"})["id"])
    room = dora.until_invited()
    dora.enter(room)
    name = dora.state(room, "m.room.name").get("name")
    require(name == f"#{number} Your new bell", f"the room is called {name!r}")
    seen("Dora's client", f"invited to “{name}”")
    anna = people["anna"]
    desk = anna.room_of("_desk_queue_1")
    card = anna.until_reading(desk, f"#{number} ", lambda event: event["sender"] == BOT)
    step("Bert, in Request Tracker, and Anna, with ✅ on the offer", "take that ticket in the same moment")
    bert.change(number, {"Owner": "bert"})
    anna.tap(desk, card["event_id"], "✅")
    seen("Anna's client", anna.until_reading(desk, "was faster")["content"]["body"])
    bert.until_field(number, "Owner", "bert")
    seen("Request Tracker", "one owner: bert")


def a_code_is_scanned(world, people):
    clara, bert = people["clara"], people["bert"]
    step("Admin", 'runs ticketroom code add --id pump-7 --device "Pump 7" --template pumps')
    seen("ticketroom", world.run("code", "add", "-c", world.config, "--id", "pump-7", "--device", "Pump 7",
                                 "--template", "pumps"))
    shown = world.run("code", "qr", "pump-7", "-c", world.config)
    print(shown, flush=True)
    contact = f"@_desk_code_pump-7:{DOMAIN}"
    require(f"https://matrix.to/#/{contact}" in shown, "the link is not that of the contact")
    demo_details.printed(world)
    step("Clara", "scans it, and writes 'It is loud' to the contact that opens")
    door = clara.chat_with(contact)
    seen("Clara's client", clara.until_reading(door, "Pump 7")["content"]["body"])
    clara.say(door, "It is loud")
    clara.say(door, "And hot")
    number = until("the ticket", lambda: bert.tickets().get("Pump 7: It is loud"))
    ticket = bert.ticket(number)
    fields = {field["name"]: field["values"] for field in ticket["CustomFields"]}
    require(fields.get("Device") == ["Pump 7"] and fields.get("Template") == ["pumps"], f"its fields are {fields}")
    bert.until_field(number, "Priority", "100")
    seen("Request Tracker", f"ticket {number}: device Pump 7, template pumps, priority {ticket['Priority']}")
    _, who, shown = bert.until_reading(number, "And hot")
    seen("Request Tracker", f"{who} replied, in the same ticket: {shown}")
    room = clara.room_of(f"_desk_ticket_{number}")
    clara.enter(room)
    seen("Clara's client", clara.until_reading(room, "We look at")["content"]["body"])
    step("Clara", "writes !cancel: nobody has accepted it yet")
    clara.say(room, "!cancel")
    bert.until_field(number, "Status", "rejected")
    seen("Clara's client", clara.until_reading(room, "taken this ticket back")["content"]["body"])
    demo_carried.codes(world, people, contact)


def internal_for_a_while(people, number, room):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    step("Bert, in Request Tracker", "makes the ticket internal, and replies 'She has not paid since May.'")
    bert.change(number, {"CustomFields": {"Internal": "Yes"}})
    until("Clara to be out of the room",
          lambda: anna.state(room, "m.room.member", clara.id).get("membership") == "leave")
    seen("Anna's client", anna.until_reading(room, "internal now")["content"]["body"])
    bert.post(number, "correspond", "She has not paid since May.")
    seen("Anna's client", anna.until_reading(room, "not paid since May")["content"]["body"])
    step("Bert, in Request Tracker", "makes it public again, and replies 'Is it dry now?'")
    bert.change(number, {"CustomFields": {"Internal": "no"}})
    clara.enter(room)
    bert.post(number, "correspond", "Is it dry now?")
    seen("Clara's client, invited again", clara.until_reading(room, "Is it dry now?")["content"]["body"])
    clara.must_not_read(room, "not paid", "what was said without her")


def left_and_back(people, number, room, desk):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    step("Clara", "leaves the room")
    clara.http.ok("POST", f"/rooms/{quote(room)}/leave", {})
    told = anna.until_reading(desk, "has left the ticket's room")
    seen("Anna's client, in the offer's thread", told["content"]["body"])
    step("Bert, in Request Tracker", "replies 'Are you still there?'")
    bert.post(number, "correspond", "Are you still there?")
    clara.enter(room)
    seen("Clara's client, invited again", clara.until_reading(room, "still there?")["content"]["body"])


def a_room_is_upgraded(world, people, number, room, desk):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    step("Admin of the homeserver", "takes power in the ticket's room (make_room_admin), and upgrades it")
    root = Administrator(world.homeserver, FOLDER + "/synapse")
    root.take_power(room)
    new = root.http.ok("POST", f"/rooms/{quote(room)}/upgrade", {"new_version": "12"})["replacement_room"]
    told = anna.until_reading(desk, "Please invite me to the new room")
    seen("Anna's client, in the offer's thread", told["content"]["body"])
    step("Admin of the homeserver", "gives the bot its power there, and invites it")
    levels = root.state(new, "m.room.power_levels")
    levels["users"][BOT] = 100
    root.http.ok("PUT", f"/rooms/{quote(new)}/state/m.room.power_levels/", levels)
    root.http.ok("POST", f"/rooms/{quote(new)}/invite", {"user_id": BOT})
    seen("Anna's client, in the offer's thread", anna.until_reading(desk, "I have followed")["content"]["body"])
    clara.enter(new)
    clara.say(new, "I am over here now.")
    _, who, shown = bert.until_reading(number, "over here now")
    seen("Request Tracker", f"{who} replied, in the new room: {shown}")


def nobody_floods_us(world):
    step("Mallory", "begins 13 chats with the bot, where the configuration allows 12 an hour")
    mallory = Person(world.homeserver, "mallory", "Mallory")
    rooms = [mallory.chat_with(BOT) for _ in range(12)]
    demo_details.declined(mallory, mallory.invite_to_chat(BOT))
    demo_carried.too_many_tickets(mallory, rooms, 5)


def opened_in_tracker(people):
    anna, bert = people["anna"], people["bert"]
    step("Bert, in Request Tracker", "opens a ticket for carla@example.org, who has no Matrix account")
    number = int(bert.http.ok("POST", "/ticket", {
        "Queue": "Pumps", "Subject": "Strange noise", "Requestor": "carla@example.org",
        "Content": "It <i>whistles</i>.", "ContentType": "text/html"})["id"])
    room = anna.room_of(f"_desk_ticket_{number}")
    desk = anna.room_of(f"_desk_queue_{bert.http.ok('GET', '/queue/Pumps')['id']}")
    anna.enter(desk)
    card = anna.until_reading(desk, f"#{number} ", lambda event: event["sender"] == BOT)
    seen("Anna's client, in the desk room of Pumps", card["content"]["body"])
    step("Anna, in Matrix", "writes !accept in the offer's thread")
    anna.say(desk, "!accept", {"rel_type": "m.thread", "event_id": card["event_id"]})
    anna.enter(room)
    first = anna.until_reading(room, "whistles")
    members = anna.http.ok("GET", f"/rooms/{quote(room)}/joined_members")["joined"].values()
    names = sorted(member.get("display_name") or "?" for member in members)
    require("Carla Customer" in names, f"in the room are {names}")
    seen("Anna's client", f"in the room: {', '.join(names)}; it begins: {first['content']['body']}")
    return number, room, desk, card["event_id"]


def everything_is_said(people, number, room):
    clara, bert = people["clara"], people["bert"]
    asked = clara.until_reading(room, "valve")
    step("Clara, in Matrix", "answers that message, mentions Anna, sends a sticker, a place and a poll")
    clara.send(room, {"msgtype": "m.text", "body": "@anna:%s which one?" % DOMAIN,
                      "m.mentions": {"user_ids": ["@anna:%s" % DOMAIN]},
                      "m.relates_to": {"m.in_reply_to": {"event_id": asked["event_id"]}}}, "m.room.message")
    clara.send(room, {"body": "Happy cat", "url": "mxc://example.org/cat", "info": {}}, "m.sticker")
    clara.send(room, {"msgtype": "m.location", "body": "By the door", "geo_uri": "geo:52.5163,13.3777"}, "m.room.message")
    clara.send(room, {"org.matrix.msc3381.poll.start": {
        "question": {"org.matrix.msc1767.text": "When do you come?"},
        "answers": [{"id": "1", "org.matrix.msc1767.text": "Today"}, {"id": "2", "org.matrix.msc1767.text": "Tomorrow"}],
    }}, "org.matrix.msc3381.poll.start")
    for words in ("which one?", "Happy cat", "openstreetmap", "When do you come?"):
        _, who, shown = bert.until_reading(number, words)
        seen("Request Tracker", f"{who}: {shown}")


def they_meet(people, number, room, desk, card):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    thread = {"rel_type": "m.thread", "event_id": card}
    step("Anna, in the offer's thread", "writes !video")
    anna.send(desk, {"msgtype": "m.text", "body": "!video", "m.relates_to": thread}, "m.room.message")
    link = clara.until_reading(room, "meet.example.org")
    seen("Clara's client", link["content"]["body"])
    widget = until("the widget", lambda: clara.state(room, "im.vector.modular.widgets", "ticketroom-video").get("url"))
    seen("Clara's client, beside the messages", f"a widget: {widget}")
    demo_carried.token(people, desk)
    demo_carried.refers(bert, number, "meet.example.org")
    _, who, shown = bert.until_reading(number, "Video session opened")
    seen("Request Tracker", f"{who} commented: {shown}")
    step("Anna", "writes !video end")
    anna.send(desk, {"msgtype": "m.text", "body": "!video end", "m.relates_to": thread}, "m.room.message")
    ended = clara.until_reading(room, "video session has ended")
    seen("Clara's client", ended["content"]["body"])


def merged(world, people):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    step("Clara", "writes to the bot twice about the same thing, and a ticket each is opened")
    door = clara.chat_with(BOT)
    rooms = []
    for text in ("The tap drips", "The tap still drips"):
        clara.say(door, text)
        number = until("the ticket", lambda text=text: bert.tickets().get(text))
        room = clara.room_of(f"_desk_ticket_{number}")
        clara.enter(room)
        # From now on what she writes to the bot is another ticket.
        clara.say(room, f"{text}, in the kitchen.")
        bert.until_reading(number, "in the kitchen")
        rooms.append((number, room))
    (one, old), (two, new) = rooms
    step("Bert, in Request Tracker", f"merges ticket {two} into ticket {one}")
    bert.change(two, {"MergeInto": one})
    seen("Clara's client", clara.until_reading(new, "was merged into")["content"]["body"])

    def replaced():
        tombstone = clara.state(new, "m.room.tombstone")
        return tombstone.get("replacement_room") == old

    until("the tombstone", replaced)
    seen("Clara's client", f"the room points to the one of #{one}")
    clara.say(old, "It is one tap only.")
    _, who, shown = bert.until_reading(one, "one tap only")
    seen("Request Tracker", f"{who} replied in the ticket that goes on: {shown}")
    space = anna.room_of("_desk_space_1")
    anna.enter(space)
    children = [event["state_key"] for event in anna.http.ok("GET", f"/rooms/{quote(space)}/state")
                if event["type"] == "m.space.child" and event["content"].get("via")]
    require(old in children and new not in children, f"the space shows {children}")
    seen("Anna's client", f"the desk's space shows {len(children)} rooms, among them that of #{one} and not the merged one")


def main():
    began = time.monotonic()
    world = World()
    try:
        world.start()
        people = {"clara": Person(world.homeserver, "clara", "Clara Customer"),
                  "anna": Person(world.homeserver, "anna", "Anna Agent"), "bert": world.agent("bert"),
                  "carla": world.agent("carla")}
        number, room = customer_writes(world, people)
        desk, card = agent_accepts(world, people, number, room)
        event = they_talk(people, number, room, desk, card)
        prepared_in_the_thread(people, number, room, desk, card)
        demo_beside.mended_and_dropped(people, room, desk, card)
        demo_beside.prepared_in_the_room(people, number, room, desk)
        demo_carried.links(people, number, room, desk, card)
        demo_details.chosen_from(people, room, desk, card)
        files_pass(people, number, room)
        demo_carried.files(people, number, room)
        demo_details.limits(world, people, number, room)
        everything_is_said(people, number, room)
        demo_carried.words(people, number, room)
        demo_details.addresses(people, number, room)
        they_meet(people, number, room, desk, card)
        demo_beside.wished_for(world, people, room, desk, card)
        demo_details.nobody_came(people, room, desk, card)
        demo_beside.away_and_back(world, people, number, room)
        demo_beside.without_homeserver(world, people, number, room)
        demo_details.given_up(world, people, number, room, desk, card)
        a_language_is_chosen(people, room, desk, card)
        nothing_is_edited(people, number, room, event)
        closed_and_reopened(world, people, number, room, desk, card)
        handed_over(people, number, room, desk, card)
        internal_for_a_while(people, number, room)
        left_and_back(people, number, room, desk)
        a_room_is_upgraded(world, people, number, room, desk)
        other, *places = opened_in_tracker(people)
        demo_beside.mailed(people, other, *places)
        demo_carried.mail_answers(people, other, places[0])
        an_encrypted_chat(world, people)
        a_known_account(world, people)
        merged(world, people)
        a_code_is_scanned(world, people)
        nobody_floods_us(world)
        demo_details.too_many_of_a_homeserver(world)
    except Failed as failure:
        print(f"  ✗ not seen: {failure}", flush=True)
        for name, _ in world.servers.children:
            print(f"\n--- end of {world.servers.log(name)}\n{world.servers.tail(name)}", flush=True)
        return 1
    print(f"\nEvery step was seen on the other side ({time.monotonic() - began:.0f} s).", flush=True)
    if "--once" in sys.argv[1:]:
        return 0
    print(f"""
Look at it yourself, until Ctrl-C:
  Matrix homeserver  {world.homeserver}   (name {DOMAIN}; in a client: sign in with this address as homeserver)
                     {people['clara'].id} / {people['clara'].password}   customer
                     {people['anna'].id} / {people['anna'].password}   agent
  Request Tracker    {world.tracker}   anna / anna-demo, bert / bert-demo; root's password: {FOLDER}/rt/root-password
  Bridge             {world.observe}/metrics   logs in {FOLDER}
  The bot            {BOT}
""", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
