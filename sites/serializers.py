"""What shape does a polling site have outside?"""

from rest_framework import serializers

from sites.models import Site


class SiteSerializer(serializers.ModelSerializer[Site]):
    unit = serializers.SlugRelatedField(slug_field="path", read_only=True)
    unit_name = serializers.CharField(source="unit.full_name", read_only=True)
    state = serializers.CharField(read_only=True)

    class Meta:
        model = Site
        fields = ["code", "number", "name", "unit", "unit_name", "kind", "early", "lat", "lon", "state"]
