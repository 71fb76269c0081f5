"""Starts the web app: settings, the assistant, the server."""

import sys

from assistant.api import serve
from assistant.chain import open_assistant
from assistant.errors import AssistantError
from assistant.settings import Settings


def main() -> int:
    """Serve until stopped; return the exit status."""
    try:
        settings = Settings()
        serve(open_assistant(settings), settings)
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
