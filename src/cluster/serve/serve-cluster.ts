import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { Pod } from '../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import { ISSUER, ServiceAccountTokens } from '../apiserver/auth/service-account-tokens.ts';
import type { ContainerAccess } from '../apiserver/container-access.ts';
import { bootstrapAccess } from './bootstrap-access.ts';
import { bootstrapSystem } from './bootstrap-system.ts';
import { ApiListener } from './api-listener.ts';
import type { ClusterControl } from './control-face.ts';
import { RbacAuthorizer } from '../apiserver/auth/rbac-authorizer.ts';
import { startCertificateApprover } from './certificate-approver.ts';
import { startCertificateSigner } from './certificate-signer.ts';
import { startTokenFiller } from './secret-token-filler.ts';
import { type ClusterKeys, completeKeys } from './cluster-keys.ts';
import { TimeDriver } from './time-driver.ts';

/** How a cluster is served. */
export interface ServeOptions {
  readonly apiServer: ApiServer;
  /** Lets clients into containers; default: nobody does. */
  readonly containers?: ContainerAccess | undefined;
  /** What clients of Pintle's own may ask for; default: nothing. */
  readonly control?: ClusterControl;
  /** Why the store takes no more writes; default: it always does. */
  readonly storeFault?: (() => string | undefined) | undefined;
  /** Why the parts of the cluster do not see what happens; default: they do. */
  readonly informersFault?: (() => string | undefined) | undefined;
  /** Takes events of audit.k8s.io/v1, level Metadata; default: there is no audit log. */
  readonly audit?: ((event: object) => void) | undefined;
  readonly clock: VirtualClock;
  readonly wallClock: Clock;
  readonly logger: Logger;
  /** Default: new ones. */
  readonly keys?: Partial<ClusterKeys>;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** Seconds of the cluster's in one real second; default 1. */
  readonly speed?: number;
}

/** A cluster that is served. */
export interface ServedCluster {
  readonly port: number;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly keys: ClusterKeys;
  /** A token for a pod's service account, as the kubelet asks for it. */
  readonly podToken: (
    pod: KubeObject,
    wish: { readonly audience: string; readonly seconds: number },
  ) => Promise<string>;
  /** Ends all connections; the cluster's time stands still again. */
  close(): Promise<void>;
}

/**
 * Serves the API of a cluster on a port, and lets its time pass meanwhile.
 *
 * @throws PintleError `target` when the port is taken
 */
export async function serveCluster(options: ServeOptions): Promise<ServedCluster> {
  const { apiServer, clock, wallClock, logger, host = '127.0.0.1', port = 0, speed = 1 } = options;
  const keys = await completeKeys(options.keys ?? {}, wallClock.now());
  await bootstrapAccess(apiServer, logger);
  const { certificate: authority } = keys.authority;
  const facts = { authority, version: apiServer.version.gitVersion, now: clock.now() };
  await bootstrapSystem(apiServer, facts, logger);
  const driver = new TimeDriver({ clock, wallClock, speed, logger });
  const tokens = new ServiceAccountTokens({
    signingKey: keys.signingKey,
    now: () => clock.now(),
    get: (type, namespace, name) => apiServer.readNow(type, namespace, name),
    newId: () => randomUUID(),
  });
  const listener = new ApiListener({
    apiServer,
    containers: options.containers,
    control: options.control,
    audit: options.audit,
    speed,
    storeFault: options.storeFault ?? (() => undefined),
    informersFault: options.informersFault ?? (() => undefined),
    clock,
    wallClock,
    logger,
    keys,
    tokens,
    host,
    port,
    poke: () => driver.poke(),
  });
  await listener.listen();
  const client = apiServer.client({ fieldManager: 'kube-controller-manager', isPart: true });
  const signer = startCertificateSigner({ client, authority: keys.authority, wallClock, logger });
  const authorizer = new RbacAuthorizer({
    list: (type, namespace) => apiServer.listNow(type, namespace),
    get: (type, namespace, name) => apiServer.readNow(type, namespace, name),
  });
  const approver = startCertificateApprover({
    client,
    mayDo: (user, wish) => authorizer.authorize(user, wish).allowed,
    logger,
  });
  const filler = startTokenFiller({ client, tokens, certificate: keys.authority.certificate, logger });
  driver.start();
  return {
    port: listener.port,
    url: `https://${host.includes(':') ? `[${host}]` : host}:${listener.port}`,
    keys,
    podToken: (pod, wish) => podToken(apiServer, tokens, pod, wish),
    close: async () => {
      driver.stop();
      approver.stop();
      signer.stop();
      filler.stop();
      await listener.close();
    },
  };
}

async function podToken(
  apiServer: ApiServer,
  tokens: ServiceAccountTokens,
  pod: KubeObject,
  { audience, seconds }: { readonly audience: string; readonly seconds: number },
): Promise<string> {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const { serviceAccountName = 'default', nodeName = '' } = (pod as Pod).spec ?? { containers: [] };
  const account = apiServer.readNow(RESOURCES.serviceAccounts, namespace, serviceAccountName);
  if (account === undefined) return '';
  const node = nodeName === '' ? undefined : apiServer.readNow(RESOURCES.nodes, undefined, nodeName);
  const { token } = await tokens.issue(account, {
    audiences: [audience === '' ? ISSUER : audience],
    expirationSeconds: seconds,
    bound: {
      kind: 'Pod',
      name,
      uid,
      node: node === undefined ? undefined : { name: nodeName, uid: node.metadata.uid ?? '' },
    },
  });
  return token;
}
