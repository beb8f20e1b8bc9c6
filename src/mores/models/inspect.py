"""Inspect: every provider that Inspect AI knows, as whoever answers (`inspect:PROVIDER/MODEL`, extra `inspect`).

Inspect AI's model layer does the calling: connections at once, retries, keys (each provider's own
environment variables). Its asynchronous calls run in one event loop in the background, so that the engine
never waits for one of them. A call that failed for good is a reply with a fault; a refused key ends the run
with an error, and nothing is stored for what was under way.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.actions import Space, Utterance
from mores.engine.asking import Request, Response
from mores.errors import BadValue, MoresError
from mores.models import face
from mores.models.envelope import response_format, unwrapped
from mores.models.face import Capabilities, Chosen, Message

_REFUSED = (401, 403)
_SHOWN = 300


class Inspect:
    """A model of one of Inspect AI's providers, as in `anthropic/claude-...` or `google/gemini-...`.

    What is None is left to the provider. `limit` bounds the calls at once, `attempts` how often one is tried,
    `timeout` the seconds of all its attempts. `schemas=True` asks for answers by JSON schema where the provider
    can. Other parameters go to the provider as they are.
    """

    def __init__(
        self,
        name: str,
        *,
        temperature: float | None = None,
        max_tokens: int | None = None,
        top_p: float | None = None,
        reasoning_effort: str | None = None,
        limit: int | None = None,
        attempts: int = 10,
        timeout: int = 600,
        schemas: bool = False,
        **parameters: Any,
    ) -> None:
        given = {
            "temperature": temperature, "max_tokens": max_tokens, "top_p": top_p,
            "reasoning_effort": reasoning_effort,
        }  # fmt: skip
        sampling = {k: v for k, v in given.items() if v is not None}
        calling = {
            "max_connections": limit,
            "max_retries": max(0, attempts - 1),
            "timeout": timeout,
        }
        self._api = _model(name, {**sampling, **calling}, parameters)
        query = "&".join(f"{k}={v}" for k, v in sampling.items())
        self.model = f"inspect:{name}?{query}" if query else f"inspect:{name}"
        self.deterministic = temperature == 0
        self.schemas = schemas
        self.capabilities = Capabilities(schema=schemas)
        self._arrived: SimpleQueue[Response | MoresError] = SimpleQueue()
        self._open = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    # ---------------------------------------------------------------- answering
    def submit(self, requests: Sequence[Request]) -> None:
        loop = self._running()
        self._open += len(requests)
        calls = [
            (r, r.thread.messages()) for r in requests
        ]  # threads are walked here, not in the loop
        loop.call_soon_threadsafe(self._start, calls)

    def poll(self, block: bool) -> list[Response]:
        out: list[Response] = []
        while self._open:
            try:
                one = self._arrived.get(block=block and not out)
            except Empty:
                break
            self._open -= 1
            if isinstance(one, MoresError):
                raise one
            out.append(one)
        return out

    def close(self) -> None:
        """Give up what is under way and end the background loop."""
        if self._loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = None
        self._open = 0

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._tasks: set[asyncio.Task[None]] = set()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="mores-inspect", daemon=True
            )
            self._thread.start()
        return self._loop

    def _start(self, calls: list[tuple[Request, list[dict[str, str]]]]) -> None:
        for request, messages in calls:
            task = asyncio.get_running_loop().create_task(self._call(request, messages))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        mine = list(self._tasks)
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        await self._api.api.aclose()

    async def _call(self, request: Request, messages: list[dict[str, str]]) -> None:
        try:
            output = await self._api.generate(_said(messages), config=self._config(request.space))
            self._arrived.put(self._read(request, output))
        except Exception as error:
            self._arrived.put(self._failed(request, error))

    def _config(self, space: Space) -> Any:
        from inspect_ai.model import GenerateConfig, ResponseSchema
        from inspect_ai.util import JSONSchema

        if not self.schemas or isinstance(space, Utterance):
            return GenerateConfig()
        form = json.loads(response_format(space))["json_schema"]
        schema = JSONSchema.model_validate(form["schema"])
        return GenerateConfig(
            response_schema=ResponseSchema(name="answer", json_schema=schema, strict=True)
        )

    def _read(self, request: Request, output: Any) -> Response:
        """What a response of Inspect's means."""
        text = "" if output.empty else output.message.text
        fault: str | None = None
        flags: tuple[str, ...] = ()
        free = isinstance(request.space, Utterance)
        if output.error:
            fault = str(output.error)[:_SHOWN]
        elif output.empty:
            fault = "the provider gave no choices"
        elif output.stop_reason == "content_filter":
            fault = "ended by a content filter"
        elif output.stop_reason in ("max_tokens", "model_length"):
            flags = ("length",)
            # half a value may read as another one: better none
            fault = None if free and text else f"cut: {output.stop_reason}"
        if self.schemas and not free:
            text = unwrapped(text)
        usage = output.usage
        read = None if usage is None else sum(
            n or 0 for n in (usage.input_tokens, usage.input_tokens_cache_read, usage.input_tokens_cache_write)
        )  # fmt: skip
        return Response(
            request.key, text, fault, read, usage and usage.output_tokens, flags=flags,
            reasoning=None if output.empty else _reasoning(output.message.content),
            reasoning_tokens=usage and usage.reasoning_tokens,
        )  # fmt: skip

    def _failed(self, request: Request, error: Exception) -> Response | MoresError:
        status = getattr(error, "status_code", None)
        said = f"{type(error).__name__}: {error}"[:_SHOWN]
        if status in _REFUSED:
            return MoresError(
                f"{self.model} refused the key (status {status}); set the provider's key in the environment"
            )
        return Response(request.key, "", said)

    # ---------------------------------------------------------------- asking directly
    def generate(
        self, messages: Sequence[Message], space: Space | None = None, draws: int = 1
    ) -> list[Response]:
        return face.generate(self, messages, space, draws)

    def choose(
        self, messages: Sequence[Message], options: Sequence[str], draws: int = 20
    ) -> Chosen:
        """Shares among repeated draws: Inspect's providers differ too much in the log-probabilities they give."""
        return face.choose_by_draws(
            self, messages, options, draws, "schema" if self.schemas else "words"
        )

    def score(self, messages: Sequence[Message], continuation: str) -> float:
        raise MoresError(
            f"{self.model} gives no log-probability of a text; a model in process does (hf:PATH)"
        )

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise MoresError(
            f"{self.model} makes no embeddings; name an endpoint that does, or embedder=hashed"
        )


