"""A person's real Matrix client, Nheko 0.11, on a screen of its own."""

import atexit
import os
import subprocess
import tempfile

from demo_world import Failed, quote, until
from screenshot_screen import HEIGHT, RESTLESS_BYTES, WIDTH, Screen, difference

# This Nheko is older than m.mentions: these rules would draw a red frame around what says the person's name, or not.
FRAMES = ("override/.m.rule.contains_display_name", "content/.m.rule.contains_user_name")
# Where Nheko, in a window of this size, has what we look at and click.
WIZARD, WIZARD_CANCEL = (30, 600), (1034, HEIGHT - 39)
BANNER, BANNER_CLOSE = (200, 60), (287, 69)
SECOND_ROOM, NOTHING = (170, 132), (170, 600)
COMPOSER_TOP = HEIGHT - 39
ROOM_LIST_WIDTH = 260

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

[window]
width={WIDTH}
height={HEIGHT}
"""


class Nheko:
    """Signed in as a person, with everything it keeps in a folder of its own."""

    def __init__(self, world, folder, person):
        self.person = person
        self.name = f"nheko-{person.name.split()[0].lower()}"
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
        with open(home + "/config/nheko/nheko.conf", "w", encoding="utf-8", opener=private) as config:
            config.write(CONFIG.format(**{**login, "home_server": world.homeserver}))
        for rule in FRAMES:
            person.http.ok("PUT", f"/pushrules/global/{rule}/enabled", {"enabled": False})
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
        screen.until_colour("Nheko's line about encryption", BANNER, is_yellow)
        screen.click(BANNER_CLOSE)
        screen.until_colour("Nheko's room list", BANNER, lambda colour: not is_yellow(colour))

    def close(self):
        """By their own doors, so that nothing of them is left in /tmp or in shared memory."""
        try:
            self.screen.run("xdotool", "key", "ctrl+q")
            self.children[self.name].wait(10)
            self.children[self.screen.name].terminate()
            self.children[self.screen.name].wait(10)
        except (Failed, subprocess.TimeoutExpired) as failure:
            print(f"{self.name} did not end by itself: {failure}")
        self.sockets.cleanup()

    def open(self, room, alias):
        """A second Nheko hands the address to the first one."""
        self.screen.run("nheko", f"matrix:r/{alias}")
        self.screen.run("xdotool", "mousemove", *map(str, NOTHING))
        self.until_read(room)

    def open_again(self, room, alias):
        """Lines that came in above the visible ones can lie upon each other until the room is drawn anew."""
        before = composer(self.screen.pixels())
        self.screen.click(SECOND_ROOM)
        self.screen.until_at_rest("another room", lambda pixels: difference(composer(pixels), before) > RESTLESS_BYTES)
        self.open(room, alias)
        return self.screen.until_at_rest(
            "the room again", lambda pixels: difference(composer(pixels), before) <= RESTLESS_BYTES)

    def until_read(self, room):
        """Nheko reports what it has shown: waits until that is the room's last message or something after it."""
        http, room, user = self.person.http, quote(room), quote(self.person.id)

        def look():
            unread = []
            for event in http.ok("GET", f"/rooms/{room}/messages?dir=b&limit=30")["chunk"]:
                unread.append(event["event_id"])
                if event["type"] == "m.room.message":
                    break
            read_up_to = http.ask("GET", f"/user/{user}/rooms/{room}/account_data/m.fully_read")[1].get("event_id")
            if read_up_to not in unread:
                raise Failed(f"read up to {read_up_to}")
            return True

        until(f"{self.name} to show all of the room", look)


def composer(pixels):
    """The part of a screen below the room's messages."""
    return pixels[COMPOSER_TOP * WIDTH * 3:]


def is_white(colour):
    return min(colour) > 250


def is_yellow(colour):
    return colour[0] > 220 and colour[2] < 60


def private(path, flags):
    return os.open(path, flags, 0o600)
