"""kurigram, the living Pyrogram (layer 229), as a driver. The protocol is described in serve.mjs."""
import base64, datetime, inspect, os, re, tempfile
from serve import emit, from_json, scalar_to_json, serve

# The library keeps its session, and a list of the errors that it has no class for, in the current folder.
FOLDER = tempfile.TemporaryDirectory(prefix="kurigram-")
os.chdir(FOLDER.name)

from pyrogram import Client, enums, handlers, raw, types, utils
from pyrogram.connection import Connection
from pyrogram.connection.transport import TCPAbridged, TCPAbridgedO, TCPFull, TCPIntermediate, TCPIntermediateO
from pyrogram.crypto import rsa
from pyrogram.errors import RPCError
from pyrogram.raw.core import TLObject
from pyrogram.storage import UpdateState

TRANSPORTS = {"abridged": TCPAbridged, "obfuscated": TCPAbridgedO, "full": TCPFull, "intermediate": TCPIntermediate, "intermediate obfuscated": TCPIntermediateO}
STATE = {"client": None, "options": None}


def to_json(value):
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, TLObject):
        *namespaces, name = value.QUALNAME.split(".")[1:]
        fields = {("self" if key == "is_self" else key): to_json(getattr(value, key)) for key in value.__slots__}
        return {"_": ".".join([*namespaces, name[0].lower() + name[1:]]), **{k: v for k, v in fields.items() if v is not None}}
    return scalar_to_json(value)


def build(name, fields, scope=raw.types):
    *namespaces, last = name.split(".")
    for namespace in namespaces:
        scope = getattr(scope, namespace)
    cls = getattr(scope, last[0].upper() + last[1:])
    args = {key: parse(value) for key, value in fields.items() if key != "_"}
    for key, parameter in inspect.signature(cls.__init__).parameters.items():
        if key != "self" and key not in args and parameter.default is inspect.Parameter.empty:
            args[key] = None
    return cls(**args)


def parse(value):
    return from_json(value, build)


def text(message):
    return {"id": message.id, "text": str(message.text or ""), "out": bool(message.outgoing), "from": message.from_user.id if message.from_user else 0,
            "date": int(message.date.timestamp()), "edited": int(message.edit_date.timestamp()) if message.edit_date else 0,
            "reply_to": message.reply_to_message_id or 0, "raw": to_json(message.raw)}


def public_key(pem):
    """Modulus and exponent of a PKCS#1 key: SEQUENCE { INTEGER n, INTEGER e }."""
    der = base64.b64decode("".join(line for line in pem.splitlines() if "-----" not in line))

    def element(at):
        length, at = der[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(der[at:at + count], "big"), at + count
        return at, length

    at, _ = element(0)
    at, length = element(at)
    modulus = int.from_bytes(der[at:at + length], "big")
    at, length = element(at + length)
    return rsa.PublicKey(modulus, int.from_bytes(der[at:at + length], "big"))


async def on_raw(_client, update, _users, _chats):
    emit({"update": to_json(update)})


def make_client(skip_updates):
    dc = STATE["options"]["dc"]
    transport = TRANSPORTS[STATE["options"].get("transport") or "abridged"]
    fingerprint = int(dc["fingerprint"]) if dc["fingerprint"].lstrip("-").isdigit() else int(dc["fingerprint"], 16)
    rsa.server_public_keys[fingerprint - (1 << 64) if fingerprint >= 1 << 63 else fingerprint] = public_key(dc["publicKey"])

    def connection(**options):
        return Connection(**{**options, "server_address": dc["host"], "port": dc["port"]})

    client = Client("session", api_id=1, api_hash="0" * 32, workdir=FOLDER.name, sleep_threshold=0, skip_updates=skip_updates,
                    connection_factory=connection, protocol_factory=transport)
    client.add_handler(handlers.RawUpdateHandler(on_raw))
    STATE["client"] = client
    return client


async def op_connect(args):
    STATE["options"] = args
    await make_client(skip_updates=True).connect()


async def op_disconnect(_):
    await STATE["client"].stop()


async def op_reconnect(_):
    await make_client(skip_updates=False).start()


async def op_start(args):
    client = STATE["client"]
    sent = await client.send_phone_number_code(args["phone"])
    user = await client.sign_in(args["phone"], sent.phone_code_hash, args["code"])
    if not isinstance(user, types.User):
        user = await client.sign_up(args["phone"], sent.phone_code_hash, args["firstName"], args.get("lastName") or "")
    await begin()
    return {"id": client.me.id}


async def begin():
    """What Client.start does after authorize(), which would ask for phone and code on the terminal."""
    client = STATE["client"]
    state = await client.invoke(raw.functions.updates.GetState())
    await client.storage.set_update_state(UpdateState(0, state.pts, state.qts, state.date, state.seq))
    client.me = await client.get_me()
    await client.initialize()


async def op_me(_):
    return to_json((await STATE["client"].invoke(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()])))[0])


