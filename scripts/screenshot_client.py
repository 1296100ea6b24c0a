"""A person's real Matrix client, Nheko 0.11, on a screen of its own."""

import atexit
import itertools
import os
import subprocess
import tempfile

from demo_world import Failed, Http, quote, until
from screenshot_screen import HEIGHT, WIDTH, Screen

# This Nheko is older than m.mentions: these rules would draw a red frame around what says the person's name, or not.
FRAMES = ("override/.m.rule.contains_display_name", "content/.m.rule.contains_user_name")
# It has no line for a widget, which stands above the messages, and says "Unretrieved event" in its place.
HIDDEN = ["im.vector.modular.widgets", "m.reaction", "m.call.candidates", "m.unsupported"]
# Where Nheko, in a window of this size, has what we look at and click; `right` of a wider list of spaces.
WIZARD, WIZARD_CANCEL = (30, 600), (1034, HEIGHT - 39)
BANNER, BANNER_CLOSE = (200, 60), (287, 69)
SECOND_ROOM, NOTHING = (170, 132), (170, 600)
ROOM_LIST_WIDTH = 260
SPACES_NARROW, SPACES_WIDTH = 41, 150
FIRST_SPACE = (70, 110)

# The form of Qt's settings: a value that begins with @ gets a second one.
CONFIG = f"""\
[General]
run_without_secure_secrets_service=true

[auth]
access_token={{access_token}}
device_id={{device_id}}
home_server={{home_server}}
user_id=@{{user_id}}

[user]
theme=light
font_family=DejaVu Sans
font_size=10
reduced_motion=true
desktop_notifications=false
sidebar\\room_list_width={ROOM_LIST_WIDTH}
sidebar\\community_list_width={{spaces_width}}

[window]
width={WIDTH}
height={HEIGHT}
"""


class Nheko:
    """Signed in as a person, with everything it keeps in a folder of its own.

    Lines that come in later can lie upon each other, or are not drawn: each picture but a row of them gets a new one."""

    NUMBERS = itertools.count(1)

    def __init__(self, world, folder, person, spaces=False):
        self.person = person
        self.spaces_width = SPACES_WIDTH if spaces else SPACES_NARROW
        self.name = f"nheko-{person.name.split()[0].lower()}-{next(self.NUMBERS)}"
        self.screen = Screen(world.servers, folder, f"{self.name}-screen")
        home = os.path.join(folder, self.name)
        # By what lies here a second Nheko finds the first: ours must not find that of whoever runs this.
        self.sockets = tempfile.TemporaryDirectory(prefix="nheko-")
        self.screen.environment |= {
            "HOME": home, "TMPDIR": self.sockets.name, "XDG_RUNTIME_DIR": self.sockets.name,
            "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "QT_QPA_PLATFORM": "xcb", "QT_QUICK_BACKEND": "software", "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            **{f"XDG_{kind}_HOME": f"{home}/{kind.lower()}" for kind in ("CONFIG", "DATA", "CACHE", "STATE")},
        }
        os.makedirs(home + "/config/nheko")
        login = person.http.ok("POST", "/login", {
            "type": "m.login.password", "password": person.password,
            "identifier": {"type": "m.id.user", "user": person.id}})
        self.session = Http(self.person.http.base, f"Bearer {login['access_token']}")
        with open(home + "/config/nheko/nheko.conf", "w", encoding="utf-8", opener=private) as config:
            config.write(CONFIG.format(
                **{**login, "home_server": world.homeserver, "spaces_width": self.spaces_width}))
        for rule in FRAMES:
            person.http.ok("PUT", f"/pushrules/global/{rule}/enabled", {"enabled": False})
        hidden = f"/user/{quote(person.id)}/account_data/im.nheko.hidden_events"
        person.http.ok("PUT", hidden, {"hidden_event_types": HIDDEN})
        world.servers.start(self.name, ["nheko"], self.screen.environment)
        self.children = dict(world.servers.children)
        atexit.register(self.close)
        self.decline_encryption()

    def decline_encryption(self):
        """Nheko greets everybody new with a page about keys, and then with a yellow line about the same."""
        screen = self.screen
        screen.until_colour("Nheko's page about encryption", WIZARD, is_white)
        screen.until_at_rest("Nheko's page about encryption")
        screen.click(WIZARD_CANCEL)
        banner = self.right(BANNER)
        screen.until_colour("Nheko's line about encryption", banner, is_yellow)
        screen.click(self.right(BANNER_CLOSE))
        screen.until_colour("Nheko's room list", banner, lambda colour: not is_yellow(colour))

    def right(self, place):
        return place[0] + self.spaces_width - SPACES_NARROW, place[1]

    def close(self):
        """By their own doors, so that nothing of them is left in /tmp or in shared memory."""
        atexit.unregister(self.close)
        try:
            self.screen.run("xdotool", "key", "ctrl+q")
            self.children[self.name].wait(10)
            self.children[self.screen.name].terminate()
            self.children[self.screen.name].wait(10)
        except (Failed, subprocess.TimeoutExpired) as failure:
            print(f"{self.name} did not end by itself: {failure}")
        self.sockets.cleanup()
        # The next one would have to be verified by this one.
        self.session.ask("POST", "/logout", {}, quiet=True)

    def open(self, room, alias):
        """A second Nheko hands the address to the first one."""
        self.screen.run("nheko", f"matrix:r/{alias}")
        self.screen.run("xdotool", "mousemove", *map(str, NOTHING))
        self.until_read(room)

    def open_chat(self, room):
        """The upper one of two in the list."""
        self.screen.click(self.right(SECOND_ROOM))
        self.until_read(room)

    def choose_space(self):
        """The list of rooms shows those of the space alone."""
        self.screen.click(FIRST_SPACE)
        self.screen.run("xdotool", "mousemove", *map(str, NOTHING))
        self.screen.until_at_rest("the space")

    def until_read(self, room):
        """Nheko reports what it has shown: waits until that is the room's last message or something after it."""
        http, room, user = self.person.http, quote(room), quote(self.person.id)

        def look():
            unread = []
            for event in http.ok("GET", f"/rooms/{room}/messages?dir=b&limit=30")["chunk"]:
                unread.append(event["event_id"])
                # What takes the place of another message has none of its own.
                relation = event["content"].get("m.relates_to", {}).get("rel_type")
                if event["type"] == "m.room.message" and relation != "m.replace":
                    break
            read_up_to = http.ask("GET", f"/user/{user}/rooms/{room}/account_data/m.fully_read")[1].get("event_id")
            if read_up_to not in unread:
                raise Failed(f"read up to {read_up_to}")
            return True

        until(f"{self.name} to show all of the room", look)


def is_white(colour):
    return min(colour) > 250


def is_yellow(colour):
    return colour[0] > 220 and colour[2] < 60


def private(path, flags):
    return os.open(path, flags, 0o600)
