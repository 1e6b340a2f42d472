"""Reads the column `text` of a Parquet file with pyarrow, row group after row group, on one thread.

    python scripts/read_peer.py FILE.parquet
"""
import json
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

pa.set_cpu_count(1)
pa.set_io_thread_count(1)
start = time.perf_counter()
file = pq.ParquetFile(sys.argv[1])
rows = size = 0
for group in range(file.num_row_groups):
    column = file.read_row_group(group, columns=["text"], use_threads=False)["text"]
    rows += len(column)
    # Looks at every text's length, as whoever takes them does.
    size += pc.sum(pc.binary_length(column)).as_py()
seconds = time.perf_counter() - start
# The highest that the system saw.
status = Path("/proc/self/status")
peak = next((int(line.split()[1]) / 1024 for line in status.open() if line.startswith("VmHWM:")), None) if status.exists() else None
json.dump({"rows": rows, "bytes": size, "seconds": seconds, "peak_mib": peak}, sys.stdout)
