"""A bridge made with mautrix-python whose far side is the room itself: what a person writes is answered by its echo.

    mautrix_echo.py CONFIG.json

For `ticketroom-crash other`, which counts with it what it counts with Ticketroom. It has what the framework offers for safety: the
store of its bridges, the number of retries of its bridges, the ping at start after which the homeserver tries again at once, one message of a room
at a time, and a transaction id for each event, so that an event that comes twice has one echo. With "synchronous" a transaction is answered
when its events have been handled, and not when that was begun.
"""

import asyncio
import collections
import json
import logging
import pathlib
import sys

from mautrix.appservice import AppService
from mautrix.appservice.state_store.asyncpg import PgASStateStore
from mautrix.types import EventType, Membership, MessageType, TextMessageEventContent
from mautrix.util.async_db import Database

# As in the configuration that its bridges come with (homeserver.http_retry_count).
RETRIES = 4


async def main() -> None:
    """Echoes until it is killed."""
    config = json.loads(pathlib.Path(sys.argv[1]).read_text())
    database = Database.create(config["database"], upgrade_table=PgASStateStore.upgrade_table)
    await database.start()
    appservice = AppService(
        server=config["homeserver"],
        domain=config["domain"],
        as_token=config["as_token"],
        hs_token=config["hs_token"],
        bot_localpart=config["bot"],
        id=config["id"],
        state_store=PgASStateStore(database),
        default_http_retry_count=RETRIES,
    )
    appservice.synchronous_handlers = config["synchronous"]
    await appservice.start("127.0.0.1", config["port"])
    ghost = appservice.intent.user(config["ghost"])
    # Handlers run side by side, and a lock is given in the order in which it was asked for.
    turns = collections.defaultdict(asyncio.Lock)

    async def handle(event) -> None:
        if event.type == EventType.ROOM_MEMBER:
            if event.state_key == ghost.mxid and event.content.membership == Membership.INVITE:
                await ghost.join_room_by_id(event.room_id)
        elif event.type == EventType.ROOM_MESSAGE and event.sender != ghost.mxid:
            async with turns[event.room_id]:
                echo = TextMessageEventContent(msgtype=MessageType.NOTICE, body=config["prefix"] + event.content.body)
                await ghost.send_message_event(event.room_id, event.type, echo, txn_id=event.event_id)

    @appservice.matrix_event_handler
    async def handle_one(event) -> None:
        # Where handlers are synchronous, the framework would drop the rest of the transaction after an exception.
        try:
            await handle(event)
        except Exception:
            logging.exception("an event was not handled")

    await appservice.ping_self(appservice.intent.api.get_txn_id())
    appservice.ready = True
    await asyncio.Event().wait()


asyncio.run(main())
