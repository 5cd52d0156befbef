import type { Secret, ServiceAccount } from '../../../kube/api/core-v1.generated.ts';
import { toBase64 } from '../../../base/base64.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { isDeleting, joinKey, keyOf, namespaceOf, objectKey, splitKey } from '../../machinery/keys.ts';

/** Type of Secrets that hold a token of a service account. */
const TOKEN_TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';
const ACCOUNT_INDEX = 'service-account';

/** The key of the account that a Secret is to hold a token of. */
function accountOf(secret: Secret): string | undefined {
  const name = secret.metadata.annotations?.[ACCOUNT_NAME] ?? '';
  return secret.type === TOKEN_TYPE && name !== '' ? joinKey(namespaceOf(secret), name) : undefined;
}

/**
 * Completes Secrets for tokens of service accounts: whose they are, the namespace, the certificate that the API server is
 * trusted by, and a place for the token, which is made where the cluster is served. Those of accounts that are not there are
 * deleted. kubernetes: pkg/controller/serviceaccount/tokens_controller.go
 *
 * @param certificate PEM; '' when the API server has none
 */
export function createTokenController(
  context: ComponentContext,
  informers: InformerFactory,
  certificate: string,
): Component {
  const { client } = context;
  const secrets = informers.informer<Secret>(RESOURCES.secrets);
  const accounts = informers.informer<ServiceAccount>(RESOURCES.serviceAccounts);
  secrets.addIndex(ACCOUNT_INDEX, (secret) => {
    const account = accountOf(secret);
    return account === undefined ? [] : [account];
  });

  async function accountFor(secret: Secret, key: string): Promise<ServiceAccount | undefined> {
    const isIts = (account: ServiceAccount): boolean => {
      const uid = secret.metadata.annotations?.[ACCOUNT_UID] ?? '';
      return uid === '' || uid === account.metadata.uid;
    };
    const known = accounts.get(splitKey(key));
    if (known !== undefined && isIts(known)) return known;
    try {
      // It may have come just now.
      const fresh = await client.get<ServiceAccount>(RESOURCES.serviceAccounts, splitKey(key));
      return isIts(fresh) ? fresh : undefined;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async function reconcile(key: string): Promise<void> {
    const secret = secrets.get(splitKey(key));
    const accountKey = secret === undefined || isDeleting(secret) ? undefined : accountOf(secret);
    if (secret === undefined || accountKey === undefined) return;
    const account = await accountFor(secret, accountKey);
    try {
      if (account === undefined) {
        const { uid, resourceVersion } = secret.metadata;
        await client.delete(RESOURCES.secrets, objectKey(secret), { preconditions: { uid, resourceVersion } });
        return;
      }
      const completed = complete(secret, account, certificate);
      if (!deepEqual(completed, secret)) await client.update(RESOURCES.secrets, completed, AS_CONTROLLER);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  const controller = new Controller({
    name: 'serviceaccount-token-controller',
    context,
    informers: [secrets, accounts],
    reconcile,
  });
  secrets.onEvent(({ type, object }) => {
    if (type !== 'deleted' && accountOf(object) !== undefined) controller.queue.add(keyOf(object));
  });
  accounts.onEvent(({ type, object }) => {
    if (type === 'modified') return;
    for (const secret of secrets.byIndex(ACCOUNT_INDEX, keyOf(object))) controller.queue.add(keyOf(secret));
  });
  return controller;
}

function complete(secret: Secret, account: ServiceAccount, certificate: string): Secret {
  const data = secret.data ?? {};
  const annotations = { ...secret.metadata.annotations, [ACCOUNT_UID]: account.metadata.uid ?? '' };
  const missing = (key: string): boolean => (data[key] ?? '') === '';
  return {
    ...secret,
    metadata: { ...secret.metadata, annotations },
    data: {
      ...data,
      ...(certificate !== '' && missing('ca.crt') ? { 'ca.crt': toBase64(new TextEncoder().encode(certificate)) } : {}),
      ...(missing('namespace') ? { namespace: toBase64(new TextEncoder().encode(namespaceOf(secret))) } : {}),
      token: data['token'] ?? '',
    },
  };
}
