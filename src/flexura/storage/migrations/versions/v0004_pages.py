"""What the pages for people need: sessions and the codes that open them, a gallery that can be searched.

Runs before the release that needs it starts. Everything is added; a release before this one works on.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for name in ("sessions", "sign_in_codes"):
        op.create_table(
            name,
            sa.Column("id", _text(), nullable=False),
            sa.Column("workspace_id", _text(), nullable=False),
            sa.Column("key_id", _text(), nullable=False),
            sa.Column("created_at", sa.BigInteger(), nullable=False),
            sa.Column("expires_at", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("id"),
        )
        op.create_index(f"{name}_of_key", name, ["key_id"])
    if op.get_bind().dialect.name == "postgresql":
        _gallery_on_postgres()
    else:
        _gallery_on_sqlite()


def _text() -> sa.Text:
    """Compared byte by byte, on PostgreSQL as on SQLite."""
    return sa.Text(collation="C" if op.get_bind().dialect.name == "postgresql" else None)


# -- the gallery ------------------------------------------------------------------------------------------
# A row for each file that people look at, kept by triggers: what a replica of the release before stores is
# in it too. `place` is the order of the gallery: the time in milliseconds, and in its last 20 bits what came
# first within one.
_LATEST = 8_796_093_022_207
"""The last millisecond that leaves room for 20 bits."""
_SHELF = """CASE WHEN {a}.expired_at IS NOT NULL THEN 'gone'
 WHEN {a}.trashed_at IS NOT NULL THEN 'trash' ELSE 'shown' END"""
_SHELF_BEFORE = "CASE WHEN {a}.expired_at IS NULL THEN 'shown' ELSE 'gone' END"
"""Of what was stored while there was no trash."""
# What a vendor may have told is cut: an index of PostgreSQL refuses long values, and the file with them.
_FACETS = """ {a}.id, {a}.workspace_id,
 {shelf},
 CASE WHEN {a}.mime LIKE 'image/%' THEN 'image' WHEN {a}.mime LIKE 'video/%' THEN 'video'
 WHEN {a}.mime LIKE 'audio/%' THEN 'audio' ELSE 'other' END,
 CASE WHEN {a}.job_id = '' THEN 'upload' WHEN j.template <> '' OR j.pipeline <> '' THEN 'template'
 ELSE 'made' END,
 substr(coalesce(nullif({model}, ''), j.model_id, ''), 1, 300), substr(coalesce(j.project, ''), 1, 300),
 {a}.review"""
_TEXT = """substr(coalesce({prompt}, ''), 1, 20000) || ' '
 || CASE WHEN coalesce(j.prompt, '') <> coalesce({prompt}, '') THEN substr(coalesce(j.prompt, ''), 1, 20000)
 ELSE '' END
 || ' ' || substr(coalesce({model}, ''), 1, 300) || ' ' || coalesce(j.model_id, '') || ' ' || {a}.name
 || ' ' || substr(coalesce({step}, ''), 1, 300) || ' ' || coalesce(j.template, '')
 || ' ' || coalesce(j.pipeline, '') || ' ' || coalesce(j.preset, '')"""
_SEEN = """({a}.job_id = '' OR ({a}.role IN ('main', 'candidate') AND coalesce(j.parent_id, '') = ''))"""
_COLUMNS = "place, artifact_id, workspace_id, shelf, kind, origin, model, project, review, words"


def _gallery_table() -> None:
    op.create_table(
        "gallery",
        sa.Column(
            "place",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=False,
        ),
        *(sa.Column(name.strip(), _text(), nullable=False) for name in _COLUMNS.split(",")[1:]),
        sa.PrimaryKeyConstraint("place"),
        sa.UniqueConstraint("artifact_id"),
    )


def _gallery_indexes() -> None:
    for name in ("", "kind", "model", "project"):
        columns = ["workspace_id", "shelf", *([name] if name else []), "place"]
        op.create_index(f"gallery_of_{name or 'workspace'}", "gallery", columns)


def _named(alias: str, of: Callable[[str], str]) -> dict[str, str]:
    """What statements fill in for a row of artifacts; `of` reads its metadata in the words of a database."""
    shelf = (_SHELF if alias == "NEW" else _SHELF_BEFORE).format(a=alias)
    return {"a": alias, "shelf": shelf, **{name: of(name) for name in ("prompt", "model", "step")}}


def _in_sqlite(alias: str) -> dict[str, str]:
    def of(name: str) -> str:
        return f"CASE WHEN json_valid({alias}.metadata) THEN json_extract({alias}.metadata, '$.{name}') END"

    return _named(alias, of)


def _gallery_on_sqlite() -> None:
    run = op.get_bind().exec_driver_sql
    op.add_column("artifacts", sa.Column("trashed_at", sa.BigInteger()))
    _gallery_table()
    old, new = _in_sqlite("a"), _in_sqlite("NEW")
    moment = f"(min(max({{a}}.created_at, 0), {_LATEST}) << 20)"
    run(
        f"INSERT INTO gallery ({_COLUMNS}) SELECT {moment.format(a='a')}"
        f" + row_number() OVER (PARTITION BY a.created_at ORDER BY a.id),"
        f"{_FACETS.format(**old)}, {_TEXT.format(**old)}"
        f" FROM artifacts a LEFT JOIN jobs j ON j.id = a.job_id WHERE {_SEEN.format(**old)}"
    )
    _gallery_indexes()
    run(
        "CREATE VIRTUAL TABLE gallery_words USING fts5(words, content='gallery', content_rowid='place',"
        " tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    )
    run("INSERT INTO gallery_words(gallery_words) VALUES ('rebuild')")
    start = moment.format(a="NEW")
    run(
        "CREATE TRIGGER artifacts_into_gallery AFTER INSERT ON artifacts BEGIN"
        f" INSERT INTO gallery ({_COLUMNS}) SELECT 1 + coalesce((SELECT max(place) FROM gallery"
        f" WHERE place BETWEEN {start} AND {start} + 1048574), {start}),"
        f"{_FACETS.format(**new)}, {_TEXT.format(**new)}"
        f" FROM (SELECT 1) LEFT JOIN jobs j ON j.id = NEW.job_id WHERE {_SEEN.format(**new)};"
        " INSERT INTO gallery_words(rowid, words)"
        " SELECT place, words FROM gallery WHERE artifact_id = NEW.id;"
        " END"
    )
    run(
        "CREATE TRIGGER artifacts_on_shelf AFTER UPDATE OF review, trashed_at, expired_at ON artifacts BEGIN"
        f" UPDATE gallery SET review = NEW.review, shelf = {_SHELF.format(a='NEW')}"
        " WHERE artifact_id = NEW.id; END"
    )
    run(
        "CREATE TRIGGER artifacts_out_of_gallery AFTER DELETE ON artifacts BEGIN"
        " INSERT INTO gallery_words(gallery_words, rowid, words)"
        " SELECT 'delete', place, words FROM gallery WHERE artifact_id = OLD.id;"
        " DELETE FROM gallery WHERE artifact_id = OLD.id; END"
    )


_OF_METADATA = """
CREATE FUNCTION gallery_of_metadata(given text, name text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN given::json ->> name;
EXCEPTION WHEN OTHERS THEN
  RETURN '';
END $$"""
_FOLDED = """
CREATE FUNCTION gallery_folded(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN regexp_replace(lower(regexp_replace(normalize(given, NFKD), '[\\u0300-\\u036f]+', '', 'g')
    COLLATE "{collation}") COLLATE "C", '[!-/:-@[-`{{-~]+', ' ', 'g');
EXCEPTION WHEN OTHERS THEN
  RETURN regexp_replace(lower(given), '[!-/:-@[-`{{-~]+', ' ', 'g');
END $$"""
_INTO = """
CREATE FUNCTION gallery_takes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO gallery ({columns}) SELECT {place},{facets}, gallery_folded({text})
  FROM (SELECT 1) one LEFT JOIN jobs j ON j.id = NEW.job_id WHERE {seen}
  ON CONFLICT (artifact_id) DO NOTHING;
  RETURN NULL;
END $$"""
_MOVED = """
CREATE FUNCTION gallery_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM gallery WHERE artifact_id = OLD.id;
  ELSE
    UPDATE gallery SET review = NEW.review, shelf = {shelf} WHERE artifact_id = NEW.id;
  END IF;
  RETURN NULL;
END $$"""
_LATER = "(least(greatest({a}.created_at, 0), {latest}) << 20) + nextval('gallery_order') % 1048576"


def _in_postgres(alias: str) -> dict[str, str]:
    def of(name: str) -> str:
        return f"gallery_of_metadata({alias}.metadata, '{name}')"

    return _named(alias, of)


def _gallery_on_postgres() -> None:
    """What is long comes first, on a table that nobody knows; `artifacts` is locked for a moment alone."""
    # The driver itself: to SQLAlchemy a per cent sign is a place for a parameter.
    driver: Any = op.get_bind().connection.driver_connection
    run = driver.execute
    found = run(
        "SELECT collname FROM pg_collation WHERE collname IN ('unicode', 'und-x-icu')"
        " ORDER BY collname DESC LIMIT 1"
    )
    collation = (found.fetchone() or ("default",))[0]
    _gallery_table()
    run("CREATE SEQUENCE gallery_order")
    run(_OF_METADATA)
    run(_FOLDED.format(collation=collation))
    old, new = _in_postgres("a"), _in_postgres("NEW")
    taken = (
        f"INSERT INTO gallery ({_COLUMNS}) SELECT {_LATER.format(a='a', latest=_LATEST)},"
        f"{_FACETS.format(**old)}, gallery_folded({_TEXT.format(**old)})"
        " FROM (SELECT * FROM artifacts o WHERE NOT EXISTS"
        " (SELECT FROM gallery g WHERE g.artifact_id = o.id) ORDER BY o.created_at, o.id) a"
        f" LEFT JOIN jobs j ON j.id = a.job_id WHERE {_SEEN.format(**old)}"
    )
    run(taken)
    _gallery_indexes()
    run("CREATE INDEX gallery_words ON gallery USING gin (to_tsvector('simple', words))")
    place = _LATER.format(a="NEW", latest=_LATEST)
    facets, text = _FACETS.format(**new), _TEXT.format(**new)
    seen = _SEEN.format(**new)
    run(_INTO.format(columns=_COLUMNS, place=place, facets=facets, text=text, seen=seen))
    run(_MOVED.format(shelf=_SHELF.format(a="NEW")))
    op.add_column("artifacts", sa.Column("trashed_at", sa.BigInteger()))
    run(
        "CREATE TRIGGER artifacts_into_gallery AFTER INSERT ON artifacts"
        " FOR EACH ROW EXECUTE FUNCTION gallery_takes()"
    )
    run(
        "CREATE TRIGGER artifacts_on_shelf AFTER DELETE OR UPDATE OF review, trashed_at, expired_at"
        " ON artifacts FOR EACH ROW EXECUTE FUNCTION gallery_moves()"
    )
    # What others stored in the meantime.
    run(taken)
    run(
        "UPDATE gallery g SET review = a.review, shelf = CASE WHEN a.expired_at IS NULL THEN 'shown'"
        " ELSE 'gone' END FROM artifacts a WHERE a.id = g.artifact_id"
        " AND (a.review <> g.review OR (a.expired_at IS NULL) <> (g.shelf = 'shown'))"
    )
