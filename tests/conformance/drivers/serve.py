"""What the Python drivers share: the line protocol of serve.mjs, and the scalars of its JSON."""
import asyncio, base64, datetime, json, os, re, sys, traceback

_out = sys.stdout
sys.stdout = sys.stderr


def _write(line):
    _out.write(json.dumps(line) + "\n")
    _out.flush()


def emit(event):
    _write({"event": event})


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def scalar_to_json(value):
    """A value that is no TL object: integers beyond 2^53 as "123n", bytes as {"$bytes"}, dates as Unix seconds."""
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value) if abs(value) < 2 ** 53 else f"{value}n"
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return int(value.timestamp())
    return str(value)


def from_json(value, build):
    """The reverse; `build(name, fields)` makes the library's object of a TL constructor."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+n", value):
        return int(value[:-1])
    if isinstance(value, list):
        return [from_json(item, build) for item in value]
    if isinstance(value, dict):
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"])
        if "$long" in value:
            return int(value["$long"])
        return build(value["_"], value)
    return value


def serve(ops, describe, end=lambda: None):
    """Answers lines until stdin ends, then calls `end`. `ops`: operation in snake case → coroutine function(args); `describe(error)` → {code, type}."""
    asyncio.run(_serve(ops, describe, end))


async def _serve(ops, describe, end):
    async def answer(line):
        request = json.loads(line)
        try:
            result = await ops[snake(request["op"])](request.get("args") or {})
            _write({"id": request["id"], "result": result})
        except BaseException as error:  # every failure is an answer
            _write({"id": request["id"], "error": {"text": str(error), "stack": traceback.format_exc(), **describe(error)}})

    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()
    while line := await reader.readline():
        task = asyncio.ensure_future(answer(line))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    end()
    os._exit(0)


if os.environ.get("DRIVER_LOG"):
    import logging
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
