"""NTRL: reads news feeds, removes manipulative language, shows what was changed, assembles one calm daily brief."""

__version__ = "0.1.0"
