"""The records as pyarrow tables, with strings of a chosen type."""

import datetime
import decimal

import pyarrow as pa
from records import COUNT, records

STRINGS = {
    "string": pa.string(),
    "large": pa.large_string(),
    "view": pa.string_view(),
    "dictionary": pa.dictionary(pa.int32(), pa.string()),
}


def table(strings="string", wide=True):
    """All records. `wide`: with columns of many other types beside them, which nobody reads."""
    made = records()
    string = STRINGS[strings]
    # Inside of lists and structs dictionaries are rare, and pyarrow cannot cut views there while it writes.
    inner = pa.string() if strings in ("dictionary", "view") else string
    types = {
        "id": string,
        "number": pa.int64(),
        "text": string,
        "n_tokens": pa.int32(),
        "n_float": pa.float64(),
        "score": pa.float64(),
        "lang": pa.dictionary(pa.int8(), pa.string()),
        "meta": pa.struct([
            ("title", inner),
            ("source", pa.struct([("url", inner), ("rank", pa.int64())])),
            ("tags", pa.list_(inner)),
        ]),
        "messages": pa.list_(pa.struct([("role", inner), ("content", inner)])),
    }
    columns = {}
    for name, kind in types.items():
        values = [record[name] for record in made]
        if pa.types.is_dictionary(kind):
            columns[name] = pa.array(values, pa.string()).dictionary_encode().cast(kind)
        else:
            columns[name] = pa.array(values, kind)
    if wide:
        day = datetime.datetime(2026, 11, 1)
        columns |= {
            "seen": pa.array([day + datetime.timedelta(hours=row) for row in range(COUNT)], pa.timestamp("us", "UTC")),
            "day": pa.array([day.date()] * COUNT, pa.date32()),
            "price": pa.array([decimal.Decimal(row) / 100 for row in range(COUNT)], pa.decimal128(20, 2)),
            "blob": pa.array([bytes([row % 256, 0, 255]) for row in range(COUNT)], pa.binary()),
            "vector": pa.array([[row / 2, 1.0] for row in range(COUNT)], pa.list_(pa.float32())),
            "counts": pa.array([{"a": row, "b": None} for row in range(COUNT)], pa.map_(pa.string(), pa.int64())),
            "flag": pa.array([row % 3 == 0 or None for row in range(COUNT)], pa.bool_()),
            "nothing": pa.nulls(COUNT),
        }
    return pa.table(columns)
