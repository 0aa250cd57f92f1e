import builtins

raise RuntimeError("abs of -1 is " + str(builtins.abs(-1)))
