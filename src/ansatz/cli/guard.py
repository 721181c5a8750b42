"""What stands around every command: one line for an error, an exit code, and the cache of compiled programs."""

from __future__ import annotations

import _thread
import os
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from ansatz.errors import InputError

FAILED, INTERRUPTED = 1, 130


class Interrupted(Exception):
    """Stopped by the keyboard; the message says how to go on."""


def guarded(command: Callable[[], object]) -> int:
    """Run a command and return its exit code; what goes wrong is said in one line on stderr.

    0 fine, 1 failed, 2 wrong usage (said by typer), 130 interrupted.
    """
    try:
        command()
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            return complain("interrupted", code=INTERRUPTED)
        return stop.code if isinstance(stop.code, int) else FAILED
    except Interrupted as stop:
        return complain(str(stop), code=INTERRUPTED)
    except KeyboardInterrupt:
        return complain("interrupted", code=INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except InputError as error:
        return complain(str(error))
    except (OSError, MemoryError) as error:
        return complain(_system(error))
    except Exception as error:
        return complain(_unexpected(error))
    return 0


def complain(message: str, *, code: int = FAILED) -> int:
    """One line on stderr; returns the exit code."""
    line = " ".join(message.split())
    print(f"ansatz: {line}", file=sys.stderr)
    return code


def prepare_process() -> None:
    """What must be set before JAX is loaded: its compilation cache on disk, and no chatter of its own.

    A cache that cannot be written costs time only. Threads of scikit-learn sleep while they wait, or they would take
    the time of those that work where the machine is shared.
    """
    warnings.filterwarnings("ignore", message="Error (reading|writing) persistent compilation cache")
    warnings.formatwarning = _one_line
    sys.unraisablehook = _unraisable
    cache = cache_folder() / "compiled"
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(cache))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("MPLBACKEND", "agg")


def cache_folder() -> Path:
    """Where this user keeps caches: `ANSATZ_CACHE`, or the system's place for them."""
    if os.environ.get("ANSATZ_CACHE"):
        return Path(os.environ["ANSATZ_CACHE"])
    home = Path.home()
    places = {"darwin": home / "Library" / "Caches", "win32": Path(os.environ.get("LOCALAPPDATA", home))}
    usual = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return places.get(sys.platform, usual) / "ansatz"


def _unraisable(lost: sys.UnraisableHookArgs) -> None:
    """An interruption that came where Python ignores exceptions comes again; all else is shown as usual."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        threading.Timer(0.05, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(lost)


def _one_line(message: Warning | str, *place: object, **more: object) -> str:
    return f"ansatz: note: {' '.join(str(message).split())}\n"


def _system(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return "out of memory; use fewer rows (data.select), fewer columns (data.features) or a machine with more"
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{(error.strerror or str(error)).lower()}"


def _unexpected(error: Exception) -> str:
    name = f"ansatz-error-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    path = Path(tempfile.gettempdir()) / name
    kind = f"{type(error).__name__}: {error}"
    try:
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return f"unexpected error: {kind[:300]}"
    return f"unexpected error: {kind[:300]} (a fault of ansatz; its traceback is in {path})"
