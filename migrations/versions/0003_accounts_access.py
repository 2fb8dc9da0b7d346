"""Accounts, tokens, the audit trail with its seals, and the trigger that fills it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from common.events import Xid8

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AUDITED = {
    "zone": "code",
    "park": "id",
    "zone_office": "id",
    "supervised_site": "id",
    "subject": "id",
    "subject_code": "subject_id",
    "subject_name": "subject_id",
    "subject_role": "subject_id",
    "subject_trait": "subject_id",
    "zone_membership": "subject_id",
    "mandate": "id",
    "account": "id",
    "api_token": "id",
    "role_setting": "role",
}
"""Tables that people change, and the column that names what was changed."""

AUDIT_CHANGE = """
CREATE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  shown jsonb := coalesce(new_row, old_row);
  done_at timestamptz := nullif(current_setting('zone.now', true), '')::timestamptz;
  done_by text := nullif(current_setting('zone.actor', true), '');
  secret text;
BEGIN
  IF old_row = new_row THEN
    RETURN NULL;
  END IF;
  -- a row that says itself who set it and when may be written outside a request
  done_at := coalesce(done_at, (shown ->> 'set_at')::timestamptz);
  done_by := coalesce(done_by, shown ->> 'set_by');
  IF done_at IS NULL OR done_by IS NULL THEN
    RAISE EXCEPTION 'table % is audited: call common.audit.set_context first', TG_TABLE_NAME;
  END IF;
  FOREACH secret IN ARRAY ARRAY['password_hash', 'totp_cipher', 'digest', 'id_number_cipher', 'id_number_hash'] LOOP
    old_row := CASE WHEN old_row ? secret THEN jsonb_set(old_row, ARRAY[secret], '"*"') ELSE old_row END;
    new_row := CASE WHEN new_row ? secret THEN jsonb_set(new_row, ARRAY[secret], '"*"') ELSE new_row END;
  END LOOP;
  INSERT INTO audit_entry (at, actor, action, subject_type, subject_id, zone_code, request_id, before, after)
  VALUES (
    done_at, done_by,
    CASE TG_OP WHEN 'INSERT' THEN 'insert' WHEN 'UPDATE' THEN 'change' ELSE 'delete' END,
    TG_TABLE_NAME, shown ->> TG_ARGV[0], shown ->> 'zone_code',
    nullif(current_setting('zone.request', true), ''), old_row, new_row
  );
  RETURN NULL;
END
$$
"""

AUDIT_KEEP = """
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is only added to';
END
$$
"""


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=True),
        sa.Column("enterprise_id", sa.BigInteger(), nullable=True),
        sa.Column("zone_code", sa.String(length=6), nullable=True),
        sa.Column("zones", postgresql.ARRAY(sa.String(length=6)), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("session_serial", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("level IN ('owner', 'clerk', 'read_only')", name=op.f("ck_account_level")),
        sa.CheckConstraint("(enterprise_id IS NULL) = (level IS NULL)", name=op.f("ck_account_belongs")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["subject.id"], name=op.f("fk_account_enterprise_id")),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_account_zone_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_enterprise_id", "account", ["enterprise_id"], unique=False)
    op.create_index("uq_account_login", "account", ["login"], unique=True)
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_token_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
    )
    op.create_index("ix_api_token_account_id", "api_token", ["account_id"], unique=False)
    op.create_index("uq_api_token_digest", "api_token", ["digest"], unique=True)
    op.create_table(
        "sign_in_attempts",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_totp_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_attempts_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_sign_in_attempts")),
    )
    op.create_table(
        "role_setting",
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.String(length=100), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_role_setting")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_type", "subject_id"], unique=False)
    op.create_index("ix_audit_entry_zone_code", "audit_entry", ["zone_code", "xid", "id"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_xid", Xid8(), nullable=False),
        sa.Column("until_xid", Xid8(), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("entries_hash", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("zone_code", "seq", name=op.f("pk_audit_seal")),
    )
    op.execute(AUDIT_CHANGE)
    op.execute(AUDIT_KEEP)
    for table, key in AUDITED.items():
        op.execute(
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION audit_change('{key}')"
        )
    for table in ("audit_entry", "audit_seal"):
        op.execute(
            f"CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()"
        )


def downgrade() -> None:
    """Drop them."""
    for table in AUDITED:
        op.execute(f"DROP TRIGGER audit ON {table}")
    op.drop_table("audit_seal")
    op.drop_table("audit_entry")
    op.drop_table("role_setting")
    op.drop_table("sign_in_attempts")
    op.drop_table("api_token")
    op.drop_table("account")
    op.execute("DROP FUNCTION audit_keep")
    op.execute("DROP FUNCTION audit_change")
