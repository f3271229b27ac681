"""One background thread that takes a task when it is idle."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Worker"]


class Worker:
    """Runs one task at a time in a thread of its own; offers while it is busy are refused.

    Args:
        on_error: Told of an exception of a task; must not raise.
    """

    def __init__(self, on_error: Callable[[Exception], None]) -> None:
        self._on_error = on_error
        self._thread: threading.Thread | None = None
        self._condition = threading.Condition()
        self._task: Callable[[], None] | None = None
        self._closed = False

    @property
    def idle(self) -> bool:
        """Whether a task would be taken now."""
        with self._condition:
            return self._task is None and not self._closed

    def offer(self, task: Callable[[], None]) -> bool:
        """Returns whether the task is taken."""
        with self._condition:
            if self._task is not None or self._closed:
                return False
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="spectra-monitor", daemon=True)
                self._thread.start()
            self._task = task
            self._condition.notify_all()
            return True

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the task at hand is done; returns whether it is. ``timeout`` is in seconds."""
        with self._condition:
            return self._condition.wait_for(lambda: self._task is None, timeout)

    def close(self, timeout: float | None = None) -> bool:
        """Finishes the task at hand and ends the thread; returns whether it ended in time."""
        done = self.wait(timeout)
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        if self._thread is not None and done:
            self._thread.join(timeout)
        return done

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._task is not None or self._closed)
                task = self._task
            if task is None:
                return
            try:
                task()
            except Exception as error:
                self._on_error(error)
            finally:
                with self._condition:
                    self._task = None
                    self._condition.notify_all()