async def op_log_out(_):
    await STATE["client"].log_out()


async def op_call(args):
    client = STATE["client"]
    result = await client.invoke(build(args["method"], args.get("params") or {}, raw.functions))
    if isinstance(result, raw.types.auth.Authorization) and args["method"] != "auth.importAuthorization" and not client.is_initialized:
        # A login by raw calls: the library takes no update before it is told. An imported one has none to take: the state is its home's to say.
        await client.storage.user_id(result.user.id)
        await client.storage.is_bot(False)
        await begin()
    return to_json(result)


async def op_import_contact(args):
    result = await STATE["client"].import_contacts([types.InputPhoneContact(args["phone"], args["firstName"], args.get("lastName") or "")])
    return {"id": result.users[0].id if result.users else 0}


async def op_resolve(args):
    peer = await STATE["client"].resolve_peer(args["username"])
    return {"id": peer.user_id if isinstance(peer, raw.types.InputPeerUser) else utils.get_channel_id(peer.channel_id)}


async def op_input_peer(args):
    return to_json(await STATE["client"].resolve_peer(args["peer"]))


async def op_send(args):
    client = STATE["client"]
    entities = [types.MessageEntity._parse(client, entity, {}) for entity in parse(args.get("entities") or [])]
    entities = [await entity if inspect.isawaitable(entity) else entity for entity in entities]
    return text(await client.send_message(args["peer"], args["text"], parse_mode=enums.ParseMode.DISABLED, entities=entities or None, disable_notification=args.get("silent"),
                                          reply_parameters=types.ReplyParameters(message_id=args["replyTo"]) if args.get("replyTo") else None))


async def op_react(args):
    await STATE["client"].send_reaction(args["peer"], args["id"], args["emoji"] or None)


async def op_send_poll(args):
    correct, solution = args.get("correct"), args.get("solution")
    # The library can't write a solution without markup.
    explained = f"<b>{solution}</b>" if solution else None
    return text(await STATE["client"].send_poll(
        args["peer"], args["question"], args["answers"], is_anonymous=not args.get("open"), allows_multiple_answers=args.get("multiple"), open_period=args.get("period"),
        type=enums.PollType.REGULAR if correct is None else enums.PollType.QUIZ, correct_option_ids=None if correct is None else [correct], explanation=explained))


async def op_vote(args):
    if args["options"]:
        await STATE["client"].vote_poll(args["peer"], args["id"], args["options"])
    else:
        await STATE["client"].retract_vote(args["peer"], args["id"])


async def op_close_poll(args):
    await STATE["client"].stop_poll(args["peer"], args["id"])


async def op_edit(args):
    return text(await STATE["client"].edit_message_text(args["peer"], args["id"], args["text"], parse_mode=enums.ParseMode.DISABLED))


async def op_remove(args):
    await STATE["client"].delete_messages(args["peer"], args["ids"], revoke=bool(args.get("revoke")))


async def op_forward(args):
    return [text(message) for message in await STATE["client"].forward_messages(args["to"], args["from"], args["ids"])]


async def op_history(args):
    client = STATE["client"]
    if args.get("offsetId") or args.get("addOffset") or args.get("maxId"):
        # The library's own paging counts its bounds in and has no offset besides them; the features speak of TL's.
        page = await client.invoke(raw.functions.messages.GetHistory(
            peer=await client.resolve_peer(args["peer"]), offset_id=args.get("offsetId") or 0, offset_date=0, add_offset=args.get("addOffset") or 0,
            limit=args.get("limit") or 100, max_id=args.get("maxId") or 0, min_id=args.get("minId") or 0, hash=0))
        people = {user.id: user for user in page.users}
        chats = {chat.id: chat for chat in page.chats}
        return [text(await types.Message._parse(client, message, people, chats, replies=0)) for message in page.messages]
    return [text(message) async for message in client.get_chat_history(args["peer"], limit=args.get("limit") or 0, min_id=args["minId"] + 1 if args.get("minId") else 0)]


async def op_dialogs(args):
    found = []
    async for dialog in STATE["client"].get_dialogs(limit=100, from_archive=None if args.get("folder") is None else args["folder"] == 1):
        of = dialog.raw
        found.append({"peer": dialog.chat.id, "top": of.top_message, "unread": of.unread_count, "pinned": bool(of.pinned), "readIn": of.read_inbox_max_id,
                      "readOut": of.read_outbox_max_id, "draft": getattr(of.draft, "message", "") or "", "mark": bool(of.unread_mark)})
    return found


async def op_read(args):
    await STATE["client"].read_chat_history(args["peer"], max_id=args["maxId"])


