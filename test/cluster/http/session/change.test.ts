import { afterAll, beforeAll, describe, it } from 'vitest';
import { MANIFESTS } from '../manifests.ts';
import { expectGolden } from '../transcript.ts';
import { SHOP } from './files.ts';
import { Session } from './session.ts';

let session: Session;

beforeAll(async () => {
  const changed = (MANIFESTS['app.yaml'] ?? '').replace('nginx:1.28', 'nginx:1.29');
  session = await Session.start(
    { ...MANIFESTS, ...SHOP, 'app2.yaml': changed },
    { KUBE_EDITOR: 'sed -i -e s/note:.hi/note:\\ ho/ -e s/shop.example.com/www.example.com/' },
  );
});
afterAll(() => session.close());

const APPLY = [
  'kubectl create namespace two',
  'kubectl config set-context --current --namespace=two',
  'kubectl diff -f app.yaml',
  'kubectl apply -f app.yaml',
  'kubectl apply -f app.yaml',
  'sleep 10s',
  'kubectl diff -f app.yaml',
  'kubectl diff -f app2.yaml',
  'kubectl apply -f app2.yaml',
  'kubectl rollout status deployment/app # 10s pass',
  'kubectl apply --server-side -f map.yaml',
  'kubectl apply --server-side -f map.yaml --force-conflicts',
  'kubectl apply --server-side --field-manager=other -f app.yaml',
  'kubectl diff --server-side --force-conflicts -f app.yaml',
  'kubectl get cm app -o yaml --show-managed-fields',
  'kubectl apply -f unknown.yaml',
  'kubectl apply -f unknown.yaml --validate=warn',
  'kubectl apply -f app2.yaml --dry-run=server',
  'kubectl apply view-last-applied configmap/app',
  'kubectl apply --prune -l tier=x -f map.yaml --prune-allowlist=apps/v1/Deployment',
  'kubectl apply -f app.yaml',
  'kubectl apply -f - <<< {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"piped"},"data":{"a":"1"}}',
  'kubectl apply -f nothing.yaml',
];

const PATCH = [
  'kubectl patch cm app --type=merge -p \'{"data":{"b":"2"}}\'',
  'kubectl patch cm app --type=json -p \'[{"op":"replace","path":"/data/a","value":"9"}]\'',
  'kubectl patch cm app --type=json -p \'[{"op":"test","path":"/data/a","value":"0"}]\'',
  'kubectl patch cm app --type=json -p \'[{"op":"remove","path":"/data/none"}]\'',
  'kubectl patch deployment app -p \'{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"nginx:1.26"}]}}}}\'',
  'kubectl patch deployment app -p \'{"spec":{"replicas":-1}}\'',
  'kubectl patch deployment app -p \'{"spec":{"selector":{"matchLabels":{"app":"other"}}}}\'',
  'kubectl patch deployment app --subresource=scale --type=merge -p \'{"spec":{"replicas":1}}\'',
  'kubectl label cm app color=blue',
  'kubectl label cm app color=red',
  'kubectl label cm app color=red --overwrite',
  'kubectl label cm app color-',
  "kubectl label cm app 'color=not good'",
  'kubectl annotate cm app note=hi',
  'kubectl edit cm app',
  'kubectl edit cm app',
  "kubectl get cm app -o 'jsonpath={.metadata.annotations.note} {.data}'",
  'kubectl replace -f map.yaml',
  'kubectl replace --force -f map.yaml # 5s pass',
  'kubectl set image deployment/app app=nginx:1.27',
  'kubectl set image deployment/app none=nginx:1.27',
  'kubectl set env deployment/app COLOR=red',
  'kubectl set env deployment/app --list',
  'kubectl set resources deployment/app --requests=cpu=10m --limits=cpu=20m',
  'kubectl set serviceaccount deployment/app default',
  'kubectl set selector service nothing a=b',
  'kubectl scale deployment/app --replicas=3',
  'kubectl scale deployment/app --current-replicas=1 --replicas=5',
  'sleep 30s',
  'kubectl wait --for=jsonpath={.status.readyReplicas}=3 deployment/app --timeout=120s',
  'kubectl wait --for=condition=Nothing deployment/app --timeout=4s',
  'kubectl get deployment,rs',
];

const ROLLOUT = [
  'kubectl annotate deployment/app kubernetes.io/change-cause=first',
  'kubectl rollout status deployment/app',
  'kubectl rollout history deployment/app',
  'kubectl rollout history deployment/app --revision=2',
  'kubectl rollout undo deployment/app --to-revision=2 --dry-run=server',
  'kubectl rollout undo deployment/app --to-revision=2',
  'kubectl rollout status deployment/app # 30s pass',
  'kubectl rollout undo deployment/app',
  'kubectl rollout status deployment/app # 30s pass',
  'kubectl rollout restart deployment/app',
  'kubectl rollout status deployment/app # 30s pass',
  'kubectl rollout pause deployment/app',
  'kubectl rollout pause deployment/app',
  'kubectl set image deployment/app app=nginx:1.25',
  'kubectl rollout resume deployment/app',
  'kubectl rollout status deployment/app # 30s pass',
  'kubectl rollout undo deployment/app --to-revision=99',
  'kubectl set image deployment/app app=nginx:nope',
  'sleep 11m',
  'kubectl rollout status deployment/app',
  'kubectl get deployment',
  'kubectl get pods --field-selector=status.phase=Running',
  'kubectl get pods --field-selector=status.phase!=Running',
];

const KINDS = [
  'kubectl apply -f crd.yaml',
  'kubectl wait --for=condition=Established crd/boats.example.com --timeout=120s',
  'kubectl apply -f boat.yaml',
  'kubectl get boats',
  'kubectl get bt dinghy -o yaml',
  'kubectl explain boat.spec',
  'kubectl explain boat.spec.oars',
  'kubectl describe boat dinghy',
  'kubectl scale boat dinghy --replicas=4',
  'kubectl patch boat dinghy --type=merge -p \'{"spec":{"oars":0}}\'',
  'kubectl patch boat dinghy -p \'{"spec":{"oars":5}}\'',
  'kubectl api-resources --api-group=example.com',
  'kubectl get crd',
  'kubectl delete -f crd.yaml # 5s pass',
  'kubectl get boats',
];

const FOLDER = [
  'kubectl create namespace shop',
  'kubectl config set-context --current --namespace=shop',
  'kubectl apply -f shop',
  'sleep 20s',
  'kubectl get -f shop',
  'kubectl edit ingress web',
  'kubectl get ingress',
  'kubectl kustomize kit',
  'kubectl apply -k kit',
  'kubectl wait --for=condition=complete job/kit-greet --timeout=120s # 10s pass',
  'kubectl logs job/kit-greet',
  'kubectl delete -k kit # 5s pass',
  'kubectl delete -f shop --dry-run=server',
  'kubectl delete -f shop # 40s pass',
  'kubectl get all,cm,secret,ing',
];

describe('the real kubectl changes things', () => {
  it('applies', async () => expectGolden('session/apply.txt', await session.run(APPLY)));
  it('patches', async () => expectGolden('session/patch.txt', await session.run(PATCH)));
  it('rolls out', async () => expectGolden('session/rollout.txt', await session.run(ROLLOUT)));
  it('defines kinds', async () => expectGolden('session/kinds.txt', await session.run(KINDS)));
  it('applies folders', async () => expectGolden('session/folder.txt', await session.run(FOLDER)));
});
