"""Reads YAML as version 1.2 means it, like the gateway and editors do: `off`, `no` and `on` are text,
and so are dates. PyYAML by itself reads version 1.1."""

import re

import yaml


class _Loader(yaml.SafeLoader):
    pass


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool",
                              re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF"))


def load(text):
    return yaml.load(text, Loader=_Loader)