async def op_pin(args):
    client = STATE["client"]
    if args.get("unpin"):
        await client.unpin_chat_message(args["peer"], args["id"])
    else:
        await client.pin_chat_message(args["peer"], args["id"], both_sides=True)


async def op_search(args):
    return [text(message) async for message in STATE["client"].search_messages(args["peer"], query=args["query"], limit=50, from_user=args.get("fromUser"))]


async def op_search_global(args):
    return [text(message) async for message in STATE["client"].search_global(args["query"], limit=50)]


async def op_typing(args):
    await STATE["client"].send_chat_action(args["peer"], enums.ChatAction.TYPING)


def chat_id(args):
    return -args["chat"]


async def op_create_group(args):
    client = STATE["client"]
    group = await client.create_group(args["title"], args["users"])
    # The library doesn't tell who could not be added.
    found = {member.user.id async for member in client.get_chat_members(group.id)}
    return {"id": group.id, "missing": [user for user in args["users"] if user not in found]}


async def op_create_channel(args):
    client = STATE["client"]
    create = client.create_channel if args.get("broadcast") else client.create_supergroup
    return {"id": (await create(args["title"], args.get("about") or "")).id}


def is_channel(args):
    return args["chat"] < -1_000_000_000_000


async def op_add_member(args):
    return [each.user_id for each in await STATE["client"].add_chat_members(args["chat"], args["user"])]


async def op_remove_member(args):
    await STATE["client"].ban_chat_member(args["chat"], args["user"])


async def op_leave(args):
    await STATE["client"].leave_chat(args["chat"])


async def op_set_title(args):
    await STATE["client"].set_chat_title(args["chat"], args["title"])


async def op_set_about(args):
    await STATE["client"].set_chat_description(args["chat"], args["about"])


async def op_set_admin(args):
    # The library's own names admins of channels only.
    client = STATE["client"]
    await client.invoke(raw.functions.messages.EditChatAdmin(chat_id=chat_id(args), user_id=await client.resolve_peer(args["user"]), is_admin=args["admin"]))


# What the features take away, in the library's words.
PERMISSIONS = {"change_info": "can_change_info", "invite_users": "can_invite_users", "pin_messages": "can_pin_messages", "send_messages": "can_send_messages"}
ALL_PERMISSIONS = ["can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_send_polls",
                   "can_send_other_messages", "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"]


def permissions_without(banned):
    off = {PERMISSIONS[right] for right, taken in banned.items() if taken}
    return types.ChatPermissions(**{right: right not in off for right in ALL_PERMISSIONS})


async def op_set_permissions(args):
    await STATE["client"].set_chat_permissions(args["chat"], permissions_without(args["banned"]))


STATUS = {enums.ChatMemberStatus.OWNER: "creator", enums.ChatMemberStatus.ADMINISTRATOR: "admin", enums.ChatMemberStatus.MEMBER: "member",
          enums.ChatMemberStatus.RESTRICTED: "restricted", enums.ChatMemberStatus.BANNED: "banned", enums.ChatMemberStatus.LEFT: "left"}
FILTERS = {"recent": enums.ChatMembersFilter.RECENT, "admins": enums.ChatMembersFilter.ADMINISTRATORS, "search": enums.ChatMembersFilter.SEARCH,
           "kicked": enums.ChatMembersFilter.BANNED, "banned": enums.ChatMembersFilter.RESTRICTED, "bots": enums.ChatMembersFilter.BOTS}


async def op_members(args):
    if args.get("filter") == "contacts":
        # The library has no such filter.
        client = STATE["client"]
        result = await client.invoke(raw.functions.channels.GetParticipants(channel=await client.resolve_peer(args["chat"]), filter=raw.types.ChannelParticipantsContacts(q=""), offset=0, limit=200, hash=0))
        return [{"id": member.user_id, "status": "member"} for member in result.participants]
    members = STATE["client"].get_chat_members(args["chat"], query=args.get("query") or "", filter=FILTERS[args.get("filter") or "recent"])
    return [{"id": member.user.id, "status": STATUS[member.status]} async for member in members]


async def op_member(args):
    member = await STATE["client"].get_chat_member(args["chat"], args["user"])
    return {"status": STATUS[member.status], "rank": member.custom_title or member.tag}


# TL's rights of admins, in the library's words.
PRIVILEGES = {"ban_users": "can_restrict_members", "add_admins": "can_promote_members", "anonymous": "is_anonymous", "other": "can_manage_chat"}


async def op_promote(args):
    client = STATE["client"]
    rights = {PRIVILEGES.get(right, f"can_{right}"): on for right, on in args["rights"].items()}
    await client.promote_chat_member(args["chat"], args["user"], types.ChatAdministratorRights(**{"can_manage_chat": bool(rights), **rights}))
    if args.get("rank"):
        await client.set_administrator_title(args["chat"], args["user"], args["rank"])


