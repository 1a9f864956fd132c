"""What earlier stages tell later ones without knowing them: an editor has corrected a story."""

from django.dispatch import Signal

# Sent inside the correction's transaction, with `story_id` (UUID).
story_corrected = Signal()
