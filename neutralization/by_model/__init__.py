"""Neutralization by a language model: four calls a story in two waves, audited, and repaired where they failed."""
