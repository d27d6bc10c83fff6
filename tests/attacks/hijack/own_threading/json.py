print("REACHED", "json.py")
raise SystemExit(0)
