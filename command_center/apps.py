from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class CommandCenterConfig(AppConfig):
    name = "command_center"


class Assets(StaticFilesConfig):
    """Static files, without the extensions of an htmx that is not used: they import what the wheel does not carry."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "hx-*.js"]
