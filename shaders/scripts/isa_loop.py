"""Counts the instructions of assign's inner loop in what `gpu_isa --isa` printed on Mesa's RADV: isa_loop.py FILE."""

import collections
import re
import sys

PRODUCT = re.compile(r"v_(dot4|fmac?_f32|dual_fmac|mad_f32|mac_f32)")


def kind(operation: str) -> str:
    """Which unit an instruction is for."""
    if PRODUCT.match(operation):
        return "products"
    for prefix, unit in {"v_": "other vector", "ds_": "workgroup memory", "scratch_": "spills"}.items():
        if operation.startswith(prefix):
            return unit
    return "global memory" if operation.startswith(("buffer_", "global_")) else "scalar and waits"


def loop(blocks: list[tuple[str, list[str]]]) -> list[str]:
    """The instructions of the smallest loop around the block with the most products."""
    names = [name for name, _ in blocks]
    products = [sum(bool(PRODUCT.match(line)) for line in lines) for _, lines in blocks]
    most = products.index(max(products))
    spans = []
    for end, (_, lines) in enumerate(blocks):
        for line in lines:
            jump = re.match(r"s_c?branch\S*\s+(BB\d+)", line)
            if jump and jump[1] in names and names.index(jump[1]) <= most <= end:
                spans.append((end - names.index(jump[1]), names.index(jump[1]), end))
    _, begin, end = min(spans)
    return [line.split()[0] for _, lines in blocks[begin : end + 1] for line in lines]


plans: dict[str, list[tuple[str, list[str]]]] = {}
for text in open(sys.argv[1], encoding="utf-8"):
    if re.match(r"(float|packed|broadcast)-", text):
        plan = plans.setdefault(text.strip(), [])
    elif block := re.match(r"(BB\d+):", text):
        plan.append((block[1], []))
    elif text.startswith("\t") and plans and plan:
        plan[-1][1].append(text.strip())
for name, blocks in plans.items():
    counted = collections.Counter(map(kind, loop(blocks)))
    vector = counted["products"] + counted["other vector"]
    share = 100 * counted["products"] / vector
    of_all = 100 * counted["products"] / counted.total()
    print(f"{name}: products are {share:.0f} % of vector instructions, {of_all:.0f} % of all;", dict(counted))
