"""What a company directory says of employees"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "providers_0004"
down_revision = "providers_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("employees", sa.Column("user_name", sa.String(), nullable=True))
    op.execute("UPDATE employees SET user_name = email")
    op.alter_column("employees", "user_name", nullable=False)
    op.add_column("employees", sa.Column("name_parts", postgresql.JSONB(), nullable=True))
    op.create_index(
        "uq_employees_user_name",
        "employees",
        [sa.text("lower(user_name)")],
        unique=True,
        postgresql_where=sa.text("status <> 'ended'"),
    )


def downgrade() -> None:
    op.drop_index("uq_employees_user_name", "employees")
    op.drop_column("employees", "name_parts")
    op.drop_column("employees", "user_name")
