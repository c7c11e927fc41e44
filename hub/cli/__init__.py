"""The command `samvy`: one file for each command."""