def _model(name: str, config: dict[str, Any], parameters: dict[str, Any]) -> Any:
    """Inspect's model; errors say what to install or set."""
    try:
        from inspect_ai.model import GenerateConfig, get_model
    except ImportError as error:
        raise MoresError(
            f"inspect:{name} needs the extra `inspect` ({error}): pip install 'mores[inspect]'"
        ) from None
    try:
        return get_model(name, config=GenerateConfig(**config), memoize=False, **parameters)
    except Exception as error:
        said = str(getattr(error, "message", error)).replace("[bold]", "").replace("[/bold]", "")
        why = " ".join(said.split())[:_SHOWN]
        raise BadValue(
            "--model", f"inspect:{name}", f"a model that Inspect AI can reach ({why})"
        ) from None


def _said(messages: list[dict[str, str]]) -> list[Any]:
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser

    kinds = {
        "system": ChatMessageSystem,
        "user": ChatMessageUser,
        "assistant": ChatMessageAssistant,
    }
    return [kinds[m["role"]](content=m["content"]) for m in messages]


def _reasoning(content: Any) -> str | None:
    """What a reasoning model thought, of the parts of its message."""
    if isinstance(content, str):
        return None
    parts = [p for p in content if p.type == "reasoning"]
    thought = [p.summary or "" if p.redacted else p.reasoning for p in parts]
    return "\n".join(t for t in thought if t) or None
