"""Which door is where?"""

from django.urls import include, path

from command_center import health

handler400 = "command_center.errors.bad_request"
handler403 = "command_center.errors.forbidden"
handler404 = "command_center.errors.not_found"
handler500 = "command_center.errors.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/", include("command_center.api.urls")),
]
