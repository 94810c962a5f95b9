"""The verbs: ingest, score, alert, deliver. Each is one transaction and may be run twice."""
