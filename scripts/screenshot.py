"""The pictures of docs/pictures: what a customer, an agent and a customer who speaks German see in a real client."""

import os
import subprocess
import sys

import demo
from demo_world import DOMAIN, PROJECT, Failed, Person, quote
from screenshot_client import Nheko
from screenshot_story import Talk, another_ticket, code_in_german, in_german, scanned

MOST_BYTES = 60_000
FOLDER = os.path.join(PROJECT, "target", "screenshot")


class World(demo.World):
    """The demo's, in a folder of its own."""

    TEMPLATES = [{"name": "pumpen", "queue": "Pumps", "subject": "{{device.name}}: {{message}}", "priority": "High",
                  "block": "Wir sehen uns **{{device.name}}** innerhalb von zwei Stunden an."}]

    def __init__(self):
        demo.FOLDER = FOLDER
        # This Nheko is older than authenticated media, and knows spaces up to room version 10.
        os.environ |= {"AUTHENTICATED_MEDIA": "false", "ROOM_VERSION": "10"}
        super().__init__()

    def run(self, what, *arguments):
        # What `check` says is the demo's affair.
        return "" if what == "check" else super().run(what, *arguments)


def keep(client, folder, name):
    path = os.path.join(folder, name)
    client.screen.picture(path)
    size = os.path.getsize(path)
    demo.require(size < MOST_BYTES, f"{path} has {size} bytes, more than {MOST_BYTES}")
    demo.seen(client.name, f"{path} ({size // 1000} kB)")


def look(world, customer, number, room, folder, name):
    """A ticket's room as its customer sees it now."""
    client = Nheko(world, FOLDER, customer)
    client.open(room, f"_desk_ticket_{number}:{DOMAIN}")
    client.screen.until_at_rest(f"the room of {name}")
    keep(client, folder, name)
    client.close()


def of_clara(world, people, folder):
    clara, anna = people["clara"], people["anna"]
    number, room = demo.customer_writes(world, people)
    desk, card = demo.agent_accepts(world, people, number, room)
    talk = Talk(people, number, room, desk, card)
    talk.they_write()
    another_ticket(people, desk)
    anna.enter(anna.room_of("_desk_space_1"))
    # Another desk's stay out of the picture.
    pumps = people["bert"].http.ok("GET", "/queue/Pumps")["id"]
    for alias in (f"_desk_queue_{pumps}", f"_desk_space_{pumps}"):
        other = anna.room_of(alias)
        anna.enter(other)
        anna.http.ok("POST", f"/rooms/{quote(other)}/leave", {})

    look(world, clara, number, room, folder, "ticket-open.png")

    agent = Nheko(world, FOLDER, anna, spaces=True)
    agent.open(desk, f"_desk_queue_1:{DOMAIN}")
    agent.choose_space()
    keep(agent, folder, "desk-offer.png")
    draft = talk.a_draft_is_prepared()
    agent.until_read(desk)
    agent.screen.until_at_rest("the draft")
    keep(agent, folder, "desk-draft.png")

    talk.the_draft_is_sent(draft)
    talk.files_pass(FOLDER)
    agent.close()
    look(world, clara, number, room, folder, "ticket-files.png")
    talk.closed()
    look(world, clara, number, room, folder, "ticket-locked.png")


def of_karl(world, people, folder):
    contact = code_in_german(world, folder)
    door, number, room = scanned(people, contact)
    client = Nheko(world, FOLDER, people["karl"])
    client.open_chat(door)
    client.screen.until_at_rest("the contact of the code")
    keep(client, folder, "code-greeting.png")
    client.close()
    in_german(people, number, room)
    look(world, people["karl"], number, room, folder, "ticket-german.png")


def main(folder):
    os.makedirs(folder, exist_ok=True)
    world = World()
    try:
        world.start()
        people = {"clara": Person(world.homeserver, "clara", "Clara Customer"),
                  "karl": Person(world.homeserver, "karl", "Karl Kunde"),
                  "anna": Person(world.homeserver, "anna", "Anna Agent"), "bert": world.agent("bert")}
        of_clara(world, people, folder)
        of_karl(world, people, folder)
    except (Failed, subprocess.CalledProcessError) as failure:
        print(f"  ✗ {failure}", flush=True)
        for name, _ in world.servers.children:
            print(f"\n--- end of {world.servers.log(name)}\n{world.servers.tail(name)}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
