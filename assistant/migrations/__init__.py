"""The layout of the store's tables, version by version, and how a database is brought to the newest."""

from sqlalchemy.engine import Connection, Engine

from assistant.errors import StoreError

# What holds back other processes that bring the same database up to date, until the transaction ends.
_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7283551)"}


def migrate(engine: Engine) -> tuple[str, str]:
    """Bring a database to the newest layout, in one transaction; return the versions before and after, '' for none.

    A database that is there already is read only. Tables from before there were versions are taken as they are.
    Raises StoreError where the layout is newer than this program.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "assistant:migrations")
    script = ScriptDirectory.from_config(config)
    newest = str(script.get_current_head())
    known = {one.revision for one in script.walk_revisions()}
    with engine.connect() as connection:
        before = _version(connection, known)
    if before == newest:
        return before, newest
    with engine.begin() as connection:
        if alone := _ALONE.get(engine.dialect.name):
            connection.exec_driver_sql(alone)
        before = _version(connection, known)  # another process may have been first
        if before != newest:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return before, newest


def _version(connection: Connection, known: set[str]) -> str:
    from alembic.migration import MigrationContext

    version = MigrationContext.configure(connection).get_current_revision() or ""
    if version and version not in known:
        raise StoreError(
            f"The store at {connection.engine.url.render_as_string()} has the layout {version!r} of a newer version of "
            "this program: install that version, or set UCCN_DATABASE_URL to another database"
        )
    return version
