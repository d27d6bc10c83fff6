print("REACHED", "queue")
raise SystemExit(0)
