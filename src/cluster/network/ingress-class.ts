import type { Ingress, IngressClass } from '../../kube/api/networking-v1.generated.ts';
import { nameOf } from '../machinery/keys.ts';

/** The class that the cluster's controller serves by its name, without an IngressClass of that name. */
export const BUILTIN_CLASS = 'nginx';

/** Controllers whose classes the cluster's own one serves. */
const CONTROLLERS: readonly string[] = ['pintle.dev/ingress', 'k8s.io/ingress-nginx'];

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const DEFAULT_CLASS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';
const PREFIX = 'nginx.ingress.kubernetes.io/';

/** The value of one of ingress-nginx's annotations, by its short name. */
export function annotationOf({ metadata }: Ingress, name: string): string | undefined {
  return metadata.annotations?.[`${PREFIX}${name}`];
}

/** The class that an Ingress names, by field or by the older annotation. */
export function classOf({ spec, metadata }: Ingress): string | undefined {
  return spec?.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION];
}

/**
 * True when the cluster's controller serves an Ingress: its class has a controller that is played here, or is `nginx` and is
 * not somebody else's, or there is none at all and no class is the default one.
 */
export function isServed(ingress: Ingress, classes: readonly IngressClass[]): boolean {
  const name = classOf(ingress);
  if (name === undefined) {
    const standard = classes.find(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true');
    return standard === undefined || isPlayed(standard);
  }
  const known = classes.find((each) => nameOf(each) === name);
  return known === undefined ? name === BUILTIN_CLASS : isPlayed(known);
}

function isPlayed({ spec }: IngressClass): boolean {
  return CONTROLLERS.includes(spec?.controller ?? '');
}
