import { afterAll, beforeAll, describe, it } from 'vitest';
import { expectGolden } from '../transcript.ts';
import { Session } from './session.ts';

let session: Session;

beforeAll(async () => {
  session = await Session.start({});
});
afterAll(() => session.close());

/** Makes one of each kind that `kubectl create` knows. */
const CREATE = [
  'kubectl create namespace shop',
  'kubectl config set-context --current --namespace=shop',
  'kubectl create deployment web --image=nginx:1.29 --replicas=2 --port=80',
  'kubectl rollout status deployment/web --timeout=120s # 10s pass',
  'kubectl wait --for=condition=Available deployment/web --timeout=120s',
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
  'kubectl wait --for=condition=complete job/hello job/once --timeout=120s # 10s pass',
  'kubectl create service clusterip plain --tcp=80:8080',
  'kubectl create service nodeport np --tcp=80:80 --node-port=30080',
  'kubectl create service loadbalancer lb --tcp=80:80',
  'kubectl create service externalname out --external-name=example.com',
  'kubectl create quota q --hard=pods=20,limits.cpu=10',
  'kubectl autoscale deployment web --min=2 --max=5 --cpu=50%',
  'sleep 20s',
  'kubectl create deployment web --image=nginx',
  'kubectl create deployment x --image=nginx --dry-run=server -o name',
  'kubectl create deployment x --image=nginx --dry-run=client -o yaml',
  "kubectl create deployment 'Bad_Name' --image=nginx",
  'kubectl create secret tls t --cert=nothing --key=nothing',
  'sleep 3m',
];

const DISCOVERY = [
  'kubectl version',
  'kubectl api-versions',
  'kubectl api-resources',
  'kubectl api-resources --namespaced=false --verbs=list -o name',
  'kubectl api-resources --api-group=apps -o wide',
  'kubectl cluster-info',
  'kubectl explain deployment.spec.strategy',
  'kubectl explain cronjob.spec.jobTemplate.spec --recursive --output=plaintext',
  'kubectl explain pod.spec.containers.livenessProbe.httpGet --output=plaintext-openapiv2',
  'kubectl explain podmetrics',
  'kubectl explain nothing',

  'kubectl explain pod.spec.nothing',
  'kubectl get --raw /readyz?verbose',
  'kubectl get --raw /nothing',
  'kubectl get nothing',
];

const GET = [
  'kubectl get pods',
  'kubectl get pods -o wide -l app=web',
  'kubectl get pods -A',
  'kubectl get all',
  'kubectl get deploy,rs,svc,ep,endpointslices -o wide',
  'kubectl get cm,secret,sa,role,rolebinding,quota,pdb,ing,job,cj -o wide',
  'kubectl get clusterrole,clusterrolebinding nodes-reader -o wide',
  'kubectl get ep,endpointslices -n default',
  'kubectl get pc,sc',
  'kubectl get hpa web',
  'kubectl get nodes -o wide',
  'kubectl get ns --show-labels',
  'kubectl get lease -n kube-node-lease',
  'kubectl get pods -A --field-selector=metadata.namespace=shop -L app',
  'kubectl get pods --field-selector=status.phase=Running,spec.restartPolicy=Always -o name',
  "kubectl get pods -l 'app in (web,db),app!=db' -o name",
  "kubectl get pods -l '!app' -o name",
  'kubectl get pods -l app=web -o \'custom-columns=IMAGE:.spec.containers[0].image,QOS:.status.qosClass,READY:.status.conditions[?(@.type=="Ready")].status,ENV:.spec.containers[*].env\'',
  'kubectl get deployment web -o \'jsonpath={.spec.template.spec.containers[*].image}{"\\n"}\'',
  'kubectl get pods -o \'jsonpath={range .items[*]}{.metadata.labels.app}:{.status.phase}{"\\n"}{end}\'',
  "kubectl get service web -o 'go-template={{range .spec.ports}}{{.port}}/{{.protocol}}{{end}}'",
  'kubectl get pods -l app=web -o name',
  'kubectl get deployment web -o yaml',
  'kubectl get service web -o json',
  'kubectl get pods --sort-by=.metadata.name --no-headers',
  'kubectl get pods --sort-by=.status.startTime -o name',
  'kubectl get pod nothing',
  'kubectl get pod nothing --ignore-not-found',
  'kubectl get pods -n nowhere',
  'kubectl get pods --chunk-size=1 -o name',
  'kubectl get secret creds -o jsonpath={.data.password}',
  'kubectl get deployment web --subresource=scale -o jsonpath={.spec.replicas}',
  'kubectl get pods --field-selector=spec.color=red',
  "kubectl get pods -l 'app in'",
  'kubectl get events --field-selector=involvedObject.kind=Deployment,involvedObject.name=web',
  'kubectl get events -A --field-selector=involvedObject.name=pintle-1,reason=NodeReady -o wide',
];

const DESCRIBE = [
  'kubectl describe deployment web',
  'kubectl describe rs -l app=web',
  'kubectl describe pod -l job-name=hello',
  'kubectl describe service web',
  'kubectl describe ingress web',
  'kubectl describe ep,endpointslice -l kubernetes.io/service-name=web',
  'kubectl describe job hello',
  'kubectl describe cronjob yearly',
  'kubectl describe hpa web',
  'kubectl describe quota q',
  'kubectl describe pdb web',
  'kubectl describe secret creds',
  'kubectl describe configmap settings',
  'kubectl describe namespace shop',
  'kubectl describe role reader',
  'kubectl describe rolebinding reader',
  'kubectl describe clusterrole nodes-reader',
  'kubectl describe sa bot',
  'kubectl describe sc standard',
  'kubectl describe pc high',
  'kubectl describe node pintle-1',
  'kubectl describe lease pintle-1 -n kube-node-lease',
  'kubectl describe pod nothing',
  'kubectl events --for=deployment/web',
];

describe('the real kubectl looks around', () => {
  it('creates', async () => expectGolden('session/create.txt', await session.run(CREATE)));
  it('discovers', async () => expectGolden('session/discovery.txt', await session.look(DISCOVERY)));
  it('gets', async () => expectGolden('session/get.txt', await session.look(GET)));
  it('describes', async () => expectGolden('session/describe.txt', await session.look(DESCRIBE)));
});
