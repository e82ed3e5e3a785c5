"""How does one command bring everything up on a fresh machine, and keep it up?

`__main__` runs on a bare Python (as `-m up` beside `command_center/__init__.py`, which already needs what is
to be installed): it makes the virtual environment and hands over to `run`, which tells the
whole story in order. Nothing here imports Django; what needs it is the command `manage.py prepare`.
"""
