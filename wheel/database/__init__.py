"""The tables, the migrations, and the only code that knows the SQL dialects."""
