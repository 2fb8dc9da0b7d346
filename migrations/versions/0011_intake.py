"""Indexes by which people find checklists, and senders their events."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_VIEWERS = ("carrier_id", "platform_id", "zone_code")
_NUMBERS = ("order_no", "logistics_no", "cop_no", "pre_no")


def upgrade() -> None:
    """Create the indexes."""
    for column in _VIEWERS:
        op.create_index(f"ix_checklist_{column}_id", "checklist", [column, "id"])
    for column in _NUMBERS:
        op.create_index(f"ix_checklist_{column}", "checklist", [column])
    op.create_index(
        "ix_checklist_parent_order_no",
        "checklist",
        ["parent_order_no"],
        postgresql_where=sa.text("parent_order_no IS NOT NULL"),
    )
    op.create_index("ix_event_sender_feed", "event", ["sender_id", "xid", "id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_event_sender_feed", "event")
    op.drop_index("ix_checklist_parent_order_no", "checklist")
    for column in reversed(_NUMBERS):
        op.drop_index(f"ix_checklist_{column}", "checklist")
    for column in reversed(_VIEWERS):
        op.drop_index(f"ix_checklist_{column}_id", "checklist")
