import { afterAll, beforeAll, describe, it } from 'vitest';
import { MANIFESTS } from '../manifests.ts';
import { expectGolden } from '../transcript.ts';
import { SHOP } from './files.ts';
import { Session } from './session.ts';

let session: Session;

beforeAll(async () => {
  session = await Session.start({ ...MANIFESTS, ...SHOP });
});
afterAll(() => session.close());

const PODS = [
  'kubectl create namespace shop',
  'kubectl config set-context --current --namespace=shop',
  'kubectl apply -f shop',
  'kubectl get pods',
  'sleep 1s',
  'kubectl get pods',
  'sleep 29s',
  'kubectl get pods',
  'kubectl get pods,svc,ing',
  'kubectl describe pod -l app=web --show-events=false',
  'sleep 1m',
  'kubectl top pods -l app=web --sum',
  'kubectl top pods --containers -l app=web',
  'kubectl top pods -l app=none',
  'kubectl top nodes',
  'kubectl get pods.metrics.k8s.io -l app=web',
  'kubectl logs -l app=web -c prepare',
  'kubectl logs deploy/web -c log --tail=1 --timestamps',
  'kubectl logs deploy/web -c log --since=15s',
  'kubectl logs deploy/web -c log --limit-bytes=7',
  'kubectl logs deploy/web -c web --tail=2 --timestamps',
  'kubectl logs -l app=web -c web --since=6s --prefix',
  'kubectl logs deploy/web -c none',
  'kubectl logs deploy/web --previous -c log',
  'kubectl logs nothing',
  'kubectl exec deploy/web -- ls -al /etc/creds',
  'kubectl exec deploy/web -c web -- cat /etc/creds/password',
  "kubectl exec deploy/web -- sh -c 'echo $PASSWORD $COLOUR'",
  "kubectl exec deploy/web -- sh -c 'exit 7'",
  'kubectl exec -i deploy/web -- cat <<< typed',
  'kubectl exec nothing -- ls',
  "kubectl run tmp --image=busybox:1.36 --restart=Never -- sh -c 'echo one; echo two'",
  'kubectl wait --for=jsonpath={.status.phase}=Succeeded pod/tmp --timeout=120s # 10s pass',
  'kubectl logs tmp',
  'kubectl logs tmp --tail=1 --timestamps',
  'kubectl logs -f tmp',
  'kubectl logs tmp -c nothing',
  'kubectl run keep --image=nginx:1.29 --labels=app=keep --port=80 --expose',
  'kubectl wait --for=condition=Ready pod/keep --timeout=120s # 10s pass',
  'kubectl logs -l app=keep --prefix',
  'kubectl get pod,svc keep',
  'kubectl debug keep --image=busybox:1.36 -c dbg --profile=general -- sleep 1',
  'sleep 5s',
  'kubectl get pod keep -o jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.exitCode}',
  'kubectl delete pod tmp # 5s pass',
  'kubectl delete pod keep --now # 5s pass',
  'kubectl delete svc keep',
  'kubectl wait --for=delete pod/keep --timeout=120s',
];

const TROUBLE = [
  'kubectl create namespace trouble',
  'kubectl config set-context --current --namespace=trouble',
  'kubectl apply -f crash.yaml -f pull.yaml -f big.yaml',
  'sleep 4s',
  'kubectl get pods',
  'sleep 4s',
  'kubectl get pods',
  'kubectl logs crash --previous',
  'sleep 3m',
  'kubectl get pods',
  'kubectl describe pod crash',
  'kubectl describe pod pull',
  'kubectl describe pod big',
  'kubectl logs pull',
  'kubectl exec pull -- ls',
  'kubectl get events --sort-by=.lastTimestamp --field-selector=type=Warning',
  'kubectl delete pods --all --force --grace-period=0 # 5s pass',
];

