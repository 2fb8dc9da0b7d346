"""Background work: the Celery application, its tasks (ids only) and the table of periodic jobs."""
