"""Records and scores -> what people read: terminal, CSV, HTML. Pure: nothing here grades or decides."""
