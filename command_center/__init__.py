from command_center.celery import app as celery

__all__ = ["celery"]
