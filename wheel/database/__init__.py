"""Tables, migrations, the stored definitions and meeting days, and the only code that knows the SQL dialects."""
