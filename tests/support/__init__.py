"""Fakes and servers for tests."""
