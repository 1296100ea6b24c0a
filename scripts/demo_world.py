"""The demo's servers as children, and the people's clients: plain HTTP, nothing but Python's own library."""

import atexit
import base64
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DOMAIN = "ticketroom.test"
BOT = f"@_desk_bot:{DOMAIN}"
PATIENCE_S = 60

# Waits for the end of its standard input, which comes when we are gone, and then kills the whole group.
GUARD = 'exec 3<&0 </dev/null; (cat <&3 >/dev/null; kill -9 -$$) & exec 3<&-; exec "$@"'


class Failed(Exception):
    """A step was not seen on the other side."""


def step(who, what):
    print(f"\n▸ {who}: {what}", flush=True)


def seen(where, what):
    what = re.sub(r"\s*\n\s*", " / ", str(what).strip())
    print(f"  ✓ {where}: {what}", flush=True)


def require(right, what):
    if not right:
        raise Failed(what)


def quote(text):
    return urllib.parse.quote(text, safe="")


def until(what, look, patience_s=PATIENCE_S):
    """Looks until it gets something. What stands there instead is told by a Failed that the look raises."""
    end = time.monotonic() + patience_s
    instead = "nothing"
    while True:
        try:
            found = look()
            if found:
                return found
        except Failed as failure:
            instead = str(failure)
        if time.monotonic() > end:
            raise Failed(f"waited {patience_s} s in vain for {what}\n    there is instead: {instead}")
        time.sleep(0.25)


def free_port(wanted):
    for port in (wanted, 0):
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                server.bind(("127.0.0.1", port))
                return server.getsockname()[1]
            except OSError:
                continue
    raise Failed("no free port")


class Servers:
    """Children that end with us, however we end."""

    def __init__(self, folder):
        self.folder = folder
        self.children = []
        self.started = {}
        atexit.register(self.stop)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: os._exit(self.stop() or 1))

    def start(self, name, command, environment=None):
        self.started[name] = (command, environment)
        log = open(self.log(name), "ab")
        child = subprocess.Popen(
            ["bash", "-c", GUARD, "guard", *command], cwd=PROJECT, stdin=subprocess.PIPE, stdout=log, stderr=log,
            env={**os.environ, **(environment or {})}, process_group=0)
        self.children.append((name, child))

    def kill(self, name):
        """With everything that it started, as `kill -9` does."""
        child = dict(self.children)[name]
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        self.children.remove((name, child))

    def start_again(self, name, more=None):
        command, environment = self.started[name]
        self.start(name, command, {**(environment or {}), **(more or {})})

    def log(self, name):
        return os.path.join(self.folder, f"{name}.log")

    def tail(self, name, lines=25):
        try:
            with open(self.log(name), encoding="utf-8", errors="replace") as log:
                return "".join(log.readlines()[-lines:])
        except OSError:
            return ""

    def until_answering(self, name, url, token=None, status=200):
        child = dict(self.children)[name]

        def look():
            if child.poll() is not None:
                raise SystemExit(f"demo: {name} ended by itself:\n{self.tail(name)}")
            return Http(url, token).ask("GET", "", quiet=True)[0] == status

        until(f"{name} to answer at {url}", look, 3 * PATIENCE_S)

    def stop(self):
        for _, child in reversed(self.children):
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
        self.children = []


