import os
import time

head = b"\x00\x0f\x00\x00"
os.write(3, head)
while True:
    os.write(3, b"x")
    time.sleep(0.05)
