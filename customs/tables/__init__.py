"""Tables of the customs package, one module per part of the road."""

from customs.tables.checklists import Checklist, ChecklistLine
from customs.tables.keys import ChecklistKey, IdempotencyKey, MessageKey, Parcel, PaymentKey, Sale
from customs.tables.messages import Message
from customs.tables.papers import PaymentReceipt, SaleOrder, SaleOrderLine, Waybill

__all__ = [
    "Checklist",
    "ChecklistKey",
    "ChecklistLine",
    "IdempotencyKey",
    "Message",
    "MessageKey",
    "Parcel",
    "PaymentKey",
    "PaymentReceipt",
    "Sale",
    "SaleOrder",
    "SaleOrderLine",
    "Waybill",
]
