"""Where it is kept: tables, statements, migrations, SQLite and files."""
