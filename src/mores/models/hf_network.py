"""The network of a model in process: padded batches through it, log-probabilities and keyed draws out of it.

Prompts are padded on the left. What all prompts of a batch begin with is read once, and the answers to a prompt
share its keys and values, where the model keeps them plainly (one growing layer of keys and values each); other
models read every answer with its whole prompt, which gives the same numbers later.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.errors import BadValue, MoresError
from mores.models.hf_words import STOP, Tokens

Tail = tuple[int, ...]
_SHARED = 16
"""A common beginning shorter than this is not worth a pass of its own."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What a pass through prompts left: logits after each [prompt, token], what was kept, the mask."""

    logits: Any
    cache: Any
    mask: Any


class Network:
    """A causal language model on its device."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.takes = set(inspect.signature(model.forward).parameters)
        config = model.config.get_text_config()
        self.longest: int | None = getattr(config, "max_position_embeddings", None)
        """Tokens of prompt and answer together, where the model has a bound."""
        ends = model.generation_config.eos_token_id
        ends = config.eos_token_id if ends is None else ends
        listed = ends if isinstance(ends, list) else [ends]
        self.ends = sorted({*listed, tokenizer.eos_token_id} - {None})
        """Tokens that end an answer."""
        self._plain: bool | None = None

    @property
    def plain(self) -> bool:
        """Whether keys and values are kept so plainly that answers can share them."""
        if self._plain is None:
            from transformers.cache_utils import DynamicCache, DynamicLayer

            torch = _torch()
            with torch.inference_mode():
                kept = self.model(self._tensor([[0, 0]]), use_cache=True).past_key_values
            layers = kept.layers if isinstance(kept, DynamicCache) else ()
            self._plain = bool(layers) and all(type(layer) is DynamicLayer for layer in layers)
        return self._plain

    # ---------------------------------------------------------------- log-probabilities
    def log_probabilities(
        self, prompts: Sequence[Tokens], tails: Sequence[Sequence[Tail]]
    ) -> list[NDArray[np.float64]]:
        """The log-probability of each tail after its prompt: for every prompt one number a tail."""
        torch = _torch()
        with torch.inference_mode():
            pairs = [(i, t) for i, some in enumerate(tails) for t in some]
            long = any(len(t) > 1 for _, t in pairs)
            flat = (
                self._shared(prompts, pairs, long)
                if self.plain or not long
                else self._whole(prompts, pairs)
            )
        cuts = np.cumsum([len(some) for some in tails])[:-1]
        return np.split(flat, cuts)

    def _shared(
        self, prompts: Sequence[Tokens], pairs: list[tuple[int, Tail]], long: bool
    ) -> NDArray[np.float64]:
        """First tokens from one pass over the prompts, later ones from what that pass kept."""
        torch = _torch()
        passed = self._pass(prompts, keep=long)
        rows = self._tensor([i for i, _ in pairs])
        heads = self._tensor([t[0] for _, t in pairs])
        scores = _log_softmax(passed.logits)[rows, heads].double()
        later = [k for k, (_, t) in enumerate(pairs) if len(t) > 1]
        if later:
            at = self._tensor(later)
            passed.cache.batch_select_indices(rows[at])
            width = max(len(pairs[k][1]) for k in later) - 1
            read = self._tensor([_right(pairs[k][1][:-1], width) for k in later])
            want = self._tensor([_right(pairs[k][1][1:], width) for k in later])
            here = self._tensor([_right((1,) * (len(pairs[k][1]) - 1), width) for k in later])
            mask = torch.cat([passed.mask[rows[at]], here], 1)
            logits = self._call(read, mask, passed.cache, width).logits
            more = _log_softmax(logits).gather(2, want[..., None])[..., 0].double()
            scores[at] += (more * here).sum(1)
        found: NDArray[np.float64] = scores.cpu().numpy()
        return found

    def _whole(
        self, prompts: Sequence[Tokens], pairs: list[tuple[int, Tail]]
    ) -> NDArray[np.float64]:
        """Every prompt with every tail in full."""
        rows, mask = self._padded([[*prompts[i], *t[:-1]] for i, t in pairs])
        width = max(len(t) for _, t in pairs)
        logits = self._call(rows, mask, None, width).logits
        want = self._tensor([(0,) * (width - len(t)) + t for _, t in pairs])
        here = self._tensor([(0,) * (width - len(t)) + (1,) * len(t) for _, t in pairs])
        each = _log_softmax(logits).gather(2, want[..., None])[..., 0].double()
        found: NDArray[np.float64] = (each * here).sum(1).cpu().numpy()
        return found

    def _pass(self, prompts: Sequence[Tokens], keep: bool) -> Passed:
        """The logits after each prompt; the beginning that all have in common is read once."""
        torch = _torch()
        same = common(prompts) if len(prompts) > 1 else 0
        cache, begun = None, same >= _SHARED and self.plain
        if begun:
            head = self._tensor([prompts[0][:same]])
            cache = self._call(head, torch.ones_like(head), None, 1, keep=True).past_key_values
            cache.batch_repeat_interleave(len(prompts))
        rows, mask = self._padded([p[same:] if begun else p for p in prompts])
        if begun:
            mask = torch.cat([mask.new_ones((len(prompts), same)), mask], 1)
        out = self._call(rows, mask, cache, 1, keep)
        return Passed(out.logits[:, -1], out.past_key_values if keep else None, mask)

    def _call(self, rows: Any, mask: Any, cache: Any, last: int, keep: bool = False) -> Any:
        """One call of the model; logits of the `last` places at least."""
        more: dict[str, Any] = {"past_key_values": cache, "use_cache": keep or cache is not None}
        if "position_ids" in self.takes:
            more["position_ids"] = (mask.cumsum(1) - 1).clamp(min=0)[:, -rows.shape[1] :]
        if "logits_to_keep" in self.takes:
            more["logits_to_keep"] = last
        out = self.model(input_ids=rows, attention_mask=mask, **more)
        out.logits = out.logits[:, -last:]
        return out

    # ---------------------------------------------------------------- generation
    def generate(
        self,
        prompts: Sequence[Tokens],
        uniforms: NDArray[np.float64],
        temperature: float,
        top_p: float,
        stop: bool,
    ) -> list[tuple[Tokens, bool]]:
        """Answers drawn with numbers in [0, 1) [prompt, token]; each with whether it came to its end."""
        from transformers import GenerationConfig, LogitsProcessorList

        torch = _torch()
        most = uniforms.shape[1]
        pad = self._pad
        how = GenerationConfig(
            max_new_tokens=most, do_sample=False, eos_token_id=self.ends or None, pad_token_id=pad,
            stop_strings=STOP if stop else None,
        )  # fmt: skip
        draw = LogitsProcessorList()
        rows, mask = self._padded(prompts)
        if temperature > 0:
            draw.append(_Drawn(self._tensor(uniforms), rows.shape[1], temperature, top_p))
        with torch.inference_mode():
            out = self.model.generate(
                input_ids=rows, attention_mask=mask, generation_config=how, logits_processor=draw,
                tokenizer=self.tokenizer if stop else None,
            )  # fmt: skip
        return [self._ended(row, most) for row in out[:, rows.shape[1] :].tolist()]

    def _ended(self, row: Tokens, most: int) -> tuple[Tokens, bool]:
        ends = {*self.ends, self._pad}
        stop = next((k for k, token in enumerate(row) if token in ends), len(row))
        return row[:stop], stop < most

    # ---------------------------------------------------------------- tensors
    @property
    def _pad(self) -> int:
        found = self.tokenizer.pad_token_id
        return int(found if found is not None else next(iter(self.ends), 0))

    def _tensor(self, values: Any) -> Any:
        torch = _torch()
        return torch.as_tensor(np.asarray(values), device=self.model.device)

    def _padded(self, rows: Sequence[Sequence[int]]) -> tuple[Any, Any]:
        """Rows of one width, padded on the left, and which places are meant."""
        width = max(len(r) for r in rows)
        tokens = np.full((len(rows), width), self._pad, np.int64)
        mask = np.zeros((len(rows), width), np.int64)
        for k, row in enumerate(rows):
            tokens[k, width - len(row) :] = row
            mask[k, width - len(row) :] = 1
        return self._tensor(tokens), self._tensor(mask)


class _Drawn:
    """Chooses every next token with a number given for its row and place: no generator, whatever the batch."""

    supports_continuous_batching = False

    def __init__(self, uniforms: Any, start: int, temperature: float, top_p: float) -> None:
        self.uniforms, self.start = uniforms, start
        self.temperature, self.top_p = temperature, top_p

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        torch = _torch()
        shares = (scores.double() / self.temperature).softmax(1)
        order = None
        if self.top_p < 1:
            shares, order = shares.sort(dim=1, descending=True, stable=True)
            shares = shares.masked_fill(shares.cumsum(1) - shares >= self.top_p, 0)
        mass = shares.cumsum(1)
        u = self.uniforms[:, input_ids.shape[1] - self.start, None] * mass[:, -1:]
        nth = torch.searchsorted(mass, u, right=True).clamp(max=mass.shape[1] - 1)
        chosen = nth if order is None else order.gather(1, nth)
        return torch.full_like(scores, -torch.inf).scatter(1, chosen, 0.0)


def _torch() -> Any:
    import torch

    return torch


def _log_softmax(logits: Any) -> Any:
    return logits.float().log_softmax(-1)


def _right(tail: Sequence[int], width: int) -> Tail:
    return tuple(tail) + (0,) * (width - len(tail))


def common(prompts: Sequence[Tokens]) -> int:
    """How many tokens all prompts begin with; at least one of each is left over."""
    low, high = min(prompts), max(prompts)
    most = min(len(p) for p in prompts) - 1
    return next((k for k in range(most) if low[k] != high[k]), most)


def load(path: str, device: str | None, dtype: str) -> tuple[Any, Any]:
    """A model and its tokenizer from a folder or the Hugging Face hub: safetensors only, no code of theirs."""
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MoresError(
            f"a model in process needs the extra `hf` ({error}): pip install 'mores[hf]'"
        ) from None
    here = Path(path).is_dir()
    if not here and (path.startswith(("/", ".", "~")) or path.count("/") > 1 or not path):
        raise BadValue(
            "--model", f"hf:{path}", "a folder with a model, or its name on the Hugging Face hub"
        )
    where = device or ("cuda" if torch.cuda.is_available() else "cpu")
    # half precision is slow on most processors
    number = "float32" if dtype == "auto" and where == "cpu" else dtype
    safe: dict[str, Any] = {"trust_remote_code": False, "local_files_only": here}
    try:
        with quiet():
            tokenizer = transformers.AutoTokenizer.from_pretrained(path, **safe)
            model = transformers.AutoModelForCausalLM.from_pretrained(
                path, use_safetensors=True, dtype=number, **safe
            )
    except (OSError, ValueError) as error:
        why = str(error).strip().split("\n")[0][:300]
        raise MoresError(
            f"hf:{path} cannot be loaded: {why} (a causal language model with safetensors weights is needed; "
            "code that comes with a model is never run)"
        ) from None
    return model.to(where).eval(), tokenizer


@contextmanager
def quiet() -> Iterator[None]:
    """Loading and saving without progress bars."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
