"""Telethon (layer 229) as a driver. The protocol is described in serve.mjs."""
import inspect
from serve import emit, from_json, scalar_to_json, serve, snake
from telethon import TelegramClient, connection, errors, events, functions, types, utils
from telethon.crypto import rsa
from telethon.sessions import MemorySession
from telethon.tl.tlobject import TLObject

STATE = {"client": None, "options": None, "session": MemorySession(), "catch_up": False}


def to_json(value):
    if isinstance(value, TLObject):
        name = type(value).__name__
        fields = {("self" if k == "is_self" else k): to_json(v) for k, v in value.__dict__.items() if not k.startswith("_")}
        return {"_": name[0].lower() + name[1:], **{k: v for k, v in fields.items() if v is not None}}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return scalar_to_json(value)


def parse(value):
    return from_json(value, lambda name, fields: build(types, name, "", fields))


def build(scope, name, suffix, fields):
    *namespaces, last = name.split(".")
    for namespace in namespaces:
        scope = getattr(scope, namespace)
    cls = getattr(scope, last[0].upper() + last[1:] + suffix)
    args = {k: parse(v) for k, v in fields.items() if k != "_"}
    if "__init__" not in cls.__dict__:
        return cls()
    wanted = inspect.signature(cls.__init__).parameters
    for key, parameter in wanted.items():
        if key != "self" and key not in args and parameter.default is inspect.Parameter.empty:
            args[key] = None
    return cls(**args)


def text(message):
    raw = to_json(message)
    return {"id": message.id, "text": message.message, "out": bool(message.out), "from": message.sender_id, "date": int(message.date.timestamp()),
            "edited": int(message.edit_date.timestamp()) if message.edit_date else 0,
            "reply_to": getattr(message.reply_to, "reply_to_msg_id", 0) or 0, "raw": raw}


CONNECTIONS = {"full": connection.ConnectionTcpFull, "abridged": connection.ConnectionTcpAbridged, "intermediate": connection.ConnectionTcpIntermediate,
               "obfuscated": connection.ConnectionTcpObfuscated}


async def open_client(args):
    dc = args["dc"]
    for each in args.get("dcs") or [dc]:
        rsa.add_key(each["publicKey"], old=False)
    session = STATE["session"]
    session.set_dc(dc["id"], dc["host"], dc["port"])
    client = TelegramClient(session, 1, "0" * 32, connection=CONNECTIONS[args.get("transport") or "full"], flood_sleep_threshold=0,
                            catch_up=STATE["catch_up"], receive_updates=True, retry_delay=0.3, request_retries=5, connection_retries=10_000)
    client.add_event_handler(on_raw, events.Raw())
    STATE["client"] = client
    await client.connect()


async def on_raw(update):
    emit({"update": to_json(update)})


async def op_connect(args):
    STATE["options"] = args
    await open_client(args)


async def op_disconnect(_):
    await STATE["client"].disconnect()
    STATE["catch_up"] = True


async def op_reconnect(_):
    await open_client(STATE["options"])
    await STATE["client"].catch_up()


async def op_start(args):
    client = STATE["client"]
    sent = await client.send_code_request(args["phone"])
    try:
        result = await client(functions.auth.SignInRequest(args["phone"], sent.phone_code_hash, args["code"]))
    except errors.PhoneNumberUnoccupiedError:
        result = None
    if result is None or isinstance(result, types.auth.AuthorizationSignUpRequired):
        result = await client(functions.auth.SignUpRequest(args["phone"], sent.phone_code_hash, args["firstName"], args.get("lastName") or ""))
    await client._on_login(result.user)
    me = await client.get_me()
    return {"id": me.id}


async def op_me(_):
    return to_json(await STATE["client"].get_me())


async def op_log_out(_):
    await STATE["client"].log_out()


async def op_call(args):
    return to_json(await STATE["client"](build(functions, args["method"], "Request", args.get("params") or {})))


async def op_import_contact(args):
    result = await STATE["client"](functions.contacts.ImportContactsRequest([types.InputPhoneContact(1, args["phone"], args["firstName"], args.get("lastName") or "")]))
    return {"id": result.users[0].id if result.users else 0}


async def op_resolve(args):
    return {"id": utils.get_peer_id(await STATE["client"].get_entity(args["username"]))}


