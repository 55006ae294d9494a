"""commsplan: a communication and escalation procedure as running software."""
