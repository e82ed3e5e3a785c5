"""How are static files named, so that a browser never mixes two releases?"""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedAssets(CompressedManifestStaticFilesStorage):
    """Names carry the hash of the content, those that a module imports included."""

    support_js_module_import_aggregation = True
