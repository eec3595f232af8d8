"""The settings of a home: `arshjul.toml`, the environment, and secrets from files."""
