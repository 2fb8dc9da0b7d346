"""`python -m simulator`: plays against a running platform (see `--help`)."""

from __future__ import annotations

import argparse
import os
import random
import sys
from datetime import datetime
from pathlib import Path

from common import clock
from simulator.client import AnswerError, Client
from simulator.playing import Play, play_on, report, tally_line
from simulator.samples import play_samples
from simulator.stock import stock
from simulator.summaries import summarise


def main() -> int:
    """Play as asked: 0 when all was sent, 1 when the platform refused or was not there, 2 without accounts."""
    asked = _arguments()
    begun = asked.begun or clock.now()
    run = f"{asked.seed}{'' if asked.repeat else begun.astimezone(clock.CHINA).strftime('%m%d%H%M%S')}"
    url = asked.url or f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    try:
        client = Client.open(url, asked.accounts, run)
    except (OSError, ValueError) as unread:
        print(f"the demo's accounts cannot be read ({unread}): start the demo with make run first", file=sys.stderr)
        return 2
    play = Play(client, run, random.Random(asked.seed), asked.bad)
    if asked.samples and not asked.repeat:
        play.begun, play.xml_share = begun, 0.6
    elif not asked.repeat:  # XML carries its filing time and is never the same twice
        play.xml_share, play.again_share = 0.6, 0.05
    try:
        states = play_samples(play) if asked.samples else play_on(play, asked.rate, asked.count, _say, _afterwards)
        _afterwards(play)
    except AnswerError as refused:
        print(f"the platform did not take a message: {refused}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        states = play.look()
    _say(tally_line(play, states))
    _say(report(play))
    return 0


def _afterwards(play: Play) -> None:
    """What becomes of exports once they have left."""
    stock(play)
    summarise(play)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--rate", type=float, default=1.0, help="parcels a second")
    parser.add_argument("--count", type=int, help="stop after so many parcels; without it, go on")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same parcels")
    parser.add_argument("--bad", type=float, default=0.1, help="share of parcels with something wrong")
    parser.add_argument("--repeat", action="store_true", help="use the same numbers again: everything is a repeat")
    parser.add_argument("--samples", action="store_true", help="a few dozen parcels in every state, then stop")
    parser.add_argument(
        "--begun",
        type=datetime.fromisoformat,
        help="instant that the samples are told from: the same, the same numbers",
    )
    parser.add_argument("--url", default=os.environ.get("ZONE_URL"), help="the platform's address")
    folder = Path(os.environ.get("ZONE_VAR") or "var")
    parser.add_argument("--accounts", type=Path, default=folder / "demo-accounts.json", help="the demo's accounts")
    return parser.parse_args()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
