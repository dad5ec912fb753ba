"""Print, as JSON, how botocore reads AWS config files.

The files are the arguments; without any, their names are read from standard input, separated by
NUL (or by line ends where there is no NUL). Prints an array with one object a file, in order:

    {"profiles": {...}, "sso_sessions": {...}, "services": {...}, "sections": {...}}
    {"error": "what botocore said"}

"sections" are all those that are none of the others, [okta] for one. A nested block is an object.
"""

import json
import os
import sys

from botocore.configloader import build_profile_map, raw_config_parse
from botocore.exceptions import BotoCoreError


def read(path):
    try:
        config = build_profile_map(raw_config_parse(path))
    except BotoCoreError as error:
        # The message names the file alone; what is wrong with it is kept beside it.
        cause = error.kwargs.get("error")
        return {"error": f"{error}: {cause}" if cause else str(error)}
    except ValueError as error:
        return {"error": str(error)}
    known = {name: config.pop(name) for name in ("profiles", "sso_sessions", "services")}
    return {**known, "sections": config}


def names():
    if len(sys.argv) > 1:
        return sys.argv[1:]
    given = sys.stdin.buffer.read()
    separator = b"\0" if b"\0" in given else b"\n"
    return [os.fsdecode(name) for name in given.split(separator) if name]


json.dump([read(name) for name in names()], sys.stdout)
