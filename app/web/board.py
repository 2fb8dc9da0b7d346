"""The page of the board: the chain from release to declaration, by zone and by consignor."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.access import allow
from app.api.board import READERS, made_board
from common import clock
from customs.queries.board import STEPS

blueprint = Blueprint("board", __name__, url_prefix="/board")

MOST = 50


@blueprint.get("")
@allow(*READERS)
def index() -> str:
    """What waits where, how long, and who must act."""
    found, names = made_board(MOST)
    return render_template(
        "board/index.html",
        board=found,
        names=names,
        steps=STEPS,
        days=found.ages,
        now=clock.now(),
    )
