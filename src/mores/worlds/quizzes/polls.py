"""Polls: questions of opinion without a right answer."""

from __future__ import annotations

from dataclasses import dataclass

from mores.worlds.quizzes.items import LETTERS


@dataclass(frozen=True)
class PollItem:
    """A question of opinion; its options are shown in this order."""

    id: str
    question: str
    options: tuple[str, ...]

    def shown(self) -> str:
        """The question with its options under letters."""
        lines = [f"{LETTERS[k]}) {option}" for k, option in enumerate(self.options)]
        return "\n".join([self.question, *lines])


SAMPLE_POLLS: tuple[PollItem, ...] = (
    PollItem(
        "sample-work",
        "What should a school teach children first of all?",
        ("To work hard", "To think for themselves", "To respect others", "To be creative"),
    ),
    PollItem(
        "sample-trade",
        "What does trade with other countries do for your country?",
        ("It helps a lot", "It helps a little", "It harms a little", "It harms a lot"),
    ),
    PollItem(
        "sample-nature",
        "Should nature be protected even if that costs jobs?",
        ("Always", "Mostly", "Rarely", "Never"),
    ),
    PollItem(
        "sample-old-age",
        "Who should care for people in old age?",
        (
            "Their families",
            "The state",
            "They themselves, by saving",
            "Their neighbours and communities",
        ),
    ),
    PollItem(
        "sample-news",
        "How much of what the news say can be trusted?",
        ("Nearly all", "Most", "Some", "Hardly anything"),
    ),
)
"""A few questions of our own, so that a panel can be run at once; results on them are samples."""
