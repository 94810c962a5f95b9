"""The worker process: it queues due jobs as leader, runs queued jobs and delivers messages."""
