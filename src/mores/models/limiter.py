"""Limiter: how many calls an endpoint bears at once, found by trying.

Increase by little, decrease at once (Chiu and Jain 1989), on the share of refusals: some refusals
are weather, a fifth of them means too much at once; then the limit falls to what was borne, which is
the rate of answers times how long one takes (Little 1961). Until the first refusals the number
doubles a round trip. A connection that cannot be made opens the circuit: one call at a time tries, after pauses
that double, until one is answered.
"""

from __future__ import annotations

from typing import Literal

Verdict = Literal["good", "busy", "bad", "down"]
"""An answer; refused for load; failed otherwise; no connection."""

TOLERATED = 0.2
"""The share of refusals above which there are too many calls at once."""
_NEAR, _CAREFUL = 0.8, 4
_STREAK = 2  # so many failures in a row, each sent after the last, open the circuit
_REST, _LONGEST_REST = 0.25, 10.0


class Limiter:
    """Counts what is under way at one endpoint; a plain state machine: the caller says what time it is."""

    def __init__(self, start: float = 32, most: int = 1024) -> None:
        self.limit = float(min(start, most))
        self.most = most
        self.flying = 0
        self.paused = 0.0
        """Nothing is sent before this time."""
        self.failures = 0
        """Connections that failed in a row, of those sent together one."""
        self.reached = self.answered = False
        """Whether a connection was ever made, and a call answered."""
        self._slow_start = True
        self._since = self._failed = 0.0
        self._seen = self._refused = 0
        self._ceiling = float(most)
        """Where refusals began the last time."""
        self._clean = 0
        """Rounds without too many refusals since."""
        self._held = 0
        """Answers since to calls from before."""
        self._begun = 0.0
        """When the present count began."""
        self._busy = 0.0
        """Seconds that its answers took, added up."""

    @property
    def open(self) -> bool:
        """Whether the circuit is open: nobody is there."""
        return self.failures >= _STREAK

    def room(self, now: float) -> bool:
        """Whether one more call may be sent now."""
        if now < self.paused:
            return False
        return self.flying < (1 if self.open else max(1, int(self.limit)))

    def sent(self) -> None:
        """A call is under way."""
        self.flying += 1

    def back(self, verdict: Verdict, sent: float, now: float, wait: float | None = None) -> None:
        """A call that was sent at a time has come back; `wait` is how long the endpoint asks to wait."""
        self.flying -= 1
        if verdict == "down":
            self._down(sent, now)
            return
        self.failures = 0
        self.reached = True
        self.answered = self.answered or verdict == "good"
        if sent < self._since:
            if verdict == "good":  # it was borne when the limit fell
                self._held += 1
                self.limit = max(self.limit, min(self._held, 0.9 * self._ceiling))
            return
        self._seen += 1
        self._refused += verdict == "busy"
        if verdict == "good":
            self._busy += now - sent
            if self._slow_start:
                self.limit = min(self.most, self.limit + 1)
        if self._seen >= max(8, self.limit / 4):
            self._judge(now, wait)

    def pause(self, until: float) -> None:
        """Send nothing before a time: the endpoint says that its quota is used up."""
        self.paused = max(self.paused, until)

    def _judge(self, now: float, wait: float | None) -> None:
        share = self._refused / self._seen
        if share > TOLERATED:
            borne = self._busy / max(now - self._begun, 1e-3)
            # before the first answers nothing is known but that it is far too much
            self._slow_start, self._ceiling, self._clean, self._held = False, self.limit, 0, 0
            self.limit = max(
                1.0, min(self.limit * 0.9, borne * 1.05 if borne else self.limit * 0.5)
            )
            self._since = now
            if wait:
                self.pause(now + wait)
        elif self._seen >= self.limit:
            if not self._slow_start and share <= TOLERATED / 2:
                self._grow()
        else:
            return  # fine so far: look again after a whole round
        self._seen = self._refused = 0
        self._begun, self._busy = now, 0.0

    def _grow(self) -> None:
        """By a tenth while far from where refusals began, then one now and then."""
        self._clean += 1
        if self.limit < _NEAR * self._ceiling:
            self.limit = min(self.most, self.limit + max(1.0, self.limit * 0.1))
        elif self._clean % _CAREFUL == 0:
            self.limit = min(self.most, self.limit + max(1.0, self.limit * 0.02))

    def _down(self, sent: float, now: float) -> None:
        if sent < self._failed:
            return
        self._failed = now
        self.failures += 1
        self.pause(now + min(_LONGEST_REST, _REST * 2.0 ** min(self.failures - 1, 20)))
