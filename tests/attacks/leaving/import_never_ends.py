# tries: an import that never ends
# outcome: E
# reason: computes without end
while True:
    pass
