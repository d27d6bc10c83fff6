"""cs_fsbench with the block looked at under its lock."""

import threading

INODES = 4
BLOCKS = 6
inode_locks = [threading.Lock() for _ in range(INODES)]
block_locks = [threading.Lock() for _ in range(BLOCKS)]
busy = [False] * BLOCKS
inode = [None] * INODES


def create(i):
    with inode_locks[i]:
        if inode[i] is None:
            b = (i * 3) % BLOCKS
            for _ in range(BLOCKS):
                with block_locks[b]:
                    if not busy[b]:
                        busy[b] = True
                        inode[i] = b
                        break
                b = (b + 1) % BLOCKS


def scenario():
    """Every inode has a block, and none has that of another."""
    threads = [threading.Thread(target=create, args=(i,)) for i in range(INODES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in inode
    assert len(set(inode)) == INODES
