raise SystemExit("this is my own random.py, imported by mistake")