class Http:
    def __init__(self, base, authorization=None):
        self.base = base
        self.authorization = authorization

    def ask(self, method, path, body=None, quiet=False):
        headers = {"Content-Type": "application/json"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            status, text = refusal.code, refusal.read()
        except OSError as error:
            if quiet:
                return 0, {}
            raise Failed(f"{self.base} does not answer: {error}") from error
        try:
            return status, json.loads(text)
        except ValueError:
            return status, {"text": text.decode(errors="replace")}

    def ok(self, method, path, body=None):
        status, answer = self.ask(method, path, body)
        if not 200 <= status < 300:
            raise Failed(f"{method} {path.split('?')[0]} was answered {status} {answer}")
        return answer


class Person:
    """Somebody with a Matrix account."""

    def __init__(self, homeserver, localpart, name):
        self.name, self.password, self.id = name, f"{localpart}-demo", f"@{localpart}:{DOMAIN}"
        account = {"username": localpart, "password": self.password, "auth": {"type": "m.login.dummy"}}
        token = Http(homeserver).ok("POST", "/_matrix/client/v3/register", account)["access_token"]
        self.http = Http(homeserver + "/_matrix/client/v3", f"Bearer {token}")
        self.http.ok("PUT", f"/profile/{quote(self.id)}/displayname", {"displayname": name})

    def invite_to_chat(self, user, encrypted=False):
        state = [{"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}] if encrypted else []
        return self.http.ok("POST", "/createRoom", {
            "preset": "trusted_private_chat", "is_direct": True, "invite": [user], "initial_state": state})["room_id"]

    def chat_with(self, user):
        room = self.invite_to_chat(user)
        until(f"{user} to join the chat", lambda: self.state(room, "m.room.member", user).get("membership") == "join")
        return room

    def state(self, room, kind, key=""):
        status, content = self.http.ask("GET", f"/rooms/{quote(room)}/state/{kind}/{quote(key)}")
        return content if status == 200 else {}

    def room_of(self, alias):
        def look():
            status, answer = self.http.ask("GET", f"/directory/room/{quote(f'#{alias}:{DOMAIN}')}")
            if status != 200:
                raise Failed(f"{alias}: {answer}")
            return answer["room_id"]

        return until(f"a room #{alias}", look)

    def enter(self, room):
        """Accepts the invitation, as soon as there is one."""
        def look():
            status, answer = self.http.ask("POST", f"/join/{quote(room)}", {})
            if status != 200:
                raise Failed(f"{self.id} may not enter: {answer}")
            return True

        until(f"{self.name} to be let into the room", look)

    def until_invited(self, but=()):
        """The room that this person is invited to, apart from these."""
        def look():
            answer = self.http.ok("GET", f"/sync?filter={quote(json.dumps({'account_data': {'not_types': [str(uuid.uuid4())]}}))}")
            rooms = [room for room in answer.get("rooms", {}).get("invite", {}) if room not in but]
            return rooms[0] if rooms else None

        return until(f"an invitation of {self.name}", look)

    def send(self, room, content, kind="m.room.message"):
        """The event's id, or the homeserver's refusal."""
        status, answer = self.http.ask("PUT", f"/rooms/{quote(room)}/send/{kind}/{uuid.uuid4()}", content)
        return answer["event_id"] if status == 200 else answer

    def say(self, room, text, relation=None):
        content = {"msgtype": "m.text", "body": text}
        if relation:
            content["m.relates_to"] = relation
        event = self.send(room, content)
        if not isinstance(event, str):
            raise Failed(f"Synapse refused {self.name}'s message: {event}")
        return event

    def tap(self, room, event, key):
        """The event's id, or the homeserver's refusal."""
        return self.send(room, {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": key}}, "m.reaction")

    def must_not_read(self, room, text, what):
        """Nothing like this stands in the room."""
        bodies = [message["content"].get("body", "") for message in self.messages(room)]
        require(not any(text in body for body in bodies), f"{self.name} reads {what}")
        seen(f"{self.name}'s client", f"nothing of {what}")

    def send_file(self, room, path, content):
        """Uploads it as clients do, and sends the event."""
        with open(path, "rb") as file:
            body = file.read()
        base = self.http.base.split("/_matrix")[0]
        headers = {"Authorization": self.http.authorization, "Content-Type": "application/octet-stream"}
        request = urllib.request.Request(base + "/_matrix/media/v3/upload", body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            uri = json.load(answer)["content_uri"]
        return self.send(room, {"body": os.path.basename(path), "url": uri, "info": {"size": len(body)}, **content})

    def messages(self, room):
        answer = self.http.ok("GET", f"/rooms/{quote(room)}/messages?dir=b&limit=500")
        return [event for event in reversed(answer["chunk"]) if event["type"] == "m.room.message"]

    def until_reading(self, room, text, like=lambda event: True):
        def look():
            seen = self.messages(room)
            for event in seen:
                if text in event["content"].get("body", "") and like(event):
                    return event
            raise Failed(str([event["content"].get("body") for event in seen[-6:]]))

        return until(f"{self.name} to read “{text}”", look)

    def signals(self, room, kind):
        """What this person's client is told beside the room's events: the contents of this kind."""
        # Synapse gives the same answer to the same question for two minutes.
        wish = {"room": {"rooms": [room], "timeline": {"limit": 1}}, "account_data": {"not_types": [str(uuid.uuid4())]}}
        answer = self.http.ok("GET", f"/sync?filter={quote(json.dumps(wish))}")
        here = answer["rooms"]["join"][room]["ephemeral"]["events"]
        return [signal["content"] for signal in here if signal["type"] == kind]

    def until_read(self, room, event, by):
        """Until this person's client shows that `by` has read the event."""
        def look():
            return any(by in content.get(event, {}).get("m.read", {}) for content in self.signals(room, "m.receipt"))

        until(f"{by} to have read it", look)

    def until_typing(self, room, who):
        def look():
            return any(who in content.get("user_ids", []) for content in self.signals(room, "m.typing"))

        until(f"{who} to type", look)

    def name_of(self, room, event):
        return self.state(room, "m.room.member", event["sender"]).get("displayname") or event["sender"]


class Administrator(Person):
    """Somebody who administers the Synapse of this folder."""

    def __init__(self, homeserver, folder):
        with open(folder + "/secrets", encoding="utf-8") as secrets:
            secret = dict(line.strip().split("=", 1) for line in secrets)["registration"]
        self.name, self.password, self.id = "Root", str(uuid.uuid4()), f"@root:{DOMAIN}"
        admin = Http(homeserver + "/_synapse/admin/v1")
        nonce = admin.ok("GET", "/register")["nonce"]
        signed = "\0".join([nonce, "root", self.password, "admin"]).encode()
        mac = hmac.new(secret.encode(), signed, hashlib.sha1).hexdigest()
        account = {"nonce": nonce, "username": "root", "password": self.password, "admin": True, "mac": mac}
        token = "Bearer " + admin.ok("POST", "/register", account)["access_token"]
        self.http = Http(homeserver + "/_matrix/client/v3", token)
        self.admin = Http(homeserver + "/_synapse/admin/v1", token)

    def take_power(self, room):
        self.admin.ok("POST", f"/rooms/{quote(room)}/make_room_admin", {"user_id": self.id})
        self.enter(room)


class TrackerPerson:
    """Somebody with a Request Tracker account."""

    def __init__(self, tracker, token):
        self.http = Http(tracker + "/REST/2.0", f"token {token}")
        self.read = {}

    def ticket(self, number):
        return self.http.ok("GET", f"/ticket/{number}")

    def tickets(self):
        found = self.http.ok("GET", f"/tickets?query={quote('id > 0')}&fields=Subject&per_page=100")
        return {item["Subject"]: int(item["id"]) for item in found["items"]}

    def files(self, number):
        """Names of a ticket's files, oldest first."""
        found = self.http.ok("GET", f"/ticket/{number}/attachments?fields=Filename&per_page=100&orderby=id")["items"]
        return [part["Filename"] for part in found if part.get("Filename")]

    def attach(self, number, text, *files):
        """Of each file: its path and its media type."""
        def attachment(path, media_type):
            with open(path, "rb") as file:
                content = base64.b64encode(file.read()).decode()
            return {"FileName": os.path.basename(path), "FileType": media_type, "FileContent": content}

        self.http.ok("POST", f"/ticket/{number}/correspond", {
            "Content": text, "ContentType": "text/html", "Attachments": [attachment(*file) for file in files]})

    def words(self, number):
        """What can be read in a ticket: (kind, who, text), oldest first."""
        entries = [item for item in self.history(number) if item["Type"] in ("Create", "Correspond", "Comment")]
        for item in entries:
            if item["id"] not in self.read:
                self.read[item["id"]] = (item["Type"], self.real_name(item["Creator"]["id"]), self.text(item["id"]))
        return [self.read[item["id"]] for item in entries]

    def history(self, number):
        items, page = [], 1
        while True:
            answer = self.http.ok("GET", f"/ticket/{number}/history?fields=Type,Creator&per_page=100&page={page}")
            # A page may hold fewer than it counts, and nobody says how many there are: some of it not everybody may see.
            if not answer["items"]:
                return items
            items, page = items + answer["items"], page + 1

    def real_name(self, login):
        return self.http.ask("GET", f"/user/{quote(login)}")[1].get("RealName") or login

    def text(self, transaction):
        parts = self.http.ok("GET", f"/transaction/{transaction}/attachments?fields=ContentType,Filename,Content")
        for part in parts["items"]:
            if part["ContentType"].startswith("text/") and not part.get("Filename"):
                return part["Content"]
        return ""

    def until_reading(self, number, text, kind=None):
        def look():
            words = self.words(number)
            for entry in words:
                if text in entry[2] and kind in (None, entry[0]):
                    return entry
            raise Failed(str(words[-4:]))

        return until(f"ticket {number} to hold “{text}”", look)

    def until_field(self, number, field, value):
        def look():
            found = self.ticket(number)[field]
            found = found["id"] if isinstance(found, dict) else found
            if found != value:
                raise Failed(f"{field} is {found}")
            return True

        until(f"ticket {number} to have {field} “{value}”", look)

    def mail(self, message):
        """As the mail gateway hands one over."""
        fields = urllib.parse.urlencode({"queue": "General", "action": "correspond", "message": message}).encode()
        gateway = self.http.base.removesuffix("/REST/2.0") + "/REST/1.0/NoAuth/mail-gateway"
        with urllib.request.urlopen(gateway, fields, timeout=60) as answer:
            said = answer.read().decode(errors="replace")
        require(said.startswith("ok"), f"the mail gateway said {said}")

    def post(self, number, what, html):
        self.http.ok("POST", f"/ticket/{number}/{what}", {"Content": html, "ContentType": "text/html"})

    def change(self, number, fields):
        self.http.ok("PUT", f"/ticket/{number}", fields)
