"""Tables of the customs package, one module per part of the road."""

from customs.tables.amendments import Amendment, Correction, MandateEnd, ProofFile, ShutOut
from customs.tables.checklists import Checklist, ChecklistLine
from customs.tables.desk import DeskDecision, DeskQuestion
from customs.tables.keys import ChecklistKey, IdempotencyKey, MessageKey, Parcel, PaymentKey, Sale
from customs.tables.messages import Message
from customs.tables.movement import (
    Arrival,
    ArrivalLine,
    Cancellation,
    Departure,
    DepartureLine,
    Incident,
    MasterList,
    MasterListLine,
    MovementKey,
    SiteRecord,
)
from customs.tables.papers import PaymentReceipt, SaleOrder, SaleOrderLine, Waybill
from customs.tables.proofs import ProofCheck, ProofDifference
from customs.tables.registrations import ExportRegistration, ExportRegistrationLine
from customs.tables.relay import CustomsMessage, CustomsResponse
from customs.tables.returns import GoodsReturn, GoodsReturnFile, GoodsReturnLine, ReturnedLine, ReturnTally
from customs.tables.risk import DailySecret, RiskGoods, RiskSettings, RiskSubject, RiskTally
from customs.tables.summaries import (
    ClosedLine,
    Declaration,
    DeclarationLine,
    DeclarationSource,
    SummaryApplication,
    SummaryApplicationPart,
    SummaryExtension,
)
from customs.tables.warehouses import (
    OverseasWarehouse,
    WarehouseBatch,
    WarehouseEntry,
    WarehouseFiling,
    WarehouseProof,
    WarehouseReturn,
    WarehouseUser,
)

__all__ = [
    "Amendment",
    "Arrival",
    "ArrivalLine",
    "Cancellation",
    "Checklist",
    "ChecklistKey",
    "ChecklistLine",
    "ClosedLine",
    "Correction",
    "CustomsMessage",
    "CustomsResponse",
    "DailySecret",
    "Declaration",
    "DeclarationLine",
    "DeclarationSource",
    "Departure",
    "DepartureLine",
    "DeskDecision",
    "DeskQuestion",
    "ExportRegistration",
    "ExportRegistrationLine",
    "GoodsReturn",
    "GoodsReturnFile",
    "GoodsReturnLine",
    "IdempotencyKey",
    "Incident",
    "MandateEnd",
    "MasterList",
    "MasterListLine",
    "Message",
    "MessageKey",
    "MovementKey",
    "OverseasWarehouse",
    "Parcel",
    "PaymentKey",
    "PaymentReceipt",
    "ProofCheck",
    "ProofDifference",
    "ProofFile",
    "ReturnTally",
    "ReturnedLine",
    "RiskGoods",
    "RiskSettings",
    "RiskSubject",
    "RiskTally",
    "Sale",
    "SaleOrder",
    "SaleOrderLine",
    "ShutOut",
    "SiteRecord",
    "SummaryApplication",
    "SummaryApplicationPart",
    "SummaryExtension",
    "WarehouseBatch",
    "WarehouseEntry",
    "WarehouseFiling",
    "WarehouseProof",
    "WarehouseReturn",
    "WarehouseUser",
    "Waybill",
]
