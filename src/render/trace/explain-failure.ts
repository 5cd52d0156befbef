import { PintleError } from '../../base/errors.ts';
import { formatLocation } from '../../base/source.ts';
import { printJson, plainValues } from '../../handlebars/value-adapter.ts';
import { isMap } from '../../values/copy-values.ts';
import type { RenderTrace } from './render-trace.ts';
import { documentsIn, SourceMap } from './source-map.ts';
import { valuePathText, type ValuePath } from './value-path.ts';
import type { ValueOriginFinder } from './value-origins.ts';
import type { ValueRead } from './watch-values.ts';

const LONGEST_VALUE = 60;
const MOST_VALUES = 3;

/**
 * What the values have to do with a failure: `.Values.a.b is null in web/values.yaml:12`. Undefined if nothing is known.
 *
 * @param trace of the render that failed
 */
export function valueHint(trace: RenderTrace, origins: ValueOriginFinder): string | undefined {
  const step = trace.failedAt;
  if (step === undefined) return undefined;
  const last = trace.lastRead;
  if (last !== undefined && (last.value === undefined || last.value === null)) return sentence(last, origins);
  const { sources } = step;
  const [only] = sources;
  return sources.length === 1 && only !== undefined ? sentence(only, origins) : undefined;
}

function sentence({ path, value }: ValueRead, origins: ValueOriginFinder): string {
  const name = valuePathText(path);
  const [origin] = origins(path);
  if (value === undefined && origin?.value !== null) return `${name} is not set${nearest(path, origins)}`;
  const what = describe(value);
  if (origin === undefined) return `${name} is ${what}`;
  return `${name} is ${what} in ${origin.location === undefined ? origin.name : formatLocation(origin.location)}`;
}

/** The next map above that is set somewhere. */
function nearest(path: ValuePath, origins: ValueOriginFinder): string {
  for (let length = path.length - 1; length > 0; length -= 1) {
    const [origin] = origins(path.slice(0, length));
    if (origin === undefined) continue;
    const place = origin.location === undefined ? origin.name : formatLocation(origin.location);
    const keys = isMap(origin.value) ? Object.keys(origin.value) : [];
    const known = keys.length === 0 ? 'is empty' : `has ${keys.slice(0, 8).join(', ')}${keys.length > 8 ? ', …' : ''}`;
    return `; ${valuePathText(path.slice(0, length))} in ${place} ${known}`;
  }
  return '';
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isMap(value)) return 'a map';
  const text = printJson(value, plainValues);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/**
 * An error of a rendered document with the place in the template that its line comes from; the line itself follows as
 * related error.
 *
 * @param error points into a document of the template's output
 * @param trace of the render that gave it
 */
export function templatePlace(error: PintleError, trace: RenderTrace, values: ValueOriginFinder): PintleError {
  const { location } = error;
  const output = location === undefined ? undefined : trace.outputs.get(location.file);
  if (location?.source === undefined || output === undefined) return error;
  const text = output.text.replaceAll('<no value>', '');
  const document = documentsIn(text).find(({ content }) => content === location.source?.trimEnd());
  if (document === undefined) return error;
  const offset = document.start + lineStart(document.content, location.line ?? 1);
  // The line as a whole: where a parser gives up is seldom what is wrong.
  const end = text.indexOf('\n', offset);
  const blank = /^\s*/.exec(text.slice(offset, end === -1 ? text.length : end))?.[0].length ?? 0;
  const map = new SourceMap(trace);
  const origins = map.origins(location.file, offset + blank, Math.max(offset + blank + 1, end));
  const origin =
    origins.find(({ reads }) => reads.length > 0) ?? origins.find(({ kind }) => kind === 'action') ?? origins[0];
  if (origin === undefined) return error;
  const rendered = { ...location, file: `${location.file} as rendered` };
  return new PintleError(error.code, error.message, {
    location: origin.location,
    trace: origin.calls.map(({ code, location: place }) => ({ text: `in ${code}`, location: place })),
    related: [new PintleError(error.code, 'the rendered line', { location: rendered })],
    ...(origin.reads.length === 0
      ? {}
      : {
          hint: origin.reads
            .slice(0, MOST_VALUES)
            .map((read) => sentence(read, values))
            .join('; '),
        }),
    cause: error,
  });
}

function lineStart(text: string, line: number): number {
  let start = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf('\n', start);
    if (end === -1) break;
    start = end + 1;
  }
  return start;
}