async def op_input_peer(args):
    return to_json(await STATE["client"].get_input_entity(args["peer"]))


async def op_send(args):
    client = STATE["client"]
    return text(await client.send_message(args["peer"], args["text"], reply_to=args.get("replyTo"), silent=args.get("silent"), parse_mode=None,
                                          formatting_entities=parse(args["entities"]) if args.get("entities") else None))


async def op_react(args):
    # The library has no method of its own for it.
    chosen = [types.ReactionEmoji(emoticon=args["emoji"])] if args["emoji"] else []
    await STATE["client"](functions.messages.SendReactionRequest(peer=args["peer"], msg_id=args["id"], reaction=chosen))


async def op_send_poll(args):
    def named(value):
        return types.TextWithEntities(text=value, entities=[])
    correct = args.get("correct")
    poll = types.Poll(id=0, hash=0, question=named(args["question"]), public_voters=args.get("open"), multiple_choice=args.get("multiple"), quiz=correct is not None,
                      close_period=args.get("period"), answers=[types.PollAnswer(named(each), str(number).encode()) for number, each in enumerate(args["answers"])])
    solution = args.get("solution")
    media = types.InputMediaPoll(poll, correct_answers=None if correct is None else [correct], solution=solution, solution_entities=None if solution is None else [])
    return text(await STATE["client"].send_message(args["peer"], file=media))


async def op_vote(args):
    client = STATE["client"]
    if args["options"]:
        await (await client.get_messages(args["peer"], ids=args["id"])).click(args["options"])
    else:
        # The library has no method of its own for it.
        await client(functions.messages.SendVoteRequest(args["peer"], args["id"], []))


async def op_close_poll(args):
    # The library has no method of its own for it.
    media = (await STATE["client"].get_messages(args["peer"], ids=args["id"])).media
    media.poll.closed = True
    await STATE["client"](functions.messages.EditMessageRequest(args["peer"], args["id"], media=types.InputMediaPoll(media.poll)))


async def op_edit(args):
    return text(await STATE["client"].edit_message(args["peer"], args["id"], args["text"], parse_mode=None))


async def op_remove(args):
    await STATE["client"].delete_messages(args["peer"], args["ids"], revoke=bool(args.get("revoke")))


async def op_forward(args):
    result = await STATE["client"].forward_messages(args["to"], args["ids"], args["from"])
    return [text(m) for m in (result if isinstance(result, list) else [result])]


async def op_history(args):
    return [text(m) for m in await STATE["client"].get_messages(args["peer"], limit=args.get("limit"), offset_id=args.get("offsetId") or 0,
                                                               add_offset=args.get("addOffset") or 0, min_id=args.get("minId") or 0, max_id=args.get("maxId") or 0)]


async def op_dialogs(args):
    found = []
    for dialog in await STATE["client"].get_dialogs(limit=100, folder=args.get("folder")):
        raw = dialog.dialog
        found.append({"peer": dialog.id, "top": raw.top_message, "unread": raw.unread_count, "pinned": bool(raw.pinned), "readIn": raw.read_inbox_max_id,
                      "readOut": raw.read_outbox_max_id, "draft": getattr(raw.draft, "message", "") or "", "mark": bool(raw.unread_mark)})
    return found


async def op_read(args):
    await STATE["client"].send_read_acknowledge(args["peer"], max_id=args["maxId"])


async def op_pin(args):
    client = STATE["client"]
    if args.get("unpin"):
        await client.unpin_message(args["peer"], args["id"])
    else:
        await client.pin_message(args["peer"], args["id"], notify=True, pm_oneside=False)


async def op_dc_id(_):
    return STATE["client"].session.dc_id


async def op_search(args):
    return [text(m) for m in await STATE["client"].get_messages(args["peer"], search=args["query"], limit=50, from_user=args.get("fromUser"))]


async def op_search_global(args):
    return [text(m) for m in await STATE["client"].get_messages(None, search=args["query"], limit=50)]


async def op_typing(args):
    client = STATE["client"]
    await client(functions.messages.SetTypingRequest(await client.get_input_entity(args["peer"]), types.SendMessageTypingAction()))


async def op_create_group(args):
    client = STATE["client"]
    result = await client(functions.messages.CreateChatRequest([await client.get_input_entity(user) for user in args["users"]], args["title"]))
    return {"id": -result.updates.chats[0].id, "missing": [each.user_id for each in result.missing_invitees]}


