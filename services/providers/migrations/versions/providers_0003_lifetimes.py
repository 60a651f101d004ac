"""Lifetimes of staff; what a provider asks of its employees"""

import sqlalchemy as sa
from alembic import op

revision = "providers_0003"
down_revision = "providers_0002"
branch_labels = None
depends_on = None

_GOES_ON = sa.text("status <> 'ended'")


def upgrade() -> None:
    op.add_column("employees", sa.Column("joined", sa.Boolean(), nullable=True))
    op.execute("UPDATE employees SET joined = (status = 'active')")
    op.alter_column("employees", "joined", nullable=False)
    op.add_column("employees", sa.Column("external_id", sa.String(), nullable=True))
    op.create_index("ix_employees_external_id", "employees", ["external_id"])
    op.create_index(
        "ix_employees_department_ids", "employees", ["department_ids"], postgresql_using="gin"
    )
    op.drop_constraint("uq_employees_email", "employees")
    op.create_index(
        "uq_employees_email", "employees", ["email"], unique=True, postgresql_where=_GOES_ON
    )
    op.add_column("departments", sa.Column("external_id", sa.String(), nullable=True))
    op.create_index("ix_departments_external_id", "departments", ["external_id"])
    for table, flag in (
        ("departments", "removed"),
        ("providers", "employees_need_second_factor"),
    ):
        op.add_column(
            table, sa.Column(flag, sa.Boolean(), nullable=False, server_default=sa.false())
        )
        op.alter_column(table, flag, server_default=None)


def downgrade() -> None:
    op.drop_column("providers", "employees_need_second_factor")
    op.drop_column("departments", "removed")
    op.drop_index("ix_departments_external_id", "departments")
    op.drop_column("departments", "external_id")
    op.drop_index("uq_employees_email", "employees")
    op.create_unique_constraint("uq_employees_email", "employees", ["email"])
    op.drop_index("ix_employees_department_ids", "employees")
    op.drop_index("ix_employees_external_id", "employees")
    op.drop_column("employees", "external_id")
    op.drop_column("employees", "joined")
