"""The hub as a relying party: people log in to the console with an identity provider."""
