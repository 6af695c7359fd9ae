"""The HTTP side: who may ask, what is asked, and what is answered."""

import asyncio
import copy
import hmac
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

from kubernetes_api.admission import RELEASE, check_pod, check_quota
from kubernetes_api.exec_socket import run_exec
from kubernetes_api.listing import listed, selection, watch
from kubernetes_api.log_stream import send_log
from kubernetes_api.objects import KINDS
from kubernetes_api.pod_life import DEFAULT_GRACE, Machine, PodLife
from kubernetes_api.refusals import Json, RefusedError, not_found
from kubernetes_api.selectors import is_asked

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOOPBACK_NETWORK = "127.77"


class Api:
    """Answers requests about the objects of a machine, and starts a life for every pod."""

    def __init__(self, machine: Machine, token: str) -> None:
        self.machine = machine
        self.calls: Counter[str] = Counter()
        self.lives: dict[str, PodLife] = {}
        self.asked_for: list[Json] = []
        self._token = token
        self._pods = 0
        self._deletions: set[asyncio.Task[None]] = set()

    def application(self) -> web.Application:
        """The routes of the core API, as far as they are needed."""
        app = web.Application(middlewares=[self._guarded], client_max_size=2**22)
        one, pod = "/api/v1/namespaces/{namespace}/{plural}/{name}", "/api/v1/namespaces/{namespace}/pods/{name}"
        for several in ("/api/v1/{plural}", "/api/v1/namespaces/{namespace}/{plural}"):
            app.router.add_get(several, self._list, allow_head=False)
        app.router.add_post("/api/v1/namespaces/{namespace}/{plural}", self._create)
        app.router.add_delete("/api/v1/namespaces/{namespace}/{plural}", self._delete_several)
        app.router.add_get(f"{pod}/log", self._log, allow_head=False)
        app.router.add_get(f"{pod}/exec", self._exec, allow_head=False)
        app.router.add_get(f"{pod}/status", self._get, allow_head=False)
        app.router.add_get(one, self._get, allow_head=False)
        app.router.add_patch(one, self._patch)
        app.router.add_delete(one, self._delete)
        app.router.add_get("/version", self._version, allow_head=False)
        return app

    def life(self, namespace: str, name: str) -> PodLife:
        """A pod's life. Raises RefusedError 404."""
        return self.lives[self.machine.objects.get("pods", namespace, name)["metadata"]["uid"]]

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Counts the call, asks for the token, and turns a refusal into its Status object."""
        self._count(request)
        try:
            self._check(request)
            return await handler(request)
        except RefusedError as refused:
            return web.json_response(refused.status, status=refused.code)
        except ConnectionResetError:
            return web.Response()  # the client has read enough of a log or a watch, and hears this no more
        except web.HTTPException as refused:
            return web.json_response(RefusedError(404, f"{request.path}: {refused.reason}").status, status=refused.status)
        except Exception as fault:  # whatever it is, it is a defect of these tests: kept, so that their cluster fails when it ends
            self.machine.failures.append(fault)
            raise

    def _check(self, request: web.Request) -> None:
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {self._token}"):
            raise RefusedError(401, "Unauthorized")
        if (plural := request.match_info.get("plural", "pods")) not in KINDS:
            raise RefusedError(404, f"the server could not find the requested resource {plural}")

    def _count(self, request: web.Request) -> None:
        """By verb and resource in the terms of RBAC, such as `create pods` and `get pods/log`."""
        tail = request.path.rpartition("/")[2] if request.path.endswith(("/log", "/exec", "/status")) else ""
        resource = request.match_info.get("plural", "pods") + (f"/{tail}" if tail else "")
        several = "name" not in request.match_info
        verb = {"GET": "list" if several else "get", "POST": "create", "PATCH": "patch", "DELETE": "delete"}[request.method]
        if several and request.method == "GET" and is_asked(request.query, "watch"):
            verb = "watch"
        if several and request.method == "DELETE":
            verb = "deletecollection"
        self.calls[f"{verb} {resource}" if request.path.startswith("/api/") else f"get {request.path}"] += 1

    async def _version(self, _: web.Request) -> web.Response:
        major, minor = RELEASE.split(".")
        return web.json_response({"major": major, "minor": minor, "gitVersion": f"v{RELEASE}.0+loopback"})

    async def _list(self, request: web.Request) -> web.StreamResponse:
        plural = request.match_info["plural"]
        matching = selection(request.match_info.get("namespace"), request.query)
        if is_asked(request.query, "watch"):
            return await watch(request, self.machine.objects, plural, matching)
        return web.json_response(listed(self.machine.objects, plural, matching))

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self._named(request))

    async def _create(self, request: web.Request) -> web.Response:
        plural, namespace, body = request.match_info["plural"], request.match_info["namespace"], await request.json()
        if plural != "pods":
            return web.json_response(self.machine.objects.create(plural, namespace, body), status=201)
        return web.json_response(self._create_pod(namespace, body), status=201)

    def _create_pod(self, namespace: str, body: Json) -> Json:
        objects = self.machine.objects
        body.update(apiVersion="v1", kind="Pod")
        check_pod(body)
        check_quota(body, objects.all("pods", namespace), objects.all("resourcequotas", namespace))
        self.asked_for.append(copy.deepcopy(body))
        body["status"] = {"phase": "Pending", "qosClass": "Burstable"}
        body["spec"].setdefault("terminationGracePeriodSeconds", DEFAULT_GRACE)
        pod = objects.create("pods", namespace, body)
        address = f"{LOOPBACK_NETWORK}.{self._pods // 250 % 250}.{self._pods % 250 + 1}"
        self._pods += 1
        self.lives[pod["metadata"]["uid"]] = PodLife(pod, address, self.machine)
        return pod

    async def _patch(self, request: web.Request) -> web.Response:
        found, changes = self._named(request), await request.json()
        if not isinstance(changes, dict):
            raise RefusedError(400, "only merge patches are understood here")
        _merge(found, changes)
        self.machine.objects.save(request.match_info["plural"], found)
        return web.json_response(found)

    async def _delete(self, request: web.Request) -> web.Response:
        found = self._named(request)
        asked = await request.json() if request.can_read_body else {}
        wanted = ((asked or {}).get("preconditions") or {}).get("uid")
        if wanted not in (None, found["metadata"]["uid"]):
            raise RefusedError(409, f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {found['metadata']['uid']}")
        grace = request.query.get("gracePeriodSeconds", (asked or {}).get("gracePeriodSeconds"))
        self._end(request.match_info["plural"], found, None if grace is None else float(grace))
        return web.json_response(found)

    async def _delete_several(self, request: web.Request) -> web.Response:
        plural, matching = request.match_info["plural"], selection(request.match_info["namespace"], request.query)
        answer = listed(self.machine.objects, plural, matching)
        for found in answer["items"]:
            self._end(plural, found, None)
        return web.json_response(answer)

    def _end(self, plural: str, found: Json, grace: float | None) -> None:
        if plural != "pods":
            return self.machine.objects.remove(plural, found)
        seconds = found["spec"]["terminationGracePeriodSeconds"] if grace is None else grace
        task = asyncio.create_task(self.lives[found["metadata"]["uid"]].delete(seconds))
        self._deletions.add(task)
        task.add_done_callback(lambda done: self.machine.failures.append(done.exception()))
        task.add_done_callback(self._deletions.discard)
        return None

    async def _log(self, request: web.Request) -> web.StreamResponse:
        life = self.life(request.match_info["namespace"], request.match_info["name"])
        return await send_log(request, life.container(request.query.get("container")))

    async def _exec(self, request: web.Request) -> web.StreamResponse:
        life = self.life(request.match_info["namespace"], request.match_info["name"])
        container = life.container(request.query.get("container"))
        command, environment = life.beside(container, request.query.getall("command", []))
        return await run_exec(request, container, command, environment, str(life.folder))

    def _named(self, request: web.Request) -> Json:
        namespace, name = request.match_info["namespace"], request.match_info["name"]
        plural = request.match_info.get("plural", "pods")
        if not name:
            raise not_found(plural, name)
        return self.machine.objects.get(plural, namespace, name)


def _merge(into: Json, changes: Json) -> None:
    for name, value in changes.items():
        if value is None:
            into.pop(name, None)
        elif isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
