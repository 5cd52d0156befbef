import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { otherProgram } from '../../support/other-programs.ts';
import { MANIFESTS } from '../http/manifests.ts';
import { type ServedFixture, serveForTest } from '../http/served.ts';
import { expectGolden, transcript } from '../http/transcript.ts';

const KUBECTL = otherProgram("kubectl 1.20 of Debian's kubernetes-client", [process.env['PINTLE_KUBECTL_1_20']]);

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest();
  for (const name of ['app.yaml', 'set.yaml']) writeFileSync(join(fixture.folder, name), MANIFESTS[name] ?? '');
});
afterAll(() => fixture.close());

describe.skipIf(KUBECTL === undefined)("kubectl 1.20 of Debian's kubernetes-client", () => {
  it('does not notice that fifteen versions lie between', async () => {
    const kubectl = fixture.program(KUBECTL ?? '');
    const lines = [
      'kubectl version --short',
      'kubectl create namespace two',
      'kubectl config set-context --current --namespace=two',
      'kubectl apply -f app.yaml',
      'kubectl rollout status deployment/app --timeout=120s',
      'kubectl apply -f app.yaml',
      'kubectl get deployments,pods -o wide',
      'kubectl explain deployment.spec.strategy',
      'kubectl set image deployment/app app=nginx:1.29',
      'kubectl rollout status deployment/app --timeout=120s',
      'kubectl rollout undo deployment/app',
      'kubectl rollout history deployment/app',
      'kubectl patch deployment app -p \'{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"nginx:1.27"}]}}}}\'',
      'kubectl scale deployment/app --replicas=1',
      'kubectl expose deployment app --port=80',
      "kubectl create ingress app --rule='shop.example.com/*=app:80'",
      'kubectl autoscale deployment app --min=1 --max=3',
      'kubectl get ingress,service',
      "kubectl run box --image=busybox:1.36 --restart=Never -- sh -c 'echo hi; sleep 600'",
      'kubectl wait --for=condition=Ready pod/box --timeout=120s',
      "kubectl exec box -- sh -c 'exit 5'",
      'kubectl logs box',
      'kubectl describe pod box',
      'kubectl apply --server-side --force-conflicts -f app.yaml',
      'kubectl create job j --image=busybox:1.36 -- echo done',
      'kubectl wait --for=condition=complete job/j --timeout=120s',
      'kubectl logs job/j',
      'kubectl label pod box a=b',
      'kubectl annotate pod box note=x',
      'kubectl create quota q --hard=pods=10',
      'kubectl create pdb p --selector=app=app --min-available=1',
      'kubectl auth can-i create pods',
      'kubectl get events --field-selector=involvedObject.name=box,reason=Started',
      'kubectl delete pod box --now',
      'kubectl api-versions',
      'kubectl delete namespace two',
    ];
    expectGolden('kubectl/version-1.20.txt', await transcript({ kubectl }, lines));
  });
});
