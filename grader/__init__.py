"""The autograder of the microgpt course: untrusted code is observed in a jail, marks are decided outside."""

__version__ = "0.1.0"