async def op_ban(args):
    await STATE["client"].ban_chat_member(args["chat"], args["user"])


async def op_unban(args):
    await STATE["client"].unban_chat_member(args["chat"], args["user"])


async def op_restrict(args):
    until = datetime.datetime.fromtimestamp(args["until"]) if args.get("until") else None
    await STATE["client"].restrict_chat_member(args["chat"], args["user"], permissions_without(args["banned"]), *([until] if until else []))


async def op_set_username(args):
    await STATE["client"].set_chat_username(args["chat"], args["username"] or None)


async def op_join_public(args):
    return {"id": (await STATE["client"].join_chat(args["username"])).chat.id}


async def op_set_slow_mode(args):
    await STATE["client"].set_slow_mode(args["chat"], args["seconds"])


async def op_request_link(args):
    return link_json(await STATE["client"].create_chat_invite_link(args["chat"], creates_join_request=True))


async def op_join_requests(args):
    return [joiner.user.id async for joiner in STATE["client"].get_chat_join_requests(args["chat"])]


async def op_link_members(args):
    return [joiner.user.id async for joiner in STATE["client"].get_chat_invite_link_joiners(args["chat"], args["link"])]


async def op_answer_request(args):
    client = STATE["client"]
    await (client.approve_chat_join_request if args["approve"] else client.decline_chat_join_request)(args["chat"], args["user"])


async def op_delete_channel(args):
    await STATE["client"].delete_channel(args["chat"])


async def op_remove_all_of(args):
    await STATE["client"].delete_user_history(args["chat"], args["user"])


async def op_comment(args):
    first = await STATE["client"].get_discussion_message(args["peer"], args["id"])
    return text(await STATE["client"].send_message(first.chat.id, args["text"], parse_mode=enums.ParseMode.DISABLED, reply_parameters=types.ReplyParameters(message_id=first.id)))


async def op_chat(args):
    client = STATE["client"]
    request = raw.functions.channels.GetChannels(id=[await client.resolve_peer(args["chat"])]) if is_channel(args) else raw.functions.messages.GetChats(id=[chat_id(args)])
    return to_json((await client.invoke(request)).chats[0])


def when(args):
    return datetime.datetime.fromtimestamp(args["expires"]) if args.get("expires") else None


def link_json(link):
    """The library's own class, in TL's words."""
    return {"link": link.invite_link, "permanent": bool(link.is_primary), "revoked": bool(link.is_revoked), "usage_limit": link.member_limit, "usage": link.member_count or 0,
            "expire_date": int(link.expire_date.timestamp()) if link.expire_date else None}


async def op_create_link(args):
    return link_json(await STATE["client"].create_chat_invite_link(args["chat"], expire_date=when(args), member_limit=args.get("limit")))


async def op_primary_link(args):
    return {"link": await STATE["client"].export_chat_invite_link(args["chat"]), "permanent": True}


async def op_edit_link(args):
    return link_json(await STATE["client"].edit_chat_invite_link(args["chat"], args["link"], expire_date=when(args), member_limit=args.get("limit")))


async def op_revoke_link(args):
    return link_json(await STATE["client"].revoke_chat_invite_link(args["chat"], args["link"]))


async def op_links(args):
    return [link_json(link) async for link in STATE["client"].get_chat_admin_invite_links(args["chat"], "me", revoked=bool(args.get("revoked")))]


async def op_preview_link(args):
    return to_json(await STATE["client"].invoke(raw.functions.messages.CheckChatInvite(hash=re.search(r"(?:joinchat/|\+)([\w-]+)$", args["link"]).group(1))))


async def op_join(args):
    result = await STATE["client"].join_chat(args["link"])
    return {"requested": True} if isinstance(result, types.ChatJoinResultRequestSent) else {"id": result.chat.id}


async def op_unpin_all(args):
    await STATE["client"].unpin_all_chat_messages(args["peer"])


async def op_protect(args):
    await STATE["client"].set_chat_protected_content(args["chat"], args["enabled"])


async def op_set_ttl(args):
    await STATE["client"].set_chat_ttl(args["chat"], args["period"])


def describe(error):
    if not isinstance(error, RPCError):
        return {}
    if error.ID is None:
        # An error that the library has no class for keeps its name in the value: "[400 NOT_IMPLEMENTED]".
        return {"code": error.CODE, "type": str(error.value).strip("[]").split(" ", 1)[-1]}
    return {"code": error.CODE, "type": error.ID[:-1] + str(error.value) if error.ID.endswith("_X") else error.ID}


serve({name[len("op_"):]: operation for name, operation in list(globals().items()) if name.startswith("op_")}, describe, FOLDER.cleanup)
