"""The application: commands and their guards, the record format, and what the store must offer."""
