import type { Pod, ServiceAccount, Volume } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { forbidden } from '../../registry/status.ts';
import type { Edit } from '../../registry/wire.ts';
import { generateName } from '../rest/identity.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

const DEFAULT_ACCOUNT = 'default';
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
/** One hour, and a little to tell it from what users write. */
const TOKEN_SECONDS = 3607;
const READABLE = 0o644;

/**
 * Pods run as a service account, which must be there, and get its token and image pull secrets.
 * kubernetes: plugin/pkg/admission/serviceaccount/admission.go
 */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  resources: ['/pods'],
  admit(request) {
    if (request.operation !== 'CREATE' || request.subresource !== '' || request.draft === undefined) return;
    const pod = request.draft as unknown as Edit<Pod>;
    if (pod.metadata?.annotations?.[MIRROR_ANNOTATION] !== undefined) return;
    const spec = (pod.spec ??= {});
    const name = spec.serviceAccountName ?? '';
    spec.serviceAccountName = name === '' ? DEFAULT_ACCOUNT : name;
    spec.serviceAccount = spec.serviceAccountName;
    const account = findAccount(request, spec.serviceAccountName);
    const mountsToken = spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true;
    if (mountsToken) mountToken(pod, request);
    const pullSecrets = account?.imagePullSecrets ?? [];
    if ((spec.imagePullSecrets ?? []).length === 0 && pullSecrets.length > 0) {
      spec.imagePullSecrets = pullSecrets.map(({ name: secret }) => ({ name: secret }));
    }
  },
};

/**
 * The account; undefined for a default account that is about to be made: a real server waits for the controller that makes it
 * in every namespace.
 */
function findAccount(request: AdmissionRequest, name: string): ServiceAccount | undefined {
  const account = request.get(RESOURCES.serviceAccounts, request.namespace, name) as ServiceAccount | undefined;
  if (account !== undefined || name === DEFAULT_ACCOUNT) return account;
  const reason = `error looking up service account ${request.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`;
  throw forbidden(request.type, request.name, reason);
}

function mountToken(pod: Edit<Pod>, { random }: AdmissionRequest): void {
  const spec = (pod.spec ??= {});
  const volumes = spec.volumes ?? [];
  const existing = volumes.find((volume) => volume.projected !== undefined && volume.name?.startsWith(VOLUME_PREFIX));
  const name = existing?.name ?? generateName(VOLUME_PREFIX, random);
  let mounted = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const mounts = container.volumeMounts ?? [];
    if (mounts.some(({ mountPath }) => mountPath === TOKEN_PATH)) continue;
    container.volumeMounts = [...mounts, { mountPath: TOKEN_PATH, name, readOnly: true }];
    mounted = true;
  }
  if (mounted && existing === undefined) spec.volumes = [...volumes, tokenVolume(name)];
}

function tokenVolume(name: string): Edit<Volume> {
  const namespaceFile = { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' };
  return {
    name,
    projected: {
      defaultMode: READABLE,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
        { downwardAPI: { items: [namespaceFile] } },
      ],
    },
  };
}
