import { parseUrl, type UrlParts } from '../../../base/go-url.ts';
import { isDns1035Label, isDns1123Subdomain, isValidPortNumber } from '../../../kube/names.ts';
import type { Faults } from '../faults.ts';

const FORM = '; desired format: https://host[/path]';

/** How a server reaches a webhook. */
export interface WebhookClient {
  readonly url?: string | undefined;
  readonly service?: WebhookService | undefined;
}

/** The Service of a webhook. */
export interface WebhookService {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly path?: string | undefined;
  readonly port?: number | undefined;
}

/** Refuses clients that are not one https URL or one Service. apiserver: pkg/util/webhook/validation.go */
export function checkWebhookClient(client: WebhookClient, path: string, faults: Faults): void {
  const { url, service } = client;
  if ((url === undefined) === (service === undefined)) {
    faults.required(path, 'exactly one of url or service is required');
  } else if (url !== undefined) checkUrl(url, `${path}.url`, faults);
  else if (service !== undefined) checkService(service, `${path}.service`, faults);
}

function checkUrl(text: string, path: string, faults: Faults): void {
  let url: UrlParts;
  try {
    url = parseUrl(text);
  } catch (error) {
    faults.required(path, `url must be a valid URL: ${(error as Error).message}${FORM}`);
    return;
  }
  if (url.scheme !== 'https') faults.invalid(path, url.scheme, `'https' is the only allowed URL scheme${FORM}`);
  if (url.host === '') faults.invalid(path, '', `host must be specified${FORM}`);
  if (url.userinfo !== undefined) faults.invalid(path, url.userinfo, 'user information is not permitted in the URL');
  if (url.fragment !== '') faults.invalid(path, url.fragment, 'fragments are not permitted in the URL');
  if (url.query !== '') faults.invalid(path, url.query, 'query parameters are not permitted in the URL');
}

function checkService(service: WebhookService, path: string, faults: Faults): void {
  const { name = '', namespace = '', port = 0 } = service;
  // Kubernetes mixes the two up: a missing namespace is told of the name.
  if (namespace === '') faults.required(`${path}.name`);
  if (name === '') faults.required(`${path}.namespace`);
  const messages = isValidPortNumber(port);
  if (messages.length > 0) faults.invalid(`${path}.port`, port, `port is not valid: ${messages.join(', ')}`);
  if (service.path !== undefined) checkPath(service.path, `${path}.path`, faults);
}

function checkPath(text: string, path: string, faults: Faults): void {
  if (text === '' || text === '/') return;
  if (text === '//') {
    faults.invalid(path, text, 'segment[0] may not be empty');
    return;
  }
  if (!text.startsWith('/')) faults.invalid(path, text, "must start with a '/'");
  const steps = text.slice(1).replace(/\/$/, '').split('/');
  steps.forEach((step, i) => {
    if (step === '') faults.invalid(path, text, `segment[${i}] may not be empty`);
    else for (const message of isDns1123Subdomain(step)) faults.invalid(path, text, `segment[${i}]: ${message}`);
  });
}

const REVIEW_VERSIONS: readonly string[] = ['v1', 'v1beta1'];

/** Refuses lists of review versions without one that the server speaks. `missing` is what an empty list is told. */
export function checkReviewVersions(
  given: readonly string[] | undefined,
  missing: string,
  path: string,
  faults: Faults,
): void {
  const versions = given ?? [];
  if (versions.length === 0) {
    faults.required(path, missing);
    return;
  }
  versions.forEach((version, i) => {
    if (versions.indexOf(version) < i) faults.invalid(`${path}[${i}]`, version, 'duplicate version');
    else faults.invalidEach(`${path}[${i}]`, version, isDns1035Label(version));
  });
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    faults.invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`);
  }
}
