"""Invented exports of other municipalities, each with the profile that alone fits it."""
