"""What a worker process does: lead, run queued jobs, deliver."""
