"""Messages in Qdrant: a server, or a local folder."""
