"""Who writes while everything breaks, and what was promised to them?"""

import asyncio
import http.client
import json
import os
import random
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async

TAKEN = {200, 201}
PAUSE_S = 0.3


class Writer:
    """Reports and acknowledges, each act with one key until it is answered; every answer is on disk at once."""

    def __init__(self, name: str, ports: list[int], token: str, site: str, folder: Path, seed: int) -> None:
        self.ports, self.token, self.site = ports, token, site
        self.dice = random.Random(f"{seed}:{name}")
        self.file = folder / f"{name}.acknowledged"
        self.faults: list[str] = []
        self.resent = 0

    async def write(self, until: Callable[[], bool]) -> None:
        while not until():
            kind = self.dice.choice(["POWER", "TRAFFIC", "WEATHER"])
            body = {
                "site": self.site,
                "category": kind,
                "severity": 1 + self.dice.randrange(4),
                "summary": "Chứng minh",
            }
            made = await self._promised("/api/incidents/", body)
            if made and self.dice.random() < 0.5:
                await self._promised(f"/api/incidents/{made['id']}/note/", {"text": "Đã cử tổ kiểm tra"})

    async def _promised(self, path: str, body: dict[str, Any]) -> Any:
        """Ask until there is an answer, always with the same key; None where it was a refusal."""
        key = str(uuid.UUID(int=self.dice.getrandbits(128)))
        while True:
            status, said = await sync_to_async(self._ask, thread_sensitive=False)(path, body, key)
            if status in TAKEN:
                self._keep({"key": key, "path": path, "id": said["id"]})
                if self.dice.random() < 0.1:  # an answer that was lost on the way is asked for again
                    again = await sync_to_async(self._ask, thread_sensitive=False)(path, body, key)
                    if again[0] in TAKEN and again[1]["id"] != said["id"]:
                        self.faults.append(f"{key}: {said['id']} and then {again[1]['id']}")
                return said
            if status is not None and status < 500:
                self.faults.append(f"{path}: {status} {said}")
                return None
            self.resent += 1
            await asyncio.sleep(PAUSE_S)

    def _ask(self, path: str, body: dict[str, Any], key: str) -> tuple[int | None, Any]:
        headers = {
            "Authorization": f"Token {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        url = f"http://127.0.0.1:{self.dice.choice(self.ports)}{path}"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()[:300]
        except (OSError, ValueError, http.client.HTTPException):
            return None, None

    def _keep(self, promise: dict[str, str]) -> None:
        with self.file.open("a") as kept:
            kept.write(json.dumps(promise) + "\n")
            kept.flush()
            os.fsync(kept.fileno())

    def promises(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []
