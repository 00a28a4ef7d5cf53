"""."""
def line(r): return f"{r['attack']:28} banned={len(r['banned'])}/{r['sources']} stopped={r['stopped']} s={r['seconds']} answered={r['answered']}/{r['attempts']} inn={r['innocent_banned']} dist={r['disturbed']} al={r['alerts']} {r['notes']}"
def write(*a): pass
