"""Users in the admin, as Django shows its own."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from ntrl.accounts.models import User

admin.site.register(User, UserAdmin)
