# coding: rot13
envfr FlfgrzRkvg(0)
