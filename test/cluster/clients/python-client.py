"""Drives a cluster with the Python client. Prints one JSON object of what it saw; test/cluster/clients/python.test.ts reads it."""

import json
import sys
import time

from kubernetes import client, config, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.dynamic import DynamicClient
from kubernetes.stream import portforward, stream

DEADLINE = 60


def until(ask, holds):
    end = time.time() + DEADLINE
    while True:
        answer = ask()
        if holds(answer):
            return answer
        if time.time() > end:
            raise TimeoutError(str(answer))
        time.sleep(0.02)


def typed(space):
    apps = client.AppsV1Api()
    core = client.CoreV1Api()
    container = client.V1Container(name="web", image="nginx:1.29", ports=[client.V1ContainerPort(container_port=80)])
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels={"app": "web"}), spec=client.V1PodSpec(containers=[container])
    )
    spec = client.V1DeploymentSpec(
        replicas=2, template=template, selector=client.V1LabelSelector(match_labels={"app": "web"})
    )
    body = client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=spec)
    created = apps.create_namespaced_deployment(space, body)
    ready = until(
        lambda: apps.read_namespaced_deployment_status("web", space), lambda d: d.status.ready_replicas == 2
    )
    patched = apps.patch_namespaced_deployment("web", space, {"spec": {"replicas": 1}})
    until(lambda: core.list_namespaced_pod(space, label_selector="app=web").items, lambda pods: len(pods) == 1)
    until(lambda: apps.read_namespaced_deployment_status("web", space), lambda d: d.status.replicas == 1)
    scale = apps.read_namespaced_deployment_scale("web", space)
    gone = apps.delete_namespaced_deployment("web", space, propagation_policy="Foreground")
    until(lambda: core.list_namespaced_pod(space).items, lambda pods: len(pods) == 0)
    return {
        "strategy": created.spec.strategy.type,
        "ready": ready.status.ready_replicas,
        "patched": patched.spec.replicas,
        "scale": scale.spec.replicas,
        "deleted": type(gone).__name__,
        "age": ready.metadata.creation_timestamp.tzinfo is not None,
    }


def failures(space):
    core = client.CoreV1Api()
    seen = []
    for call in (
        lambda: core.read_namespaced_pod("nobody", space),
        lambda: core.create_namespaced_service(
            space, {"metadata": {"name": "bad"}, "spec": {"ports": [{"port": 99999}]}}
        ),
    ):
        try:
            call()
            seen.append(None)
        except ApiException as error:
            seen.append([error.status, json.loads(error.body)["reason"]])
    return seen


def watched(space):
    core = client.CoreV1Api()
    first = core.list_namespaced_config_map(space).metadata.resource_version
    for n in range(3):
        core.create_namespaced_config_map(space, {"metadata": {"name": "m%d" % n}, "data": {"n": str(n)}})
    core.patch_namespaced_config_map("m1", space, {"data": {"n": "ten"}})
    core.delete_namespaced_config_map("m0", space)
    seen = []
    watcher = watch.Watch()
    for event in watcher.stream(
        core.list_namespaced_config_map, space, resource_version=first, timeout_seconds=DEADLINE
    ):
        if event["object"].metadata.name.startswith("m"):
            seen.append([event["type"], event["object"].metadata.name, event["object"].data["n"]])
        if len(seen) == 5:
            watcher.stop()
    return seen


def streams(space):
    core = client.CoreV1Api()
    pod = {
        "metadata": {"name": "box"},
        "spec": {"containers": [{"name": "main", "image": "nginx:1.29", "ports": [{"containerPort": 80}]}]},
    }
    core.create_namespaced_pod(space, pod)
    until(
        lambda: core.read_namespaced_pod("box", space),
        lambda p: any(c.type == "Ready" and c.status == "True" for c in p.status.conditions or []),
    )
    shell = stream(
        core.connect_get_namespaced_pod_exec,
        "box",
        space,
        command=["sh", "-c", "read x; echo out $x; echo err >&2; exit 3"],
        stdin=True,
        stdout=True,
        stderr=True,
        tty=False,
        _preload_content=False,
    )
    shell.write_stdin("typed\n")
    shell.run_forever(timeout=DEADLINE)
    forward = portforward(core.connect_get_namespaced_pod_portforward, "box", space, ports="80")
    socket = forward.socket(80)
    socket.setblocking(True)
    socket.sendall(b"GET / HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n")
    answer = b""
    while not answer.endswith(b"</html>\n") and b"\r\n\r\n" not in answer:
        part = socket.recv(4096)
        if not part:
            break
        answer += part
    socket.close()
    return {
        "out": shell.read_stdout(),
        "err": shell.read_stderr(),
        "code": shell.returncode,
        "log": core.read_namespaced_pod_log("box", space, limit_bytes=2000),
        "forwarded": answer.split(b"\r\n")[0].decode(),
    }


def dynamic(space):
    api = client.ApiClient()
    utils.create_from_dict(
        api,
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "kites.example.net"},
            "spec": {
                "group": "example.net",
                "names": {"kind": "Kite", "plural": "kites"},
                "scope": "Namespaced",
                "versions": [
                    {
                        "name": "v1",
                        "served": True,
                        "storage": True,
                        "schema": {
                            "openAPIV3Schema": {
                                "type": "object",
                                "properties": {
                                    "spec": {"type": "object", "properties": {"lines": {"type": "integer"}}}
                                },
                            }
                        },
                    }
                ],
            },
        },
    )
    kites = DynamicClient(api).resources.get(api_version="example.net/v1", kind="Kite")
    kites.create(
        namespace=space,
        body={"apiVersion": "example.net/v1", "kind": "Kite", "metadata": {"name": "k"}, "spec": {"lines": 2}},
    )
    kites.patch(
        namespace=space,
        name="k",
        body={"spec": {"lines": 4}},
        content_type="application/merge-patch+json",
    )
    return [[item.metadata.name, item.spec.lines] for item in kites.get(namespace=space).items]


def main():
    config.load_kube_config(sys.argv[1])
    core = client.CoreV1Api()
    parts = {"typed": typed, "failures": failures, "watched": watched, "streams": streams, "dynamic": dynamic}
    seen = {"version": client.VersionApi().get_code().git_version}
    for name, part in parts.items():
        space = "python-" + name
        core.create_namespace({"metadata": {"name": space}})
        until(lambda: core.list_namespaced_service_account(space).items, lambda items: len(items) > 0)
        seen[name] = part(space)
    print(json.dumps(seen))


main()
