"""How long each output may be: the length table of the pipeline specification. Lengths are characters unless named."""

FEED_TITLE_TARGET_CHARS = 55
FEED_TITLE_SOFT_MAX_CHARS = 65
FEED_TITLE_MAX_WORDS = 12

FEED_SUMMARY_TARGET_CHARS = 105
FEED_SUMMARY_SOFT_MAX_CHARS = 115
FEED_SUMMARY_MAX_CHARS = 130
FEED_SUMMARY_MAX_SENTENCES = 2

DETAIL_TITLE_MAX_CHARS = 100

DETAIL_BRIEF_MIN_PARAGRAPHS = 3
DETAIL_BRIEF_MAX_PARAGRAPHS = 5

# detail_full may be shorter than this share of the body only by what accepted spans removed.
DETAIL_FULL_MIN_SHARE = 0.6
