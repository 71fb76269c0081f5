"""Version 1: questions, ratings and the store's own keys, as they were before there were versions."""

import sqlalchemy as sql
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Make what is not there."""
    op.create_table(
        "asked",
        sql.Column("id", sql.Integer, primary_key=True),
        sql.Column("at", sql.String(32), nullable=False),
        sql.Column("conversation", sql.String(64), nullable=False),
        sql.Column("channel", sql.String(8), nullable=False),
        sql.Column("question", sql.Text, nullable=False),
        sql.Column("digest", sql.String(32), nullable=False),
        sql.Column("standalone", sql.Text, nullable=False),
        sql.Column("language", sql.String(16), nullable=False),
        sql.Column("status", sql.String(16), nullable=False),
        sql.Column("route", sql.String(16), nullable=False),
        sql.Column("answer", sql.Text, nullable=False),
        sql.Column("sources", sql.JSON, nullable=False),
        sql.Column("milliseconds", sql.Float, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "ratings",
        sql.Column("id", sql.Integer, primary_key=True),
        sql.Column("at", sql.String(32), nullable=False),
        sql.Column("conversation", sql.String(64), nullable=False),
        sql.Column("channel", sql.String(8), nullable=False),
        sql.Column("question", sql.Text, nullable=False),
        sql.Column("answer", sql.Text, nullable=False),
        sql.Column("verdict", sql.String(8), nullable=False),
        sql.Column("reason", sql.String(60), nullable=False),
        sql.Column("comment", sql.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "keys",
        sql.Column("name", sql.String(16), primary_key=True),
        sql.Column("value", sql.String(64), nullable=False),
        if_not_exists=True,
    )
    for table in ("asked", "ratings"):
        for column in ("at", "conversation"):
            op.create_index(f"ix_{table}_{column}", table, [column], if_not_exists=True)
