"""Items: questions with one best answer, from published sets or a few of our own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from string import ascii_uppercase

from mores.errors import BadValue

LETTERS = ascii_uppercase


@dataclass(frozen=True)
class QuizItem:
    """A question with its options, the best answer first; the order in which they are shown is drawn."""

    id: str
    question: str
    options: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.options) <= len(LETTERS) or len(set(self.options)) != len(
            self.options
        ):
            raise BadValue(f"options of {self.id}", self.options, "2 to 26 different ones")


def shown(item: QuizItem, order: list[int]) -> str:
    """The question with its options under letters, in the given order."""
    lines = [f"{LETTERS[k]}) {item.options[i]}" for k, i in enumerate(order)]
    return "\n".join([item.question, *lines])


def check_items(items: tuple[QuizItem, ...], least: int) -> None:
    """Refuse items that cannot be put by one world: too few, or of different numbers of options."""
    if len(items) < least:
        raise BadValue("items", f"{len(items)} items", f"at least {least}")
    counts = {len(i.options) for i in items}
    if len(counts) > 1:
        raise BadValue("items", f"{sorted(counts)} options", "the same number of options in each")
    if len({i.id for i in items}) != len(items):
        raise BadValue("items", "ids", "different ones")


SAMPLE: tuple[QuizItem, ...] = tuple(
    QuizItem(f"sample-{k}", question, options)
    for k, (question, options) in enumerate(
        (
            ("Which planet is closest to the Sun?", ("Mercury", "Venus", "Earth", "Mars")),
            ("What is the capital of Australia?", ("Canberra", "Sydney", "Melbourne", "Perth")),
            (
                "Which gas makes up most of the air?",
                ("Nitrogen", "Oxygen", "Carbon dioxide", "Argon"),
            ),
            ("How many legs does a spider have?", ("8", "6", "10", "12")),
            (
                "Which metal is liquid at room temperature?",
                ("Mercury", "Lead", "Tin", "Zinc"),
            ),
            (
                "Which weighs more, a kilogram of iron or a kilogram of feathers?",
                (
                    "Neither, both weigh the same",
                    "The iron",
                    "The feathers",
                    "It depends on the feathers",
                ),
            ),
            (
                "A notebook and a pen cost 2.20 together. The notebook costs 2.00 more than the pen. "
                "What does the pen cost?",
                ("0.10", "0.20", "0.12", "1.10"),
            ),
            (
                "Six ovens bake six cakes in six minutes. How long do thirty ovens take for thirty cakes?",
                ("6 minutes", "30 minutes", "5 minutes", "36 minutes"),
            ),
            (
                "All tulips are flowers. Some flowers wilt within a day. What follows about tulips?",
                (
                    "Nothing about how fast any of them wilts",
                    "Some of them wilt within a day",
                    "All of them wilt within a day",
                    "None of them wilts within a day",
                ),
            ),
            ("Which number comes next: 2, 3, 5, 8, 13?", ("21", "18", "20", "26")),
            (
                "What makes a bull attack a moving cape?",
                ("That it moves", "That it is red", "That it smells", "That it is bright"),
            ),
            (
                "A coin that is fair has shown heads five times in a row. How likely is heads next?",
                ("1/2", "1/64", "1/32", "Less than 1/2, but more than 1/32"),
            ),
        )
    )
)
"""A few items of our own, so that a quiz can be run at once. Results on them are samples, not a benchmark."""


@cache
def truthfulqa(options: int = 4) -> tuple[QuizItem, ...]:
    """The questions of TruthfulQA that have enough false answers: the best answer and the first false ones.

    The best false answer comes first among the false ones, then those of the list, in its order. Raises DataMissing
    where the data set is not at hand.
    """
    from mores.data import table

    found = []
    rows = table("truthfulqa", "TruthfulQA.csv").to_pylist()
    for k, row in enumerate(rows):
        best = row["Best Answer"].strip()
        wrong = [row["Best Incorrect Answer"], *row["Incorrect Answers"].split(";")]
        distinct = dict.fromkeys(w.strip() for w in wrong if w.strip() and w.strip() != best)
        if len(distinct) >= options - 1:
            chosen = (best, *tuple(distinct)[: options - 1])
            found.append(QuizItem(f"truthfulqa-{k}", row["Question"].strip(), chosen))
    return tuple(found)


def items_of(name: str) -> tuple[QuizItem, ...]:
    """The items called "sample" or "truthfulqa"."""
    if name == "sample":
        return SAMPLE
    if name == "truthfulqa":
        return truthfulqa()
    raise BadValue("items", name, "sample (a few of our own) or truthfulqa (from the data folder)")
