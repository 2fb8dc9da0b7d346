"""Zones, parks, offices and sites; subjects with what is dated about them; mandates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "zone",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_zone")),
    )
    op.create_table(
        "park",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("zone_code", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("core", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_park_zone_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park")),
    )
    op.create_index("ix_park_zone_code", "park", ["zone_code"], unique=False)
    op.create_table(
        "zone_office",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("zone_code", sa.String(length=6), nullable=False),
        sa.Column("office_code", sa.String(length=4), nullable=False),
        sa.Column("mode", sa.String(length=6), nullable=False),
        sa.Column("early_declaration", sa.Boolean(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("successor_code", sa.String(length=4), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("set_by", sa.String(length=100), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mode IN ('decide', 'relay')", name=op.f("ck_zone_office_mode")),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_zone_office_zone_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_office")),
    )
    op.create_index("ix_zone_office_office_code", "zone_office", ["office_code", "valid_from", "id"], unique=False)
    op.create_table(
        "subject",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("dxp_id", sa.String(length=30), nullable=True),
        sa.Column("id_number_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_hash", sa.String(length=64), nullable=True),
        sa.Column("id_number_mask", sa.String(length=18), nullable=True),
        sa.CheckConstraint(
            "kind IN ('firm', 'sole_trader', 'individual', 'bank', 'department')", name=op.f("ck_subject_kind")
        ),
        sa.CheckConstraint("(id_number_hash IS NULL) = (id_number_cipher IS NULL)", name=op.f("ck_subject_id_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
    )
    op.create_index("uq_subject_id_number_hash", "subject", ["id_number_hash"], unique=True)
    op.create_table(
        "supervised_site",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("office_code", sa.String(length=4), nullable=False),
        sa.Column("loct_no", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("set_by", sa.String(length=100), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["subject.id"], name=op.f("fk_supervised_site_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervised_site")),
    )
    op.create_index("ix_supervised_site_operator_id", "supervised_site", ["operator_id"], unique=False)
    op.create_index(
        "ix_supervised_site_place", "supervised_site", ["office_code", "loct_no", "valid_from", "id"], unique=False
    )
    op.create_table(
        "subject_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("scheme", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("scheme IN ('uscc', 'customs')", name=op.f("ck_subject_code_scheme")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_subject_code_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_code")),
    )
    op.create_index("ix_subject_code_code", "subject_code", ["code"], unique=False)
    op.create_index("ix_subject_code_subject_id", "subject_code", ["subject_id"], unique=False)
    op.create_index(
        "uq_subject_code_open",
        "subject_code",
        ["subject_id", "scheme"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_index(
        "uq_subject_code_open_code", "subject_code", ["code"], unique=True, postgresql_where=sa.text("valid_to IS NULL")
    )
    op.create_table(
        "subject_name",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_subject_name_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_name")),
    )
    op.create_index("ix_subject_name_subject_id", "subject_name", ["subject_id"], unique=False)
    op.create_index(
        "uq_subject_name_open",
        "subject_name",
        ["subject_id"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "subject_role",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "role IN ('seller', 'platform', 'logistics', 'payment', 'agent', 'operator')",
            name=op.f("ck_subject_role_role"),
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_subject_role_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_role")),
    )
    op.create_index(
        "uq_subject_role_open",
        "subject_role",
        ["subject_id", "role"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "subject_trait",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("trait", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=24), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "trait IN ('filing', 'trade_kind', 'taxpayer_kind', 'customs_grade')", name=op.f("ck_subject_trait_trait")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_subject_trait_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_trait")),
    )
    op.create_index(
        "uq_subject_trait_open",
        "subject_trait",
        ["subject_id", "trait"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "zone_membership",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("zone_code", sa.String(length=6), nullable=False),
        sa.Column("park_id", sa.BigInteger(), nullable=True),
        sa.Column("home", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["park_id"], ["park.id"], name=op.f("fk_zone_membership_park_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_zone_membership_subject_id")),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_zone_membership_zone_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_membership")),
    )
    op.create_index("ix_zone_membership_zone_code", "zone_membership", ["zone_code"], unique=False)
    op.create_index(
        "uq_zone_membership_home",
        "zone_membership",
        ["subject_id"],
        unique=True,
        postgresql_where=sa.text("home AND valid_to IS NULL"),
    )
    op.create_index(
        "uq_zone_membership_open",
        "zone_membership",
        ["subject_id", "zone_code"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "mandate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("principal_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("message_types", postgresql.ARRAY(sa.String(length=6)), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.String(length=100), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_by", sa.String(length=100), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cardinality(message_types) > 0", name=op.f("ck_mandate_message_types")),
        sa.CheckConstraint("principal_id <> agent_id", name=op.f("ck_mandate_parties")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_mandate_days")),
        sa.ForeignKeyConstraint(["agent_id"], ["subject.id"], name=op.f("fk_mandate_agent_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["subject.id"], name=op.f("fk_mandate_principal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
    )
    op.create_index("ix_mandate_agent_id", "mandate", ["agent_id", "principal_id"], unique=False)
    op.create_index("ix_mandate_principal_id", "mandate", ["principal_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("mandate")
    op.drop_table("zone_membership")
    op.drop_table("subject_trait")
    op.drop_table("subject_role")
    op.drop_table("subject_name")
    op.drop_table("subject_code")
    op.drop_table("supervised_site")
    op.drop_table("subject")
    op.drop_table("zone_office")
    op.drop_table("park")
    op.drop_table("zone")
