import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../../../kube/api/core-v1.generated.ts';
import { isHttpHeaderName } from '../../../kube/names.ts';
import { checkPort } from '../checks/names.ts';
import { checkNonNegative } from '../checks/values.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

type AnyHandler = Loose<Probe> & Loose<LifecycleHandler>;

const SCHEMES = ['HTTP', 'HTTPS'];

/** Refuses wrong probes; `name` is livenessProbe, readinessProbe or startupProbe. */
export function checkProbe(probe: Loose<Probe> | undefined, name: string, path: string, faults: Faults): void {
  if (probe === undefined) return;
  const at = `${path}.${name}`;
  checkHandler(probe, undefined, at, faults);
  checkNonNegative(probe.initialDelaySeconds, `${at}.initialDelaySeconds`, faults);
  checkNonNegative(probe.timeoutSeconds, `${at}.timeoutSeconds`, faults);
  checkNonNegative(probe.periodSeconds, `${at}.periodSeconds`, faults);
  checkNonNegative(probe.successThreshold, `${at}.successThreshold`, faults);
  checkNonNegative(probe.failureThreshold, `${at}.failureThreshold`, faults);
  const grace = probe.terminationGracePeriodSeconds;
  const graceAt = `${at}.terminationGracePeriodSeconds`;
  if (grace !== undefined && grace <= 0) faults.invalid(graceAt, grace, 'must be greater than 0');
  if (name === 'readinessProbe') {
    if (grace !== undefined) faults.invalid(graceAt, grace, 'must not be set for readinessProbes');
  } else if (probe.successThreshold !== 1) {
    faults.invalid(`${at}.successThreshold`, probe.successThreshold ?? 0, 'must be 1');
  }
}

/** Refuses wrong hooks of a container's life. */
export function checkLifecycle(
  lifecycle: Loose<Lifecycle> | undefined,
  gracePeriod: number | undefined,
  path: string,
  faults: Faults,
): void {
  if (lifecycle?.postStart !== undefined) {
    checkHandler(lifecycle.postStart, gracePeriod, `${path}.postStart`, faults);
  }
  if (lifecycle?.preStop !== undefined) {
    checkHandler(lifecycle.preStop, gracePeriod, `${path}.preStop`, faults);
  }
}

function checkHandler(handler: AnyHandler, gracePeriod: number | undefined, path: string, faults: Faults): void {
  let count = 0;
  const only = (field: string, check: () => void): void => {
    count += 1;
    if (count > 1) faults.forbidden(`${path}.${field}`, 'may not specify more than 1 handler type');
    else check();
  };
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (exec !== undefined) {
    only('exec', () => {
      if ((exec.command ?? []).length === 0) faults.required(`${path}.exec.command`);
    });
  }
  if (httpGet !== undefined) only('httpGet', () => checkHttpGet(httpGet, `${path}.httpGet`, faults));
  if (tcpSocket !== undefined) only('tcpSocket', () => checkPort(tcpSocket.port, `${path}.tcpSocket.port`, faults));
  if (grpc !== undefined) only('grpc', () => checkPort(grpc.port, `${path}.grpc.port`, faults));
  if (sleep !== undefined) {
    only('sleep', () => {
      const seconds = sleep.seconds ?? 0;
      if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return;
      const text = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`;
      faults.invalid(`${path}.sleep`, seconds, text);
    });
  }
  if (count === 0) faults.required(path, 'must specify a handler type');
}

function checkHttpGet(action: Loose<HTTPGetAction>, path: string, faults: Faults): void {
  if (isBlank(action.path)) faults.required(`${path}.path`);
  checkPort(action.port, `${path}.port`, faults);
  const scheme = action.scheme ?? '';
  if (!SCHEMES.includes(scheme)) faults.notSupported(`${path}.scheme`, scheme, SCHEMES);
  for (const { name = '' } of action.httpHeaders ?? []) {
    faults.invalidEach(`${path}.httpHeaders`, name, isHttpHeaderName(name));
  }
}
