"""An nbgrader course out, its gradebook in and out. Trusted side; nothing that a learner wrote is executed."""
