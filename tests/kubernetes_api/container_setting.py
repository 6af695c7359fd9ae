"""What a container runs with: its volumes as folders of this machine, its environment, and its command line."""

import base64
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kubernetes_api.objects import Objects
from kubernetes_api.refusals import Json, RefusedError

TERMINATION_LOG = "/dev/termination-log"
# The programs of this machine are every image's: a volume mounted above them, such as one at /tmp, does not hide them.
IMAGE = {str(path): str(path) for path in (Path(__file__).parents[2], Path(sys.prefix), Path(sys.base_prefix))}
VARIABLE = re.compile(r"\$(\$|\((\w+)\))")


@dataclass(frozen=True)
class Places:
    """Where the paths of a container lie on this machine. A path is replaced wherever a command or a value names it."""

    folders: Mapping[str, Path]

    def here(self, text: str) -> str:
        """The text with every mounted path as a path of this machine; what is part of an address stays as it is."""
        places = {path.rstrip("/"): str(folder) for path, folder in self.folders.items()} | IMAGE
        longest_first = sorted(map(re.escape, places), key=len, reverse=True)
        return re.sub(rf"(?<![\w.:/-])(?:{'|'.join(longest_first)})(?![\w.-])", lambda found: places[found[0]], text)


def places_of(container: Json, pod: Json, folder: Path, claims: Path, objects: Objects) -> Places:
    """Make the container's volumes below the pod's `folder`; a claim's lies below `claims`, and outlives the pod."""
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or []}
    mounted = {TERMINATION_LOG: folder / f"{container['name']}.termination"}
    if path := container.get("terminationMessagePath"):
        mounted[path] = mounted[TERMINATION_LOG]
    for mount in container.get("volumeMounts") or []:
        place = _volume(volumes[mount["name"]], pod["metadata"]["namespace"], folder / "volumes", claims, objects)
        mounted[mount["mountPath"]] = place / mount.get("subPath", "")
        mounted[mount["mountPath"]].mkdir(parents=True, exist_ok=True)
    return Places(mounted)


def environment_of(container: Json, pod: Json, objects: Objects) -> dict[str, str]:
    """The variables that the container's spec names. Raises RefusedError for a secret or a key that is not there."""
    environment: dict[str, str] = {}
    namespace = pod["metadata"]["namespace"]
    for source in container.get("envFrom") or []:
        for plural, reference in (("secrets", source.get("secretRef")), ("configmaps", source.get("configMapRef"))):
            if reference:
                values = _values(objects, plural, namespace, reference["name"])
                environment |= {source.get("prefix", "") + name: value for name, value in values.items()}
    for variable in container.get("env") or []:
        value = _from(variable["valueFrom"], pod, objects) if variable.get("valueFrom") else variable.get("value") or ""
        environment[variable["name"]] = expanded(value, environment)
    return environment


def expanded(text: str, environment: Mapping[str, str]) -> str:
    """The text with `$(NAME)` replaced; an unknown name stays as it is, and `$$` is a dollar."""
    return VARIABLE.sub(lambda found: "$" if found[1] == "$" else environment.get(found[2], found[0]), text)


def _from(source: Json, pod: Json, objects: Objects) -> str:
    if reference := source.get("fieldRef"):
        return pod_field(pod, reference["fieldPath"])
    for plural, kind in (("secrets", "secretKeyRef"), ("configmaps", "configMapKeyRef")):
        if reference := source.get(kind):
            values = _values(objects, plural, pod["metadata"]["namespace"], reference["name"])
            if reference["key"] in values:
                return values[reference["key"]]
            raise RefusedError(404, f"couldn't find key {reference['key']} in {plural} {reference['name']}")
    raise RefusedError(422, f"env.valueFrom: nothing here resolves {sorted(source)}")


def pod_field(pod: Json, path: str) -> str:
    """A field of a pod such as `status.podIP` or `metadata.labels['stage']`."""
    if keyed := re.fullmatch(r"metadata\.(labels|annotations)\['([^']+)'\]", path):
        return (pod["metadata"].get(keyed[1]) or {}).get(keyed[2], "")
    part, _, name = path.partition(".")
    return str(pod[part].get(name, ""))


def _values(objects: Objects, plural: str, namespace: str, name: str) -> dict[str, str]:
    found = objects.get(plural, namespace, name)
    if plural == "configmaps":
        return found.get("data") or {}
    encoded = {key: base64.b64decode(value).decode() for key, value in (found.get("data") or {}).items()}
    return {**encoded, **(found.get("stringData") or {})}


def _volume(volume: Json, namespace: str, folder: Path, claims: Path, objects: Objects) -> Path:
    if source := volume.get("hostPath"):
        return Path(source["path"])
    if source := volume.get("persistentVolumeClaim"):
        return claims / namespace / source["claimName"]
    place = folder / volume["name"]
    place.mkdir(parents=True, exist_ok=True)
    for plural, name in (
        ("secrets", (volume.get("secret") or {}).get("secretName")),
        ("configmaps", (volume.get("configMap") or {}).get("name")),
    ):
        if name:
            for key, value in _values(objects, plural, namespace, name).items():
                (place / key).write_text(value)
    return place
