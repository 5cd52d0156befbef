import type { Random } from '../../base/random.ts';
import type { Ingress } from '../../kube/api/networking-v1.generated.ts';
import { keyOf } from '../machinery/keys.ts';
import { annotationOf } from './ingress-class.ts';
import { canaryRoutes, type IngressRoute } from './ingress-routes.ts';
import type { NetworkState } from './network-state.ts';

/** A request as canaries look at it; names of headers in lower case. */
export interface CanaryRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly random: Random;
}

/** A canary that takes a request, and why. */
export interface CanaryChoice {
  readonly route: IngressRoute;
  readonly reason: string;
}

/**
 * The canary Ingress that takes a request away from the rule that it falls under: by header, by cookie, by weight, in this order.
 * ingress-nginx: rootfs/etc/nginx/lua/balancer.lua route_to_alternative_balancer
 */
export function chooseCanary(
  state: NetworkState,
  main: IngressRoute,
  request: CanaryRequest,
): CanaryChoice | undefined {
  for (const route of canaryRoutes(state)) {
    if (route.host !== main.host || route.path !== main.path || keyOf(route.ingress) === keyOf(main.ingress)) continue;
    const reason = reasonOf(route.ingress, request);
    return reason === undefined ? undefined : { route, reason };
  }
  return undefined;
}

function reasonOf(ingress: Ingress, { headers, random }: CanaryRequest): string | undefined {
  const header = annotationOf(ingress, 'canary-by-header');
  const value = header === undefined ? undefined : headers[header.toLowerCase()];
  if (header !== undefined && value !== undefined) {
    const verdict = headerVerdict(ingress, value);
    if (verdict !== undefined) return verdict ? `canary by header ${header}: ${value}` : undefined;
  }
  const name = annotationOf(ingress, 'canary-by-cookie');
  const cookie = name === undefined ? undefined : cookieOf(headers['cookie'] ?? '', name);
  if (cookie === 'always') return `canary by cookie ${name ?? ''}`;
  if (cookie === 'never') return undefined;
  const weight = Number(annotationOf(ingress, 'canary-weight') ?? 0);
  const total = Number(annotationOf(ingress, 'canary-weight-total') ?? 100);
  if (!(weight > 0 && total > 0) || random.below(total) >= weight) return undefined;
  return `canary by weight ${weight} of ${total}`;
}

/** Undefined: the header says nothing. */
function headerVerdict(ingress: Ingress, value: string): boolean | undefined {
  const wanted = annotationOf(ingress, 'canary-by-header-value');
  if (wanted !== undefined) return value === wanted ? true : undefined;
  const pattern = annotationOf(ingress, 'canary-by-header-pattern');
  if (pattern !== undefined) return fits(pattern, value) ? true : undefined;
  return value === 'always' ? true : value === 'never' ? false : undefined;
}

function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return false;
  }
}

function cookieOf(text: string, name: string): string | undefined {
  for (const part of text.split(';')) {
    const [key = '', value = ''] = part.trim().split('=');
    if (key === name) return value;
  }
  return undefined;
}
