"""The people who sign in: editors and operators."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Our own user model from the first migration on, since replacing Django's later is a migration nobody wants."""
