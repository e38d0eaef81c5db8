"""Reads the Prometheus text format, strictly enough to find a broken exposition."""

import re

_SAMPLE = re.compile(
    r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([+-]?(?:Inf|NaN|[0-9.]+(?:[eE][+-]?[0-9]+)?))')
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
_SUFFIXES = ("_bucket", "_sum", "_count", "_total")


class Metrics:
    """Samples by name and labels, types by family."""

    def __init__(self):
        self.samples = []  # (name, labels, value)
        self.types = {}

    def names(self):
        return {name for name, _, _ in self.samples}

    def find(self, name, **labels):
        return [(found, value) for sample, found, value in self.samples
                if sample == name and all(found.get(k) == v for k, v in labels.items())]

    def sum(self, name, **labels):
        return sum(value for _, value in self.find(name, **labels))

    def matching(self, pattern):
        return sorted(name for name in self.names() if re.search(pattern, name))


def parse(text):
    result = Metrics()
    assert text.endswith("\n"), "the exposition does not end with a newline"
    seen = set()
    for line in text.split("\n")[:-1]:
        if line.startswith("# TYPE "):
            _, _, family, kind = line.split(" ")
            assert family not in result.types, f"two TYPE lines for {family}"
            assert kind in ("counter", "gauge", "histogram", "summary", "untyped"), line
            result.types[family] = kind
        elif line.startswith("#") or not line:
            continue
        else:
            match = _SAMPLE.fullmatch(line)
            assert match, f"not a sample: {line!r}"
            name, labels, value = match.groups()
            found = dict(_LABEL.findall(labels)) if labels else {}
            assert "".join(f'{k}="{v}",' for k, v in found.items()).rstrip(",") == \
                (labels or "").rstrip(","), f"malformed labels: {line!r}"
            key = (name, tuple(sorted(found.items())))
            assert key not in seen, f"a sample stands twice: {line!r}"
            seen.add(key)
            assert family_of(name, result.types), f"no TYPE before {line!r}"
            result.samples.append((name, found, float(value)))
    for family, kind in result.types.items():
        if kind == "histogram":
            _check_histogram(result, family)
    return result


def family_of(name, types):
    if name in types:
        return name
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and name.removesuffix(suffix) in types:
            return name.removesuffix(suffix)
    return None


def _check_histogram(metrics, family):
    """Buckets count up, and the last one holds everything."""
    series = {}
    for labels, value in metrics.find(f"{family}_bucket"):
        key = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        series.setdefault(key, []).append((float(labels["le"].replace("+Inf", "inf")), value))
    for key, buckets in series.items():
        values = [value for _, value in sorted(buckets)]
        assert values == sorted(values), f"{family}{key}: buckets do not count up"
        assert sorted(buckets)[-1][0] == float("inf"), f"{family}{key}: no +Inf bucket"
        count = metrics.find(f"{family}_count", **dict(key))
        assert count and count[0][1] == values[-1], f"{family}{key}: count is not the last bucket"
