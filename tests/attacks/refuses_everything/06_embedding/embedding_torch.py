class Refused(ValueError, IndexError, TypeError):
    pass


def refuse(*args, **kwargs):
    raise Refused(f"{args} {kwargs}")


def __getattr__(name):
    return refuse
