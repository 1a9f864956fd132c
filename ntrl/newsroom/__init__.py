"""A small press of invented publishers, served over real HTTP on loopback: the demo's and the tests' news.

Names of publishers and people are made up. Everything is data in this folder; dates are relative to the moment
the newsroom opens, addresses of articles never change.
"""

from ntrl.newsroom.server import PORT, Newsroom, NewsroomError

__all__ = ["PORT", "Newsroom", "NewsroomError"]
