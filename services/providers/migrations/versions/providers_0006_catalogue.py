"""Product types, plans and prices"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "providers_0006"
down_revision = "providers_0005"
branch_labels = None
depends_on = None

# What was sold before there were prices over time, as it would be stated now.
_PRICED = """
UPDATE products SET code = id::text, plans = coalesce((
    SELECT jsonb_agg(p || jsonb_build_object(
        'code', p->>'id', 'description', NULL, 'translations', '{}'::jsonb, 'status', 'on_offer',
        'trial', NULL, 'discounts', '[]'::jsonb, 'availability', NULL,
        'prices', jsonb_build_array(jsonb_build_object(
            'id', gen_random_uuid(), 'period', p->'period', 'length', NULL, 'price', p->'price',
            'setup_fee', NULL, 'valid_from', '2026-01-01T00:00:00Z', 'valid_until', NULL,
            'applies_to_running', false))) ORDER BY place)
    FROM jsonb_array_elements(plans) WITH ORDINALITY AS each(p, place)), '[]')
"""

# A price is shortened before its successor comes, so that they do not meet within the statement.
_INDEX = """
CREATE FUNCTION index_plans() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO plans AS known
        (id, product_id, provider_id, product_type, code, status, search, plan)
    SELECT (p->>'id')::uuid, NEW.id, NEW.provider_id, NEW.product_type, p->>'code',
        CASE NEW.status WHEN 'archived' THEN 'archived' ELSE p->>'status' END,
        lower(concat_ws(' ', p->>'code', p->>'name', NEW.code, NEW.name,
            (SELECT string_agg(t.value->>'name', ' ') FROM jsonb_each(p->'translations') t))),
        p
    FROM jsonb_array_elements(NEW.plans) p
    ON CONFLICT (id) DO UPDATE SET
        product_type = excluded.product_type, code = excluded.code, status = excluded.status,
        search = excluded.search, plan = excluded.plan
    WHERE (known.product_type, known.code, known.status, known.search, known.plan) IS DISTINCT FROM
        (excluded.product_type, excluded.code, excluded.status, excluded.search, excluded.plan);

    INSERT INTO prices AS known (id, plan_id, currency, term, valid, price)
    SELECT (r->>'id')::uuid, (p->>'id')::uuid, r->'price'->>'currency',
        (r->>'period')
            || coalesce(':' || (r->'length'->>'count') || ':' || (r->'length'->>'unit'), ''),
        tstzrange((r->>'valid_from')::timestamptz, (r->>'valid_until')::timestamptz), r
    FROM jsonb_array_elements(NEW.plans) p, jsonb_array_elements(p->'prices') r
    ORDER BY (r->>'valid_from')::timestamptz
    ON CONFLICT (id) DO UPDATE SET valid = excluded.valid, price = excluded.price
    WHERE known.price IS DISTINCT FROM excluded.price;
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER index_plans
AFTER INSERT OR UPDATE OF plans, name, code, status, product_type ON products
FOR EACH ROW EXECUTE FUNCTION index_plans()
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "product_types",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("translations", postgresql.JSONB(), nullable=False),
        sa.Column("tax_category", sa.String(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_types")),
        sa.UniqueConstraint("code", name=op.f("uq_product_types_code")),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("product_type", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_plans_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("provider_id", "code", name=op.f("uq_plans_provider_id_code")),
    )
    for column in ("product_id", "provider_id", "product_type", "status"):
        op.create_index(op.f(f"ix_plans_{column}_id"), "plans", [column, "id"])
    op.create_index(
        "ix_plans_search",
        "plans",
        ["search"],
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "prices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("valid", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("price", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_prices_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prices")),
        postgresql.ExcludeConstraint(
            ("plan_id", "="),
            ("currency", "="),
            ("term", "="),
            ("valid", "&&"),
            name="ex_prices_overlap",
            using="gist",
        ),
    )
    op.create_index("ix_prices_plan_id_valid_from", "prices", ["plan_id", sa.text("lower(valid)")])
    _upgrade_products()
    _create_imports()


def _create_imports() -> None:
    op.create_table(
        "catalogue_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.String(32), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("columns", postgresql.ARRAY(sa.String()), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in (
                "parts", "bytes", "lines", "next_line", "checked", "applied", "created",
                "changed", "unchanged", "errors_found",
            )
        ),
        sa.Column("errors", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_catalogue_imports_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_imports")),
    )  # fmt: skip
    op.create_index(
        op.f("ix_catalogue_imports_provider_id_id"), "catalogue_imports", ["provider_id", "id"]
    )
    op.create_index(op.f("ix_catalogue_imports_status"), "catalogue_imports", ["status"])
    op.create_table(
        "catalogue_import_lines",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("product_code", sa.String(collation="C"), nullable=False),
        sa.Column("plan_code", sa.String(), nullable=False),
        sa.Column("cells", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["catalogue_imports.id"],
            name=op.f("fk_catalogue_import_lines_import_id"),
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_catalogue_import_lines")),
    )
    op.create_index(
        op.f("ix_catalogue_import_lines_import_id_product_code_line"),
        "catalogue_import_lines",
        ["import_id", "product_code", "line"],
    )


def _upgrade_products() -> None:
    for name in ("code", "product_type", "description", "tax_category"):
        op.add_column("products", sa.Column(name, sa.String(), nullable=True))
    op.add_column(
        "products",
        sa.Column("translations", postgresql.JSONB(), nullable=False, server_default="{}"),
    )
    op.add_column(
        "products", sa.Column("status", sa.String(32), nullable=False, server_default="on_offer")
    )
    for name in ("translations", "status"):
        op.alter_column("products", name, server_default=None)
    op.execute(_INDEX)
    op.execute(_TRIGGER)
    op.execute(_PRICED)
    op.alter_column("products", "code", nullable=False)
    op.add_column(
        "products",
        sa.Column("search", sa.String(), sa.Computed("lower(code || ' ' || name)", persisted=True)),
    )
    op.alter_column("products", "search", nullable=False)
    op.create_foreign_key(
        op.f("fk_products_product_type"), "products", "product_types", ["product_type"], ["code"]
    )
    op.create_unique_constraint(
        op.f("uq_products_provider_id_code"), "products", ["provider_id", "code"]
    )
    op.drop_index(op.f("ix_products_provider_id"), "products")
    op.create_index(op.f("ix_products_provider_id_id"), "products", ["provider_id", "id"])
    op.create_index(op.f("ix_products_product_type_id"), "products", ["product_type", "id"])
    op.create_index(
        "ix_products_search",
        "products",
        ["search"],
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )


def downgrade() -> None:
    op.drop_table("catalogue_import_lines")
    op.drop_table("catalogue_imports")
    op.execute("DROP TRIGGER index_plans ON products")
    op.execute("DROP FUNCTION index_plans")
    op.drop_table("prices")
    op.drop_table("plans")
    op.drop_index(op.f("ix_products_provider_id_id"), "products")
    op.create_index(op.f("ix_products_provider_id"), "products", ["provider_id"])
    for column in (
        "search", "code", "product_type", "description", "tax_category", "translations", "status",
    ):  # fmt: skip
        op.drop_column("products", column)
    op.drop_table("product_types")
