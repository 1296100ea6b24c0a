"""A person's real Matrix client, Nheko 0.11, on a screen that nobody sees, and pictures of that screen."""

import atexit
import os
import subprocess
import tempfile
import time

from demo_world import Failed, quote, until

WIDTH, HEIGHT = 1100, 820
# How much may differ between two looks at a screen that is at rest: a text cursor blinks.
RESTLESS_BYTES = 600
RESTING_S = 1.0
# This Nheko is older than m.mentions: these rules would draw a red frame around what says the person's name, or not.
FRAMES = ("override/.m.rule.contains_display_name", "content/.m.rule.contains_user_name")
# Where Nheko, in a window of this size, has what we look at and click.
WIZARD, WIZARD_CANCEL = (30, 600), (1034, HEIGHT - 39)
BANNER, BANNER_CLOSE = (200, 60), (287, 69)
SECOND_ROOM, NOTHING = (170, 132), (170, 600)
COMPOSER_TOP = HEIGHT - 39
ROOM_LIST_WIDTH = 260

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


class Screen:
    """An X server without a monitor, as large as the one window it is for."""

    def __init__(self, servers, folder, name):
        number = os.path.join(folder, f"{name}.display")
        command = f"exec Xvfb -displayfd 3 -screen 0 {WIDTH}x{HEIGHT}x24 -nolisten tcp 3>{number}"
        self.name = name
        servers.start(name, ["bash", "-c", command])
        self.environment = {"DISPLAY": ":" + until("Xvfb to say its number", lambda: read(number))}

    def run(self, *command):
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=60)
        if done.returncode != 0:
            raise Failed(f"{command[0]} failed: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def pixels(self):
        """Three bytes for each pixel, line by line."""
        return self.run("import", "-silent", "-window", "root", "-depth", "8", "rgb:-")

    def colour(self, place):
        start = (place[1] * WIDTH + place[0]) * 3
        return tuple(self.pixels()[start:start + 3])

    def until_colour(self, what, place, like):
        def look():
            colour = self.colour(place)
            if not like(colour):
                raise Failed(f"the colour {colour} at {place}")
            return True

        until(what, look)

    def click(self, place):
        self.run("xdotool", "mousemove", str(place[0]), str(place[1]), "click", "1")

    def until_at_rest(self, what, like=lambda pixels: True):
        """Waits until the screen is as wanted and has not changed for a while."""
        last, since = b"", 0.0

        def look():
            nonlocal last, since
            now, at = self.pixels(), time.monotonic()
            if difference(now, last) > RESTLESS_BYTES:
                last, since = now, at
            if not like(now):
                raise Failed("another screen")
            if at - since < RESTING_S:
                raise Failed("a screen that changes")
            return now

        return until(what, look)

    def picture(self, path):
        self.run("import", "-silent", "-window", "root", "-strip", "-define", "png:compression-level=9", path)


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
            "HOME": home, "TMPDIR": self.sockets.name, "XDG_RUNTIME_DIR": self.sockets.name, "LC_ALL": "C.UTF-8", "TZ": "UTC",
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


def difference(one, other):
    return sum(a != b for a, b in zip(one, other)) if len(one) == len(other) else len(one) + len(other)


def is_white(colour):
    return min(colour) > 250


def is_yellow(colour):
    return colour[0] > 220 and colour[2] < 60


def private(path, flags):
    return os.open(path, flags, 0o600)


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read().strip()
