"""The application: what it decides, lays down and answers."""
