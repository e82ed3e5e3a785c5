"""Which door is where?"""

urlpatterns: list = []