const WATCH = [
  'kubectl create namespace watched',
  'kubectl config set-context --current --namespace=watched',
  'kubectl create deployment web --image=nginx:1.29',
  'sleep 10s',
  'kubectl get pods -w &',
  'kubectl scale deployment web --replicas=2',
  'sleep 10s',
  'kubectl scale deployment web --replicas=1',
  'sleep 10s',
  'stop 10',
  'kubectl get svc -w --output-watch-events &',
  'kubectl expose deployment web --port=80 --type=LoadBalancer',
  'sleep 2s',
  'kubectl delete svc web',
  'stop 7',
  'kubectl get ing,cm -w &',
  'stop 1',
  'kubectl get deployment -o name --watch &',
  'kubectl scale deployment web --replicas=0',
  'stop 5',
];

const NODES = [
  'kubectl create namespace three',
  'kubectl config set-context --current --namespace=three',
  'kubectl scale deployment web -n shop --replicas=0',
  'kubectl cordon pintle-3',
  'sleep 40s',
  'kubectl apply -f set.yaml',
  'kubectl rollout status statefulset/db --timeout=120s # 30s pass',
  'kubectl rollout status daemonset/agent --timeout=120s',
  'kubectl get sts,ds,pvc,netpol,limits,controllerrevisions -o wide',
  'kubectl get pv --sort-by=.spec.claimRef.name',
  'kubectl describe pvc data-db-0',
  'kubectl describe sts db',
  'kubectl describe ds agent',
  'kubectl describe netpol none',
  'kubectl describe limits limits',
  'kubectl rollout history sts/db',
  'kubectl create deployment pinned --image=nginx:1.29',
  'kubectl patch deployment pinned -p \'{"spec":{"template":{"spec":{"nodeName":"pintle-3"}}}}\'',
  'sleep 10s',
  'kubectl get node pintle-3',
  'kubectl taint node pintle-3 a=b:NoSchedule',
  'kubectl taint node pintle-3 a=b:NoSchedule',
  'kubectl taint node pintle-3 a-',
  'kubectl label node pintle-3 disk=ssd',
  'kubectl get nodes -l disk=ssd -L disk',
  'kubectl drain pintle-3',
  'kubectl drain pintle-3 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s # 40s pass',
  'kubectl get pods --field-selector=spec.nodeName=pintle-3 -l app=agent',
  'kubectl uncordon pintle-3',
];

const CONFIG = [
  'kubectl config get-contexts',
  'kubectl config current-context',
  'kubectl config view --minify -o jsonpath={.contexts[0].context.namespace}',
  'kubectl config set-context other --cluster=pintle-test --user=pintle-test --namespace=shop',
  'kubectl config use-context other',
  'kubectl get deployments',
  'kubectl config rename-context other another',
  'kubectl config use-context pintle-test',
  'kubectl config delete-context another',
  'kubectl --context nowhere get pods',
  'kubectl auth whoami',
  'kubectl auth can-i create pods',
  'kubectl auth can-i create pods --as=jane',
  'kubectl auth can-i --list --as=jane -n default',
  'kubectl get pods --as=jane',
];

const DELETE = [
  'kubectl config set-context --current --namespace=watched',
  'kubectl scale deployment web --replicas=2',
  'sleep 5s',
  'kubectl delete deployment web --cascade=orphan # 5s pass',
  'kubectl get rs,pods',
  'kubectl delete rs -l app=web --cascade=foreground # 10s pass',
  'kubectl get pods',
  'kubectl delete cm kube-root-ca.crt',
  'kubectl delete cm nothing',
  'kubectl delete cm nothing --ignore-not-found',
  'kubectl delete deployment --all -n shop # 40s pass',
  'kubectl delete namespace shop trouble three watched # 40s pass',
  'kubectl get namespaces',
];

describe('the real kubectl from day to day', () => {
  it('runs pods', async () => expectGolden('session/pods.txt', await session.run(PODS)));
  it('looks for what is wrong', async () => expectGolden('session/trouble.txt', await session.run(TROUBLE)));
  it('watches', async () => expectGolden('session/watch.txt', await session.run(WATCH)));
  it('cares for nodes and sets', async () => expectGolden('session/nodes.txt', await session.run(NODES)));
  it('switches contexts', async () => expectGolden('session/config.txt', await session.run(CONFIG)));
  it('deletes', async () => expectGolden('session/delete.txt', await session.run(DELETE)));
});