async def op_create_channel(args):
    broadcast = bool(args.get("broadcast"))
    result = await STATE["client"](functions.channels.CreateChannelRequest(args["title"], args.get("about") or "", broadcast=broadcast, megagroup=not broadcast))
    return {"id": utils.get_peer_id(result.chats[0])}


def is_channel(args):
    return args["chat"] < -1_000_000_000_000


def peer_of(args):
    return STATE["client"].get_input_entity(args["chat"])


async def op_add_member(args):
    client = STATE["client"]
    user = await client.get_input_entity(args["user"])
    request = functions.channels.InviteToChannelRequest(await peer_of(args), [user]) if is_channel(args) else functions.messages.AddChatUserRequest(-args["chat"], user, 0)
    return [each.user_id for each in (await client(request)).missing_invitees]


async def op_remove_member(args):
    await STATE["client"].kick_participant(args["chat"], args["user"])


async def op_leave(args):
    await STATE["client"].kick_participant(args["chat"], "me")


async def op_set_title(args):
    request = functions.channels.EditTitleRequest(await peer_of(args), args["title"]) if is_channel(args) else functions.messages.EditChatTitleRequest(-args["chat"], args["title"])
    await STATE["client"](request)


async def op_set_about(args):
    await STATE["client"](functions.messages.EditChatAboutRequest(await peer_of(args), args["about"]))


async def op_set_admin(args):
    await STATE["client"].edit_admin(args["chat"], args["user"], is_admin=args["admin"])


async def op_set_permissions(args):
    # The library's own edit_permissions takes no basic groups.
    await STATE["client"](functions.messages.EditChatDefaultBannedRightsRequest(await peer_of(args), types.ChatBannedRights(None, **args["banned"])))


STATUS = {types.ChatParticipantCreator: "creator", types.ChatParticipantAdmin: "admin", types.ChatParticipant: "member",
          types.ChannelParticipantCreator: "creator", types.ChannelParticipantAdmin: "admin", types.ChannelParticipant: "member", types.ChannelParticipantSelf: "member",
          types.ChannelParticipantLeft: "left"}


def status_of(participant):
    if isinstance(participant, types.ChannelParticipantBanned):
        return "banned" if participant.banned_rights.view_messages else "restricted"
    return STATUS[type(participant)]


FILTERS = {"recent": types.ChannelParticipantsRecent, "admins": types.ChannelParticipantsAdmins, "kicked": types.ChannelParticipantsKicked,
           "banned": types.ChannelParticipantsBanned, "contacts": types.ChannelParticipantsContacts, "bots": types.ChannelParticipantsBots}
SEARCHING = ("kicked", "banned", "contacts")


async def op_members(args):
    name = args.get("filter") or "recent"
    filter = FILTERS[name](**({"q": args.get("query") or ""} if name in SEARCHING else {})) if is_channel(args) and name != "search" else None
    people = await STATE["client"].get_participants(args["chat"], search=args.get("query") or "", filter=filter)
    return [{"id": user.id, "status": status_of(user.participant)} for user in people]


async def op_member(args):
    client = STATE["client"]
    found = (await client(functions.channels.GetParticipantRequest(await peer_of(args), await client.get_input_entity(args["user"])))).participant
    return {"status": status_of(found), "rank": getattr(found, "rank", None)}


ADMIN_RIGHTS = ("change_info", "post_messages", "edit_messages", "delete_messages", "ban_users", "invite_users", "pin_messages", "add_admins", "anonymous", "manage_call")


async def op_promote(args):
    rights = args["rights"]
    if set(rights) - set(ADMIN_RIGHTS):
        client = STATE["client"]
        return to_json(await client(functions.channels.EditAdminRequest(await peer_of(args), await client.get_input_entity(args["user"]), types.ChatAdminRights(**rights), args.get("rank") or "")))
    await STATE["client"].edit_admin(args["chat"], args["user"], title=args.get("rank"), is_admin=False, **rights)


async def op_ban(args):
    await STATE["client"].edit_permissions(args["chat"], args["user"], view_messages=False)


async def op_unban(args):
    await STATE["client"].edit_permissions(args["chat"], args["user"])


