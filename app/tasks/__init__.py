"""Background work: the Celery application, its tasks (they carry ids only) and the bell that calls for a worker."""
