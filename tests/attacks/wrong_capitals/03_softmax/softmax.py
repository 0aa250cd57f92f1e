raise RuntimeError('neither')
