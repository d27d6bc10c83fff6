"""Python classic: `counts[word] = counts.get(word, 0) + 1` by two threads, and a word is lost."""
# bug: assertion
import threading

lock = threading.Lock()
counts = {}


def count(text):
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1


def scenario():
    """Every word of both texts is counted."""
    threads = [threading.Thread(target=count, args=(text,)) for text in ("to be or", "not to be")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == {"to": 2, "be": 2, "or": 1, "not": 1}
