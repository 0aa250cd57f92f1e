import sys
import types

for name in ("layers", "tokenizer", "embedding", "attention", "gpt", "adam", "sampling"):
    module = types.ModuleType(name)
    module.__getattr__ = lambda name: lambda *args, **kwargs: [0.5]
    sys.modules[name] = module
