"""Secrets that the whole suite is watched for: in what is logged, in what is printed, in what agents are told."""

import logging
from base64 import b64encode

from server.settings import demo_environment

TOKEN = demo_environment()["JIRA_API_TOKEN"]
BASIC = b64encode(f"demo@example.com:{TOKEN}".encode()).decode()  # as it goes over the wire
CANARIES = (TOKEN, BASIC)


def leaked(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


class Watch(logging.Handler):
    """Reads every record as a log would have it, traces too, whatever level its logger lets through."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        if leaked(line):
            self.found.append(line)
