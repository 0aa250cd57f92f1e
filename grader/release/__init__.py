"""What learners get, made from the course: stubs, and the folder that is handed out. Trusted side."""
