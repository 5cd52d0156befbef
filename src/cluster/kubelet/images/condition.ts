/** What a case of a behaviour depends on; all that is said has to hold. */
export interface BehaviourCondition {
  /** Patterns by variable; one that is not set has the value ''. */
  readonly env?: Readonly<Record<string, string>>;
  /** Patterns; each has to fit one of the words of the command line. */
  readonly args?: readonly string[];
  /** Patterns by path, over the content of mounted files; that of a file that is not there is ''. */
  readonly files?: Readonly<Record<string, string>>;
  /** At least one of these does not answer: `db:5432`, `$(DATABASE_URL)`, `$(--server)` of the command line. */
  readonly unreachable?: readonly string[];
  /** All of these answer. */
  readonly reachable?: readonly string[];
  /** More requests a second come to the container. */
  readonly requestsAbove?: number;
}

/** What conditions are looked at with. */
export interface ConditionPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  /** The content of a mounted file; undefined when there is none. */
  read(path: string): string | undefined;
  dial(host: string, port: number): boolean;
  /** Requests that come a second. */
  requests(): number;
}

/** True if the condition depends on things that change while a container runs. */
export function isChanging({ unreachable, reachable, requestsAbove }: BehaviourCondition): boolean {
  return unreachable !== undefined || reachable !== undefined || requestsAbove !== undefined;
}

/** The part of a condition that is decided when a container starts. */
export function holdsAtStart({ env = {}, args = [], files = {} }: BehaviourCondition, place: ConditionPlace): boolean {
  return (
    Object.entries(env).every(([name, pattern]) => fits(pattern, valueOf(place.env, name))) &&
    args.every((pattern) => fitsAny(pattern, place.words)) &&
    Object.entries(files).every(([path, pattern]) => fits(pattern, place.read(path) ?? ''))
  );
}

/** The part of a condition that may change from one moment to the next. */
export function holdsNow(
  { unreachable, reachable, requestsAbove }: BehaviourCondition,
  place: ConditionPlace,
): boolean {
  return (
    (unreachable === undefined || !unreachable.every((target) => answers(target, place))) &&
    (reachable === undefined || reachable.every((target) => answers(target, place))) &&
    (requestsAbove === undefined || place.requests() > requestsAbove)
  );
}

function valueOf(env: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(env, name) ? (env[name] ?? '') : '';
}

/** The value of an option: `--name=value`, or the word behind it; '' when it is not given. */
function optionOf(words: readonly string[], name: string): string {
  const at = words.indexOf(name);
  if (at !== -1) return words[at + 1] ?? '';
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

/** `*` stands for any text; `!` in front turns it round. */
function fits(pattern: string, text: string): boolean {
  const negative = pattern.startsWith('!');
  return expressionOf(negative ? pattern.slice(1) : pattern).test(text) !== negative;
}

/** A pattern that is turned round must fit no word at all. */
function fitsAny(pattern: string, words: readonly string[]): boolean {
  if (pattern.startsWith('!')) return words.every((word) => fits(pattern, word));
  return words.some((word) => fits(pattern, word));
}

const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  let expression = expressions.get(pattern);
  if (expression === undefined) {
    const source = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
    expression = new RegExp(`^${source.join('.*')}$`, 's');
    if (expressions.size > 1000) expressions.clear();
    expressions.set(pattern, expression);
  }
  return expression;
}

/** Ports of the servers that URLs name by their scheme. */
const SCHEME_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  mariadb: 3306,
  redis: 6379,
  rediss: 6379,
  valkey: 6379,
  mongodb: 27_017,
  amqp: 5672,
  amqps: 5671,
  nats: 4222,
  kafka: 9092,
  memcached: 11_211,
};

/**
 * `db:5432`, `postgres://user:secret@db/shop`, or either with variables as `$(NAME)` and options as `$(--name)`; what names no host
 * does not answer.
 */
function answers(target: string, place: ConditionPlace): boolean {
  const text = target
    .replace(/\$\(([^)]+)\)/g, (_, name: string) =>
      name.startsWith('-') ? optionOf(place.words, name) : valueOf(place.env, name),
    )
    .trim();
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/?#,\s]+)(?::(\d+))?/i.exec(text);
  if (match === null) return false;
  const [, scheme = '', host = '', port] = match;
  const plain = /^[^+]*/.exec(scheme.toLowerCase())?.[0] ?? '';
  return place.dial(host.replace(/^\[|\]$/g, ''), port === undefined ? (SCHEME_PORTS[plain] ?? 80) : Number(port));
}
