"""The pictures' story: one ticket, seen by its customer while it is open and when it is locked, and by its agent."""

import os
import sys

import demo
from demo_world import DOMAIN, PROJECT, Failed, Person, until
from screenshot_client import Nheko, composer
from screenshot_screen import RESTLESS_BYTES, difference

MOST_BYTES = 300_000
FOLDER = os.path.join(PROJECT, "target", "screenshot")
HELP = """<p>Hello Clara, sorry about that! Please</p><ol><li>close the <strong>left</strong> valve,</li>\
<li>press <code>RESET</code> for three seconds,</li><li>tell me what the display says.</li></ol>\
<p>The valve is on page 4 of <a href="https://example.org/pump/manual">the manual</a>.</p>"""
HELP_PLAIN = """Hello Clara, sorry about that! Please

1. close the **left** valve,
2. press `RESET` for three seconds,
3. tell me what the display says.

The valve is on page 4 of [the manual](https://example.org/pump/manual)."""


class World(demo.World):
    """The demo's, in a folder of its own."""

    def __init__(self):
        demo.FOLDER = FOLDER
        super().__init__()

    def run(self, what, *arguments):
        # What `check` says is the demo's affair.
        return "" if what == "check" else super().run(what, *arguments)


def say(person, room, plain, html, relation=None):
    """As a client sends it in which somebody typed the Markdown."""
    content = {"msgtype": "m.text", "body": plain, "format": "org.matrix.custom.html", "formatted_body": html}
    event = person.send(room, content | ({"m.relates_to": relation} if relation else {}))
    demo.require(isinstance(event, str), f"Synapse refused {person.name}'s message: {event}")


def talk(people, number, room, desk, card):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    demo.step("Anna and Clara", "write to each other; Anna and Bert, beside it")
    say(anna, room, HELP_PLAIN, HELP)
    bert.until_reading(number, "the manual")
    clara.until_reading(room, "status")
    say(clara, room, "Done. It says `E4`, and it has *stopped* dripping!",
        "Done. It says <code>E4</code>, and it has <em>stopped</em> dripping!")
    bert.until_reading(number, "stopped")
    bert.post(number, "comment", "E4 is the seal. There are <b>two</b> in stock.")
    anna.until_reading(desk, "in stock")
    anna.say(desk, "Thanks, I'll send her one.", {"rel_type": "m.thread", "event_id": card})
    bert.until_reading(number, "send her one")
    say(anna, room, "Then it is the **seal**. A new one is on its way to you.",
        "Then it is the <strong>seal</strong>. A new one is on its way to you.")
    bert.until_reading(number, "on its way")


def offered(people, desk):
    anna, bert = people["anna"], people["bert"]
    pumps = bert.http.ok("GET", "/queue/Pumps")["id"]
    anna.enter(anna.room_of(f"_desk_queue_{pumps}"))
    demo.step("Bert, in Request Tracker", "opens a second ticket")
    bert.http.ok("POST", "/ticket", {"Queue": "General", "Subject": "Strange noise", "Requestor": "carla@example.org",
                                     "Content": "It <i>whistles</i> at night.", "ContentType": "text/html"})
    anna.until_reading(desk, "whistles")


def closed(people, number, room, desk, card):
    clara, anna, bert = people["clara"], people["anna"], people["bert"]
    demo.step("Anna, in Matrix", "writes !close in the offer's thread")
    anna.say(desk, "!close", {"rel_type": "m.thread", "event_id": card})
    bert.until_field(number, "Status", "resolved")
    until("the lock", lambda: clara.state(room, "m.room.power_levels").get("events_default") == 100)


def keep(client, folder, name):
    path = os.path.join(folder, name)
    client.screen.picture(path)
    size = os.path.getsize(path)
    demo.require(size < MOST_BYTES, f"{path} has {size} bytes, more than {MOST_BYTES}")
    demo.seen(client.name, f"{path} ({size // 1000} kB)")


def main(folder):
    os.makedirs(folder, exist_ok=True)
    world = World()
    try:
        world.start()
        people = {"clara": Person(world.homeserver, "clara", "Clara Customer"),
                  "anna": Person(world.homeserver, "anna", "Anna Agent"), "bert": world.agent("bert")}
        number, room = demo.customer_writes(world, people)
        desk, card = demo.agent_accepts(world, people, number, room)
        talk(people, number, room, desk, card)
        offered(people, desk)

        customer = Nheko(world, FOLDER, people["clara"])
        customer.open(room, f"_desk_ticket_{number}:{DOMAIN}")
        before = composer(customer.screen.until_at_rest("the open ticket's room"))
        keep(customer, folder, "ticket-open.png")

        agent = Nheko(world, FOLDER, people["anna"])
        agent.open(desk, f"_desk_queue_1:{DOMAIN}")
        agent.screen.until_at_rest("the desk room")
        keep(agent, folder, "desk-offer.png")

        closed(people, number, room, desk, card)
        customer.until_read(room)
        customer.screen.until_at_rest(
            "a room without a composer", lambda pixels: difference(composer(pixels), before) > RESTLESS_BYTES)
        customer.open_again(room, f"_desk_ticket_{number}:{DOMAIN}")
        keep(customer, folder, "ticket-locked.png")
    except Failed as failure:
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
