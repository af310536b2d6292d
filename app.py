"""证窗 CertDesk: the one entry. No arguments open the window; ``--help`` lists the verbs.

The composition root: the only place that knows window, hub and core at once. What is imported here is
light; a verb's own code is imported when the verb is known.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

INTAKE_CHILD = "--intake-child"
"""Hidden verb: a frozen bundle starts itself with it to examine a scan (core.intake.child.VERB)."""


def main(arguments: Sequence[str]) -> int:
    """Return the exit code: 0 done, 1 refused by a rule, 2 usage, 3 environment."""
    os.umask(0o077)  # whatever is written is its owner's alone
    if arguments and arguments[0] == INTAKE_CHILD:
        from core.intake.child import main as examine

        return examine(list(arguments[1:]))
    if not arguments or (len(arguments) == 2 and arguments[0] == "--data"):
        if not _display():
            sys.stderr.write("没有显示器，窗口打不开。请在图形桌面中运行，或用 app.py --help 查看命令。\n")
            return 3
        from ui.start import open_window

        return open_window(arguments=arguments)
    return _verb(arguments)


def _display() -> bool:
    """Tell whether a window can be shown; Qt would end the process without a word in Chinese."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _verb(arguments: Sequence[str]) -> int:
    from core.verbs.arguments import overview
    from core.verbs.outcome import ENVIRONMENT, Outcome
    from core.verbs.running import Surroundings, run
    from core.verbs.table import VERBS
    from hub.verbs import VERBS as HUB_VERBS
    from hub.verbs import make_server_files

    verbs = (*VERBS, *HUB_VERBS)
    if arguments[0] in ("-h", "--help", "help"):
        _answer(overview(verbs))
        return 0
    around = Surroundings(
        explain=_explain,
        answer=_answer,
        tell=lambda line: print(line, file=sys.stderr, flush=True),
        hub=lambda typed: run(HUB_VERBS, typed, around),
        make_server_files=make_server_files,
    )
    try:
        outcome = run(verbs, arguments, around)
    except Exception as bug:
        from ui.faults import reference

        # Its text may hold a name; kind and places are on standard error under this reference.
        outcome = Outcome(ENVIRONMENT, {"error": "unexpected", "params": {"reference": reference(bug)}})
    if outcome.body:
        _answer(outcome.line())
    return outcome.exit


def _explain(error: object) -> str | None:
    from core.errors import CertDeskError
    from core.forms.spec import Finding
    from ui.messages import known_codes, sentence

    if not isinstance(error, (CertDeskError, Finding)) or error.code not in known_codes():
        return None
    return sentence(error).whole()


def _answer(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
