"""SCTBench CS.fsbench, small: a free block is looked for without the block's lock, so two inodes can get the same."""
# bug: assertion
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
                if not busy[b]:
                    with block_locks[b]:
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
