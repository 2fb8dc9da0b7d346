"""The proof of a month over the API: figures as JSON, every line as CSV, the printed proof as PDF."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint

from app.access import allow
from app.documents.proofs import proof_pdf
from app.i18n import LANGUAGES, lang
from app.proofs import READERS, Shown, listing_file, named, show
from app.session import unit_of_work
from common.money import plain
from customs.proof import Difference, Part
from customs.proof.checking import stored_balance

blueprint = Blueprint("api_proofs", __name__, url_prefix="/api/v1", description="Proof of a month (逐月核对)")


class ProofQuery(ma.Schema):
    """Whose lines: a consignor by customs code, unified social credit code or platform number; all without it."""

    consignor = ma.fields.String(load_default="", validate=ma.validate.Length(max=40))


class LiveQuery(ProofQuery):
    """As above; with `live` the proof is made now even where a stored one still holds."""

    live = ma.fields.Boolean(load_default=False)


class PrintQuery(ProofQuery):
    """As above; the language of the printed proof, that of the request without it."""

    language = ma.fields.String(data_key="lang", load_default=None, validate=ma.validate.OneOf(LANGUAGES))


class SumSchema(ma.Schema):
    """How many lines, worth what (decimal strings, in the balance's currency), weighing what in kg."""

    lines = ma.fields.Integer(required=True)
    amount = ma.fields.String(required=True)
    gross = ma.fields.String(required=True)
    net = ma.fields.String(required=True)


class BalanceSchema(ma.Schema):
    """One currency: truth = counted; for flag B also truth = declared − elsewhere + open."""

    currency = ma.fields.String(required=True)
    truth = ma.fields.Nested(SumSchema, required=True)
    counted = ma.fields.Nested(SumSchema, required=True)
    summarised = ma.fields.Nested(SumSchema, required=True)
    open = ma.fields.Nested(SumSchema, required=True)
    declared = ma.fields.Nested(SumSchema, required=True)
    elsewhere = ma.fields.Nested(SumSchema, required=True)


class PartySchema(ma.Schema):
    """An enterprise."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    customs_code = ma.fields.String(required=True, allow_none=True)


class PartSchema(ma.Schema):
    """One zone, consignor, declarant and channel; the checklists' own weights in kg."""

    zone_code = ma.fields.String(required=True)
    consignor = ma.fields.Nested(PartySchema, required=True)
    declarant = ma.fields.Nested(PartySchema, required=True)
    flag = ma.fields.String(required=True)
    checklists = ma.fields.Integer(required=True)
    gross = ma.fields.String(required=True)
    net = ma.fields.String(required=True)
    balances = ma.fields.List(ma.fields.Nested(BalanceSchema), required=True)


class DifferenceSchema(ma.Schema):
    """Something that does not hold, with both figures."""

    rule = ma.fields.String(required=True)
    say = ma.fields.Dict(required=True)
    zone_code = ma.fields.String(required=True)
    consignor_id = ma.fields.Integer(required=True)
    number = ma.fields.String(required=True)
    field = ma.fields.String(required=True)
    expected = ma.fields.String(required=True)
    found = ma.fields.String(required=True)
    checklist_id = ma.fields.Integer(required=True, allow_none=True)
    gnum = ma.fields.Integer(required=True, allow_none=True)
    declaration_id = ma.fields.Integer(required=True, allow_none=True)
    line_no = ma.fields.Integer(required=True, allow_none=True)


class ProofSchema(ma.Schema):
    """The proof: `digest` is the SHA-256 of the listing (the CSV without its first line)."""

    month = ma.fields.String(required=True)
    at = ma.fields.DateTime(required=True)
    holds = ma.fields.Boolean(required=True)
    digest = ma.fields.String(required=True)
    checklists = ma.fields.Integer(required=True)
    lines = ma.fields.Integer(required=True)
    parts = ma.fields.List(ma.fields.Nested(PartSchema), required=True)
    differences = ma.fields.List(ma.fields.Nested(DifferenceSchema), required=True)
    more = ma.fields.Integer(required=True)


@blueprint.get("/proofs/<month>")
@allow(*READERS)
@blueprint.arguments(LiveQuery, location="query")
@blueprint.response(200, ProofSchema)
def read_proof(asked: dict[str, Any], month: str) -> dict[str, Any]:
    """The proof of a month (`YYYY-MM`) of closing: own lines, or those of the officer's zones, as of `at`.

    Made now, or of a whole zone by the daily check, if nothing was written about the month since.
    """
    with unit_of_work() as session:
        found = show(session, month, asked["consignor"], live=asked["live"])
    proof = found.proof
    return {
        "month": str(proof.month),
        "at": proof.at,
        "holds": proof.holds,
        "digest": found.digest,
        "checklists": proof.checklists,
        "lines": proof.lines,
        "parts": [_part(found, one) for one in proof.parts],
        "differences": [_difference(one) for one in proof.differences],
        "more": proof.more,
    }


@blueprint.get("/proofs/<month>.csv")
@allow(*READERS)
@blueprint.arguments(ProofQuery, location="query")
@blueprint.response(200, content_type="text/csv")
def read_listing(asked: dict[str, Any], month: str) -> Response:
    """Every closed line with its statistics rows and its declaration; line 1 names the SHA-256 of all that follows."""
    with unit_of_work() as session:
        return listing_file(session, month, asked["consignor"])


@blueprint.get("/proofs/<month>.pdf")
@allow(*READERS)
@blueprint.arguments(PrintQuery, location="query")
@blueprint.response(200, content_type="application/pdf")
def read_printed(asked: dict[str, Any], month: str) -> Response:
    """The printed proof: totals, consignors, differences, and how to recompute it."""
    with unit_of_work() as session:
        found = show(session, month, asked["consignor"])
    raw = proof_pdf(found, asked["language"] or lang())
    return named(Response(raw, mimetype="application/pdf"), f"proof-{found.proof.month}.pdf")


def _part(found: Shown, one: Part) -> dict[str, Any]:
    return {
        "zone_code": one.zone_code,
        "consignor": _party(found, one.consignor_id),
        "declarant": _party(found, one.declarant_id),
        "flag": one.flag,
        "checklists": one.checklists,
        "gross": plain(one.gross),
        "net": plain(one.net),
        "balances": [stored_balance(balance) for balance in one.balances.values()],
    }


def _party(found: Shown, id: int) -> dict[str, Any]:
    facts = found.names.get(id)
    return {"id": id, "name": found.name(id), "customs_code": facts.customs_code if facts is not None else None}


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "say": one.say().as_dict(),
        "zone_code": one.zone_code,
        "consignor_id": one.consignor_id,
        "number": one.number,
        "field": one.field,
        "expected": one.expected,
        "found": one.found,
        "checklist_id": one.checklist_id,
        "gnum": one.gnum,
        "declaration_id": one.declaration_id,
        "line_no": one.line_no,
    }
