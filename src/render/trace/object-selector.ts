import { PintleError } from '../../base/errors.ts';

/** A step into a manifest; `by`: the element of a list whose field has a value. */
export type FieldStep = string | number | { readonly by: string; readonly value: string };

/** An object of a release as a user names it: `Deployment/web.spec.template.spec.containers[0].image`. */
export interface ObjectSelector {
  readonly kind: string;
  /** The name with the path behind it: both may hold dots, the names that exist tell them apart. */
  readonly rest: string;
}

/** @throws PintleError `usage` */
export function parseObjectSelector(text: string): ObjectSelector {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) {
    throw new PintleError('usage', `cannot explain ${JSON.stringify(text)}: not of the form KIND/NAME[.path]`, {
      hint: 'for example Deployment/web.spec.replicas',
    });
  }
  return { kind: text.slice(0, slash), rest: text.slice(slash + 1) };
}

/** The path behind an object's name; undefined if the selector means another object. */
export function pathBehind(
  { kind, rest }: ObjectSelector,
  object: { readonly kind: string; readonly name: string },
): string | undefined {
  if (object.kind.toLowerCase() !== kind.toLowerCase() || !rest.startsWith(object.name)) return undefined;
  const behind = rest.slice(object.name.length);
  return behind === '' || behind.startsWith('.') || behind.startsWith('[') ? behind : undefined;
}

const STEP = /\.([^.[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*"|'[^']*')\]|\[([^=\]]+)=([^\]]*)\]/gy;

/**
 * A path such as `.spec.containers[0].image`, `.metadata.labels["a.b/c"]` or `.env[name=PORT].value`.
 *
 * @throws PintleError `usage`
 */
export function parseFieldPath(text: string): FieldStep[] {
  const steps: FieldStep[] = [];
  let end = 0;
  for (const match of text.matchAll(STEP)) {
    const [whole, key, index, quoted, by, value] = match;
    end += whole.length;
    if (key !== undefined) steps.push(key);
    else if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(unquote(quoted));
    else steps.push({ by: by ?? '', value: value ?? '' });
  }
  if (end !== text.length) {
    throw new PintleError(
      'usage',
      `cannot read the path ${JSON.stringify(text)} from ${JSON.stringify(text.slice(end))} on`,
      {
        hint: 'write keys with dots or slashes as ["app.kubernetes.io/name"]',
      },
    );
  }
  return steps;
}

function unquote(text: string): string {
  return text.startsWith("'") ? text.slice(1, -1) : String(JSON.parse(text));
}

/** A path as {@link parseFieldPath} reads it. */
export function fieldPathText(path: readonly (string | number)[]): string {
  return path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[^.[\]"'\s]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join('');
}
