"""Keys"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "identity_0007"
down_revision = "identity_0006"
branch_labels = None
depends_on = None

NOW = sa.text("now()")


def upgrade() -> None:
    _add_applications()
    _add_sign_ins_to_applications()
    _add_programs()


def downgrade() -> None:
    op.drop_table("api_key_uses")
    op.drop_table("api_keys")
    op.drop_table("client_secrets")
    op.drop_table("service_accounts")
    op.drop_table("application_tokens")
    op.drop_table("authorization_codes")
    op.drop_table("application_grants")
    op.drop_table("consents")
    op.drop_table("browser_logins")
    op.drop_table("application_secrets")
    op.drop_table("applications")


def _add_applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("redirect_uris", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("post_logout_redirect_uris", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("first_party", sa.Boolean(), nullable=False),
        sa.Column("open_to", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
    )
    op.create_table(
        "application_secrets",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_secrets_application_id"),
        ),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_application_secrets")),
    )
    op.create_index(
        op.f("ix_application_secrets_application_id"),
        "application_secrets",
        ["application_id"],
        unique=False,
    )


def _add_programs() -> None:
    op.create_table(
        "service_accounts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("permissions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("provider_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_accounts")),
    )
    op.create_table(
        "client_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_account_id"],
            ["service_accounts.id"],
            name=op.f("fk_client_secrets_service_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_secrets")),
    )
    op.create_index(
        op.f("ix_client_secrets_service_account_id"), "client_secrets", ["service_account_id"]
    )
    op.create_table(
        "api_keys",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("service_account_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(user_id, service_account_id) = 1", name=op.f("ck_api_keys_one_owner")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id")),
        sa.ForeignKeyConstraint(
            ["service_account_id"],
            ["service_accounts.id"],
            name=op.f("fk_api_keys_service_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"])
    op.create_index(op.f("ix_api_keys_service_account_id"), "api_keys", ["service_account_id"])
    op.create_table(
        "api_key_uses",
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_api_key_uses_api_key_id")
        ),
        sa.PrimaryKeyConstraint("api_key_id", name=op.f("pk_api_key_uses")),
    )


def _add_sign_ins_to_applications() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "browser_logins",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        _foreign("browser_logins", "session_id", "sessions", cascades=True),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_browser_logins")),
    )
    op.create_table(
        "consents",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("given_at", moment, server_default=NOW, nullable=False),
        _foreign("consents", "user_id", "users", cascades=True),
        _foreign("consents", "application_id", "applications"),
        sa.PrimaryKeyConstraint("user_id", "application_id", name=op.f("pk_consents")),
    )
    op.create_table(
        "application_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("nonce", sa.String(), nullable=True),
        sa.Column("amr", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("signed_in_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        _foreign("application_grants", "application_id", "applications"),
        _foreign("application_grants", "user_id", "users", cascades=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_grants")),
    )
    op.create_table(
        "authorization_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("challenge", sa.String(), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=True),
        _foreign("authorization_codes", "grant_id", "application_grants", cascades=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_authorization_codes")),
    )
    op.create_table(
        "application_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("renews", sa.Boolean(), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=True),
        _foreign("application_tokens", "grant_id", "application_grants", cascades=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_application_tokens")),
    )
    for table, columns in {
        "browser_logins": ("session_id", "expires_at"),
        "application_grants": ("application_id", "user_id", "session_id", "expires_at"),
        "authorization_codes": ("grant_id",),
        "application_tokens": ("grant_id", "expires_at"),
    }.items():
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _foreign(
    table: str, column: str, other: str, *, cascades: bool = False
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{other}.id"],
        name=op.f(f"fk_{table}_{column}"),
        ondelete="CASCADE" if cascades else None,
    )
