# tries: to reserve more addresses than there may be
# outcome: F
# reason: MemoryError
# outcome at limits: F
import mmap


def double(number, work):
    try:
        mmap.mmap(-1, 64 << 30)
    except (OSError, ValueError, MemoryError):
        raise MemoryError("no more addresses") from None
