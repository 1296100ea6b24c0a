"""A large video through the bridge, both ways: its memory before and the most that it needed meanwhile."""

import argparse
import json
import os
import shutil
import struct
import sys
import tempfile
import time
import urllib.request

from demo_world import DOMAIN, PROJECT, Failed, Http, Person, Servers, TrackerPerson, free_port, quote, until

BOT = f"@_desk_bot:{DOMAIN}"
AS_TOKEN, HS_TOKEN = "as-token-of-the-measurement-0123456789", "hs-token-of-the-measurement-0123456789"


def video(path, megabytes):
    """A real MP4 with a box of padding behind it, as large as wanted."""
    with open(os.path.join(PROJECT, "tests/corpus/files/clip.mp4"), "rb") as clip:
        content = clip.read()
    padding = megabytes * 1024 * 1024 - len(content)
    with open(path, "wb") as file:
        file.write(content)
        file.write(struct.pack(">I4s", padding, b"free"))
        file.truncate(megabytes * 1024 * 1024)


class Memory:
    """Of a process: now, and the most since it was last asked."""

    def __init__(self, pid):
        self.folder = f"/proc/{pid}"

    def mib(self, field):
        with open(self.folder + "/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1024

    def begin(self):
        with open(self.folder + "/clear_refs", "w", encoding="ascii") as clear:
            clear.write("5")
        return self.mib("VmRSS")


def bridge_pid(binary, config):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as command:
                words = command.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if words[0] == binary and config in words:
            return int(pid)
    raise Failed("the bridge does not run")


def upload(person, path):
    base = person.http.base.split("/_matrix")[0]
    with open(path, "rb") as file:
        headers = {"Authorization": person.http.authorization, "Content-Type": "video/mp4",
                   "Content-Length": str(os.path.getsize(path))}
        request = urllib.request.Request(base + "/_matrix/media/v3/upload?filename=video.mp4", file, headers, method="POST")
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)["content_uri"]


def measure(what, memory, act, done):
    before, began = memory.begin(), time.monotonic()
    act()
    until(what, done, 600)
    most = memory.mib("VmHWM")
    print(f"{what}: {before:.0f} MiB before, at most {most:.0f} MiB meanwhile, {time.monotonic() - began:.1f} s", flush=True)
    return most - before


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--mb", type=int, default=100)
    arguments.add_argument("--tracker", action="store_true")
    wanted = arguments.parse_args()
    folder = tempfile.mkdtemp(prefix="ticketroom-measure-")
    servers = Servers(folder)
    try:
        run(wanted, folder, servers)
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(wanted, folder, servers):
    binary = os.environ["TICKETROOM_BIN"]
    path = os.path.join(folder, "video.mp4")
    video(path, wanted.mb)
    synapse, tracker, appservice, observe, control = [free_port(0) for _ in range(5)]
    registration, config = os.path.join(folder, "registration.yaml"), os.path.join(folder, "config.yaml")
    own = lambda sign: [{"exclusive": True, "regex": f"^{sign}_desk_.*:{DOMAIN}$"}]
    with open(registration, "w", encoding="utf-8") as file:
        json.dump({"id": "ticketroom", "url": f"http://127.0.0.1:{appservice}", "as_token": AS_TOKEN,
                   "hs_token": HS_TOKEN, "sender_localpart": "_desk_service", "rate_limited": False,
                   "io.element.msc4190": True,
                   "namespaces": {"users": own("@"), "aliases": own("#"), "rooms": []}}, file)
    os.environ["MAX_UPLOAD_SIZE"] = f"{wanted.mb + 1}M"
    servers.start("synapse", ["scripts/start-synapse", folder + "/synapse", str(synapse), registration])
    homeserver = f"http://127.0.0.1:{synapse}"
    servers.until_answering("synapse", homeserver + "/health")
    helpdesk = {"kind": "memory", "memory": {"control_port": control}}
    if wanted.tracker:
        servers.start("rt", ["scripts/start-rt", folder + "/rt", str(tracker)])
        servers.until_answering("rt", f"http://127.0.0.1:{tracker}/REST/2.0/rt", status=401)
        with open(folder + "/rt/tokens.env", encoding="utf-8") as lines:
            tokens = dict(line.strip().split("=", 1) for line in lines if "=" in line)
        helpdesk = {"kind": "request_tracker", "request_tracker": {
            "url": f"http://127.0.0.1:{tracker}", "token": tokens["BRIDGE_TOKEN"], "poll_interval_ms": 500,
            "request_timeout_s": 300}}
        bert = TrackerPerson(f"http://127.0.0.1:{tracker}", tokens["BERT_TOKEN"])
    with open(config, "w", encoding="utf-8") as file:
        json.dump({"homeserver": {"address": homeserver, "domain": DOMAIN},
                   "appservice": {"address": f"http://127.0.0.1:{appservice}", "port": appservice, "as_token": AS_TOKEN,
                                  "hs_token": HS_TOKEN, "sender_localpart": "_desk_service"},
                   "database": {"uri": f"sqlite:{folder}/ticketroom.db"}, "helpdesk": helpdesk,
                   "files": {"max_mib": wanted.mb, "spool_folder": folder + "/spool"},
                   "observe": {"port": observe}}, file)
    servers.start("bridge", [binary, "run", "-c", config])
    servers.until_answering("bridge", f"http://127.0.0.1:{observe}/health/ready")
    memory = Memory(bridge_pid(binary, config))

    clara = Person(homeserver, "clara", "Clara Customer")
    door = clara.chat_with(BOT)
    clara.say(door, "The pump leaks")
    room = clara.room_of("_desk_ticket_1")
    clara.enter(room)
    uri = upload(clara, path)
    control_http = Http(f"http://127.0.0.1:{control}")

    def arrived():
        if wanted.tracker:
            found = bert.http.ok("GET", "/ticket/1/attachments?fields=Filename&per_page=100")["items"]
            return any(part.get("Filename") == "video.mp4" for part in found)
        return len(control_http.ok("GET", "/files")) == 1

    grown = [measure(f"{wanted.mb} MB from Matrix into the helpdesk", memory, lambda: clara.send(room, {
        "msgtype": "m.video", "body": "video.mp4", "url": uri, "info": {"size": os.path.getsize(path)}}), arrived)]

    def reply():
        if wanted.tracker:
            attach(bert, path)
        else:
            control_http.ok("POST", "/files", {"ticket": "1", "login": "bert", "name": "video.mp4",
                                               "media_type": "video/mp4", "path": path})

    grown.append(measure(f"{wanted.mb} MB from the helpdesk into Matrix", memory, reply, lambda: any(
        event["content"].get("msgtype") == "m.video" and event["sender"] != clara.id for event in clara.messages(room))))
    print(f"memory grew by at most {max(grown):.0f} MiB for a file of {wanted.mb} MiB", flush=True)


def attach(person, path):
    boundary = "measure-files-boundary"
    head = (f'--{boundary}\r\nContent-Disposition: form-data; name="JSON"\r\n\r\n'
            f'{json.dumps({"Content": "A video.", "ContentType": "text/plain"})}\r\n--{boundary}\r\n'
            f'Content-Disposition: form-data; name="Attachments"; filename="video.mp4"\r\nContent-Type: video/mp4\r\n\r\n')
    with open(path, "rb") as file:
        body = head.encode() + file.read() + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Authorization": person.http.authorization, "Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = urllib.request.Request(person.http.base + "/ticket/1/correspond", body, headers, method="POST")
    urllib.request.urlopen(request, timeout=600).close()


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"measure-files: {failure}")
