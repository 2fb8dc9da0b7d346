"""The benchmark's month is what the road writes: it is summarised to the last line and its proof holds."""

from datetime import datetime, timedelta

from bench.__main__ import show_board, wrong_of
from bench.firms import register
from bench.months import load_month
from bench.patterns import play_patterns
from bench.place import Place
from bench.summaries import apply_for, refused
from common import clock
from common.db import transaction
from customs.intake.process import process_message
from customs.proof import Month, Scope, prove
from customs.tables import Checklist
from tests.road.papers import RUN


def test_a_small_month_is_loaded_closed_summarised_and_proven(road, road_app, road_folder):
    patterns = play_patterns(Place(road_app, road.factory, road_folder, ""), 40, f"N{RUN}")
    assert len(patterns) > 20
    with transaction(road.factory) as session:
        firms = register(session, patterns, clock.now(), 12)
    month = Month.of(clock.today()).before.before
    told = []
    loaded = load_month(road.factory, patterns, firms, "B", 300, month.first, told.append)
    beside = load_month(road.factory, patterns, firms, "A", 30, month.first, told.append)
    assert loaded.lines > loaded.checklists == 300
    at = datetime.combine(month.next.first, datetime.min.time(), clock.CHINA) + timedelta(days=2)
    messages = apply_for(road.factory, loaded, at)
    for message in messages:
        process_message(road.factory, message, at)
    assert refused(road.factory, messages) == []
    show_board(road.factory, frozenset(firm.zone_code for firm in firms), at)
    with transaction(road.factory) as session:
        proof = prove(session, month, Scope(), at=at)
        assert wrong_of(proof, 330, loaded.lines + beside.lines) == []
        row = session.get(Checklist, min(patterns))
        assert row.match is not None
        assert row.tier_trace is not None
