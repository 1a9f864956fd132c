"""Facts out of streams of messages: the enrichment worker, its marks, and the backfill of marks that are missing."""