async def op_restrict(args):
    await STATE["client"].edit_permissions(args["chat"], args["user"], args.get("until"), **{right: not off for right, off in args["banned"].items()})


async def op_set_username(args):
    await STATE["client"](functions.channels.UpdateUsernameRequest(await peer_of(args), args["username"]))


def joined(result):
    # The library looks for peers at the top of an answer, not in the updates inside this one.
    STATE["client"].session.process_entities(result.updates)
    return {"id": utils.get_peer_id(result.updates.chats[0])}


async def op_join_public(args):
    client = STATE["client"]
    return joined(await client(functions.channels.JoinChannelRequest(await client.get_input_entity(args["username"]))))


async def op_set_slow_mode(args):
    await STATE["client"](functions.channels.ToggleSlowModeRequest(await peer_of(args), args["seconds"]))


async def op_request_link(args):
    return await invite(functions.messages.ExportChatInviteRequest, args, request_needed=True)


async def importers(args, **which):
    result = await STATE["client"](functions.messages.GetChatInviteImportersRequest(await peer_of(args), None, types.InputUserEmpty(), 50, **which))
    return [each.user_id for each in result.importers]


async def op_join_requests(args):
    return await importers(args, requested=True)


async def op_link_members(args):
    return await importers(args, link=args["link"])


async def op_answer_request(args):
    client = STATE["client"]
    await client(functions.messages.HideChatJoinRequestRequest(await peer_of(args), await client.get_input_entity(args["user"]), approved=args["approve"]))


async def op_delete_channel(args):
    await STATE["client"](functions.channels.DeleteChannelRequest(await peer_of(args)))


async def op_remove_all_of(args):
    client = STATE["client"]
    await client(functions.channels.DeleteParticipantHistoryRequest(await peer_of(args), await client.get_input_entity(args["user"])))


async def op_comment(args):
    return text(await STATE["client"].send_message(args["peer"], args["text"], comment_to=args["id"], parse_mode=None))


async def op_chat(args):
    return to_json(await STATE["client"].get_entity(args["chat"]))


async def invite(request, args, **options):
    result = await STATE["client"](request(await peer_of(args), usage_limit=args.get("limit"), expire_date=args.get("expires"), **options))
    return to_json(getattr(result, "invite", result))


async def op_create_link(args):
    return await invite(functions.messages.ExportChatInviteRequest, args)


async def op_primary_link(args):
    return await invite(functions.messages.ExportChatInviteRequest, args, legacy_revoke_permanent=True)


async def op_edit_link(args):
    return await invite(functions.messages.EditExportedChatInviteRequest, args, link=args["link"])


async def op_revoke_link(args):
    return await invite(functions.messages.EditExportedChatInviteRequest, args, link=args["link"], revoked=True)


async def op_links(args):
    result = await STATE["client"](functions.messages.GetExportedChatInvitesRequest(await peer_of(args), types.InputUserSelf(), 50, revoked=args.get("revoked")))
    return to_json(result.invites)


def link_hash(link):
    return utils.parse_username(link)[0]


async def op_preview_link(args):
    return to_json(await STATE["client"](functions.messages.CheckChatInviteRequest(link_hash(args["link"]))))


async def op_join(args):
    return joined(await STATE["client"](functions.messages.ImportChatInviteRequest(link_hash(args["link"]))))


async def op_unpin_all(args):
    await STATE["client"].unpin_message(args["peer"])


async def op_protect(args):
    await STATE["client"](functions.messages.ToggleNoForwardsRequest(await peer_of(args), args["enabled"]))


async def op_set_ttl(args):
    await STATE["client"](functions.messages.SetHistoryTTLRequest(await peer_of(args), args["period"]))


def describe(error):
    if isinstance(error, errors.RPCError):
        kind = error.message or ""
        # Errors that Telethon has a class for keep their name there only.
        if type(error).__name__.endswith("Error") and type(error).__module__.endswith("rpcerrorlist"):
            kind = snake(type(error).__name__[:-len("Error")]).upper()
        if getattr(error, "seconds", None) is not None:
            kind = f"{kind}_{error.seconds}"
        return {"code": error.code, "type": kind}
    return {}


serve({name[len("op_"):]: operation for name, operation in list(globals().items()) if name.startswith("op_")}, describe)
