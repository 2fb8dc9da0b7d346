"""The customs message standard (CEB, 202205 and 2018): field table, reading, checking, writing. Pure: no database."""
