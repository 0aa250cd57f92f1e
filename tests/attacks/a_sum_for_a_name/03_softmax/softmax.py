raise RuntimeError("harmless")
