"""Reads the column `text` of a Parquet file with pyarrow, row group after row group, on one thread.

    python scripts/read_peer.py FILE.parquet
"""
import json
import sys
import time

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

pa.set_cpu_count(1)
pa.set_io_thread_count(1)
start = time.perf_counter()
file = pq.ParquetFile(sys.argv[1])
texts = size = 0
for group in range(file.num_row_groups):
    column = file.read_row_group(group, columns=["text"], use_threads=False)["text"]
    texts += len(column)
    # Looks at every text's length, as whoever takes them does.
    size += pc.sum(pc.binary_length(column)).as_py()
seconds = time.perf_counter() - start
json.dump({"documents": texts, "bytes": size, "seconds": seconds}, sys.stdout)
