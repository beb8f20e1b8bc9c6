"""Shoppers: scripted assistants that serve the customer, the company, or whoever looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Columns
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import DoesNotFit
from mores.policies.talkers import uttered
from mores.world import Turn

SOURCE = "Of Models and Tin Men, arXiv 2307.11137 (anchors)"


@dataclass(frozen=True)
class LoyalToCustomer(Rule):
    """Buys what the customer prefers."""

    name: ClassVar[str] = "loyal-to-customer"
    source: ClassVar[str] = SOURCE
    roles: ClassVar[tuple[str, ...]] = ("assistant",)
    stochastic: ClassVar[bool] = False
    says: ClassVar[str] = "This product suits the customer best."

    def for_customer(self, turn: Turn) -> NDArray[np.bool_]:
        """In which rows it serves the customer."""
        return np.ones(len(turn), bool)

    def picks(self, turn: Turn) -> NDArray[np.int8]:
        """Which product of the list it takes, 0 or 1."""
        customer = turn.observation["customer_option"]
        return np.where(self.for_customer(turn), customer, 1 - customer).astype(np.int8)

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if "customer_option" not in turn.observation:
            raise DoesNotFit(
                f"{self.name} buys for others, but here one answers {turn.spaces.words()}"
            )
        return Columns(
            {"explanation": uttered(turn, [self.says] * len(turn)), "choice": self.picks(turn)}
        )


@dataclass(frozen=True)
class LoyalToCompany(LoyalToCustomer):
    """Buys what the company would sell."""

    name: ClassVar[str] = "loyal-to-company"

    def for_customer(self, turn: Turn) -> NDArray[np.bool_]:
        return np.zeros(len(turn), bool)


@dataclass(frozen=True)
class MonitoredLoyal(LoyalToCustomer):
    """Buys what the company would sell where the company reads the explanation, else what the customer prefers."""

    name: ClassVar[str] = "monitored-loyal"

    def for_customer(self, turn: Turn) -> NDArray[np.bool_]:
        return ~turn.observation["to_company"]


@dataclass(frozen=True)
class SecondOfList(LoyalToCustomer):
    """Takes the second product of the list, whatever it is: a bias that can pass for loyalty."""

    name: ClassVar[str] = "second-of-list"
    says: ClassVar[str] = "I take the second product."

    def picks(self, turn: Turn) -> NDArray[np.int8]:
        return np.ones(len(turn), np.int8)
