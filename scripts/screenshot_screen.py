"""A screen that nobody sees: what stands on it, clicks, and pictures of it."""

import os
import subprocess
import time

from demo_world import Failed, until

WIDTH, HEIGHT = 1100, 820
# How much may differ between two looks at a screen that is at rest: a text cursor blinks.
RESTLESS_BYTES = 600
RESTING_S = 1.0
# A client's window needs few, and the pictures lie in the repository.
COLOURS = 64


class Screen:
    """An X server without a monitor, as large as the one window it is for."""

    def __init__(self, servers, folder, name):
        number = os.path.join(folder, f"{name}.display")
        command = f"exec Xvfb -displayfd 3 -screen 0 {WIDTH}x{HEIGHT}x24 -nolisten tcp 3>\"$0\""
        self.name = name
        servers.start(name, ["bash", "-c", command, number])
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
        self.run("import", "-silent", "-window", "root", "-strip", "+dither", "-colors", str(COLOURS),
                 "-define", "png:compression-level=9", f"PNG8:{path}")


def difference(one, other):
    return sum(a != b for a, b in zip(one, other)) if len(one) == len(other) else len(one) + len(other)


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read().strip()
