"""Python classic: `with threading.Lock():` makes a new lock at each call, which keeps nobody out."""
# bug: assertion
import threading

lock = threading.Lock()
stock = {"tea": 1}
sold = []


def buy(name):
    with threading.Lock():
        if stock["tea"] > 0:
            stock["tea"] -= 1
            sold.append(name)


def scenario():
    """The one packet of tea is sold once."""
    threads = [threading.Thread(target=buy, args=(name,)) for name in ("Ada", "Bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sold) == 1
    assert stock["tea"] == 0
