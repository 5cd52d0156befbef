import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFESTS } from './manifests.ts';
import { type ServedFixture, serveForTest } from './served.ts';
import { expectGolden, transcript } from './transcript.ts';

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest();
  for (const [name, text] of Object.entries(MANIFESTS)) writeFileSync(join(fixture.folder, name), text);
  writeFileSync(join(fixture.folder, 'app2.yaml'), (MANIFESTS['app.yaml'] ?? '').replace('nginx:1.28', 'nginx:1.29'));
});
afterAll(() => fixture.close());

/** Groups of commands that are run in this order against one cluster; each has its golden file. */
const GROUPS: readonly {
  readonly name: string;
  readonly lines: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}[] = [
  {
    name: 'discovery',
    lines: [
      'kubectl version',
      'kubectl api-versions',
      'kubectl api-resources',
      'kubectl api-resources --namespaced=false --verbs=list -o name',
      'kubectl cluster-info',
      'kubectl explain deployment.spec.strategy',
      'kubectl explain cronjob.spec.jobTemplate.spec --recursive --output=plaintext',
      'kubectl get --raw /readyz?verbose',
      'kubectl get --raw /nothing',
      'kubectl get nothing',
    ],
  },
  {
    name: 'create',
    lines: [
      'kubectl create namespace shop',
      'kubectl config set-context --current --namespace=shop',
      'kubectl create deployment web --image=nginx:1.29 --replicas=2 --port=80',
      'kubectl wait --for=condition=Available deployment/web --timeout=30s',
      'kubectl expose deployment web --port=80 --target-port=80',
      'kubectl create configmap settings --from-literal=a=1 --from-literal=b=two',
      'kubectl create secret generic creds --from-literal=password=hunter2',
      'kubectl create secret docker-registry pull --docker-server=r.example.com --docker-username=u --docker-password=p',
      'kubectl create serviceaccount bot',
      'kubectl create role reader --verb=get,list --resource=pods,deployments.apps',
      'kubectl create rolebinding reader --role=reader --serviceaccount=shop:bot --user=jane --group=crew',
      'kubectl create clusterrole nodes-reader --verb=get --resource=nodes',
      'kubectl create clusterrolebinding nodes-reader --clusterrole=nodes-reader --user=jane',
      'kubectl create pdb web --selector=app=web --min-available=1',
      "kubectl create ingress web --rule='shop.example.com/*=web:80,tls=shop-tls' --class=nginx",
      'kubectl create priorityclass high --value=1000 --description=important',
      'kubectl create job hello --image=busybox:1.36 -- echo hello',
      "kubectl create cronjob yearly --image=busybox:1.36 --schedule='0 0 1 1 *' -- echo tick",
      'kubectl create job once --from=cronjob/yearly',
      'kubectl wait --for=condition=complete job/hello job/once --timeout=30s',
      'kubectl create service clusterip plain --tcp=80:8080',
      'kubectl create service nodeport np --tcp=80:80 --node-port=30080',
      'kubectl create service externalname out --external-name=example.com',
      'kubectl create quota q --hard=pods=20,limits.cpu=10',
      'kubectl autoscale deployment web --min=2 --max=5 --cpu=50%',
      'kubectl wait --for=jsonpath={.status.currentReplicas}=2 hpa/web --timeout=30s',
      'kubectl create deployment web --image=nginx',
      'kubectl create deployment x --image=nginx --dry-run=server -o name',
      "kubectl create deployment 'Bad_Name' --image=nginx",
    ],
  },
  {
    name: 'get',
    lines: [
      'kubectl get pods',
      'kubectl get pods -o wide -l app=web',
      'kubectl get all',
      'kubectl get deploy,rs,svc,ep,endpointslices -o wide',
      'kubectl get cm,secret,sa,role,rolebinding,quota,pdb,ing,job,cj -o wide',
      'kubectl get clusterrole,clusterrolebinding nodes-reader -o wide',
      'kubectl get pc,sc',
      'kubectl get hpa web',
      'kubectl get nodes -o wide',
      'kubectl get ns --show-labels',
      'kubectl get pods -A --field-selector=metadata.namespace=shop -L app',
      "kubectl get pods -l app=web -o 'custom-columns=IMAGE:.spec.containers[0].image,QOS:.status.qosClass'",
      'kubectl get deployment web -o \'jsonpath={.spec.template.spec.containers[*].image}{"\\n"}\'',
      'kubectl get pods -l app=web -o name',
      'kubectl get deployment web -o yaml',
      'kubectl get service web -o json',
      'kubectl get pods --sort-by=.metadata.name --no-headers',
      'kubectl get pod nothing',
      'kubectl get pods -n nowhere',
      'kubectl get pods --chunk-size=1 -o name',
      'kubectl get pods -l app=web --watch-only --request-timeout=1s',
      'kubectl get pods --field-selector=spec.color=red',
      "kubectl get pods -l 'app in'",
    ],
  },
  {
    name: 'describe',
    lines: [
      'kubectl describe deployment web',
      'kubectl describe pod -l job-name=hello',
      'kubectl describe service web',
      'kubectl describe ingress web',
      'kubectl describe job hello',
      'kubectl describe cronjob yearly',
      'kubectl describe quota q',
      'kubectl describe pdb web',
      'kubectl describe secret creds',
      'kubectl describe configmap settings',
      'kubectl describe namespace shop',
      'kubectl describe role reader',
      'kubectl describe rolebinding reader',
      'kubectl describe sa bot',
      'kubectl describe node pintle-3',
      'kubectl events --for=deployment/web',
      'kubectl get events --field-selector=involvedObject.kind=Deployment,involvedObject.name=web',
    ],
  },
  {
    name: 'apply',
    env: { EDITOR: 'sed -i s/note:.hi/note:\\ ho/' },
    lines: [
      'kubectl config set-context --current --namespace=two',
      'kubectl create namespace two',
      'kubectl apply -f app.yaml',
      'kubectl apply -f app.yaml',
      'kubectl diff -f app.yaml',
      'kubectl apply -f app2.yaml',
      'kubectl rollout status deployment/app',
      'kubectl apply --server-side -f map.yaml',
      'kubectl apply --server-side -f map.yaml --force-conflicts',
      'kubectl apply --server-side --field-manager=other -f app.yaml',
      'kubectl get cm app -o yaml --show-managed-fields',
      'kubectl apply -f unknown.yaml',
      'kubectl apply -f unknown.yaml --validate=warn',
      'kubectl apply --prune -l tier=x -f map.yaml --prune-allowlist=apps/v1/Deployment',
      'kubectl apply -f app.yaml',
      'kubectl patch cm app --type=merge -p \'{"data":{"b":"2"}}\'',
      'kubectl patch cm app --type=json -p \'[{"op":"replace","path":"/data/a","value":"9"}]\'',
      'kubectl patch cm app --type=json -p \'[{"op":"test","path":"/data/a","value":"0"}]\'',
      'kubectl patch deployment app -p \'{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"nginx:1.26"}]}}}}\'',
      'kubectl patch deployment app -p \'{"spec":{"replicas":-1}}\'',
      'kubectl label cm app color=blue',
      'kubectl label cm app color=red',
      'kubectl label cm app color=red --overwrite',
      'kubectl label cm app color-',
      'kubectl annotate cm app note=hi',
      'kubectl edit cm app',
      "kubectl get cm app -o 'jsonpath={.metadata.annotations.note} {.data}'",
      'kubectl replace -f map.yaml',
      'kubectl replace --force -f map.yaml',
      'kubectl set image deployment/app app=nginx:1.27',
      'kubectl set env deployment/app COLOR=red',
      'kubectl set resources deployment/app --requests=cpu=10m',
      'kubectl scale deployment/app --replicas=3',
      'kubectl scale deployment/app --current-replicas=1 --replicas=5',
      'kubectl wait --for=jsonpath={.status.readyReplicas}=3 deployment/app --timeout=30s',
      'kubectl apply -f crd.yaml',
      'kubectl wait --for=condition=Established crd/boats.example.com --timeout=10s',
      'kubectl apply -f boat.yaml',
      'kubectl get boats',
      'kubectl get bt dinghy -o yaml',
      'kubectl explain boat.spec',
      'kubectl scale boat dinghy --replicas=4',
      'kubectl patch boat dinghy --type=merge -p \'{"spec":{"oars":0}}\'',
      'kubectl delete -f crd.yaml',
      'kubectl get boats',
    ],
  },
  {
    name: 'rollout',
    lines: [
      'kubectl rollout status deployment/app',
      'kubectl rollout history deployment/app',
      'kubectl rollout history deployment/app --revision=2',
      'kubectl rollout undo deployment/app --to-revision=2',
      'kubectl rollout restart deployment/app',
      'kubectl rollout pause deployment/app',
      'kubectl rollout resume deployment/app',
      'kubectl rollout undo deployment/app --to-revision=99',
    ],
  },
  {
    name: 'nodes',
    lines: [
      'kubectl create namespace three',
      'kubectl config set-context --current --namespace=three',
      'kubectl apply -f set.yaml',
      'kubectl rollout status statefulset/db --timeout=30s',
      'kubectl rollout status daemonset/agent --timeout=30s',
      'kubectl get sts,ds,pvc,netpol,limits,controllerrevisions',
      'kubectl get pv --sort-by=.spec.claimRef.name',
      'kubectl describe pvc data-db-0',
      'kubectl cordon pintle-3',
      'kubectl get node pintle-3',
      'kubectl taint node pintle-3 a=b:NoSchedule',
      'kubectl taint node pintle-3 a-',
      'kubectl drain pintle-3',
      'kubectl uncordon pintle-3',
    ],
  },
  {
    name: 'pods',
    lines: [
      'kubectl create namespace four',
      'kubectl config set-context --current --namespace=four',
      "kubectl run tmp --image=busybox:1.36 --restart=Never -- sh -c 'echo one; echo two'",
      'kubectl wait --for=jsonpath={.status.phase}=Succeeded pod/tmp --timeout=20s',
      'kubectl logs tmp',
      'kubectl logs tmp --tail=1 --timestamps',
      'kubectl logs -f tmp',
      'kubectl logs tmp -c nothing',
      'kubectl run keep --image=nginx:1.29 --labels=app=keep',
      'kubectl wait --for=condition=Ready pod/keep --timeout=20s',
      'kubectl logs -l app=keep --prefix',
      'kubectl get pod keep',
      'kubectl delete pod tmp',
      'kubectl delete pod keep --now',
      'kubectl wait --for=delete pod/keep --timeout=10s',
    ],
  },
  {
    name: 'delete',
    lines: [
      'kubectl config set-context --current --namespace=two',
      'kubectl delete deployment web --cascade=orphan -n shop',
      'kubectl get rs -o name -n shop',
      'kubectl delete rs -l app=web --cascade=foreground -n shop',
      'kubectl get pods -l app=web -n shop',
      'kubectl delete cm app --wait=false',
      'kubectl delete cm app',
      'kubectl delete cm app --ignore-not-found',
      'kubectl delete namespace two three four',
      'kubectl get namespace two',
      'kubectl delete deployment --all -n shop',
    ],
  },
];

describe('the real kubectl', () => {
  for (const { name, lines, env } of GROUPS) {
    it(name, async () => {
      expectGolden(`kubectl/${name}.txt`, await transcript({ kubectl: fixture.kubectl }, lines, env));
    });
  }

  it('drains a node', async () => {
    const drain = ['drain', 'pintle-2', '--ignore-daemonsets', '--force', '--delete-emptydir-data', '--timeout=30s'];
    await fixture.kubectl(['create', 'deployment', 'many', '--image=nginx:1.29', '--replicas=6', '-n', 'default']);
    await fixture.kubectl(['rollout', 'status', 'deployment/many', '-n', 'default']);
    const { code, stdout, stderr } = await fixture.kubectl(drain);
    expect({ code, stderr: stderr.replaceAll(/^(?:Warning: .*|evicting pod .*)\n/gm, '') }).toEqual({
      code: 0,
      stderr: '',
    });
    expect(stdout).toContain('node/pintle-2 drained');
    expect(stdout).toMatch(/^pod\/many-.* evicted$/m);
    const left = await fixture.kubectl(['get', 'pods', '-A', '-o', 'name', '--field-selector=spec.nodeName=pintle-2']);
    expect(left.stdout).toBe('');
  });
});
