import { positionAt, type SourceLocation } from '../../base/source.ts';
import { splitManifests } from '../../yaml/split.ts';
import { alignOutput } from './align-output.ts';
import type { RenderTrace } from './render-trace.ts';
import { statementText } from './statement-text.ts';
import type { Segment, Step, TracedOutput } from './traced-output.ts';
import type { ValueRead } from './watch-values.ts';

/** A statement on the way to some output. */
interface OriginFrame {
  /** `include "web.labels"`, `if`, … as it stands in the template. */
  readonly code: string;
  readonly location: SourceLocation;
}

/** A block that had to run, or had to go a certain way, for some output to be there. */
interface OriginCondition extends OriginFrame {
  readonly reads: readonly ValueRead[];
}

/** Where a part of the output comes from. */
export interface Origin {
  /** Text of the template itself, or the result of an action. */
  readonly kind: 'text' | 'action';
  readonly location: SourceLocation;
  /** The action, or the line of text. */
  readonly code: string;
  /** The calls that led there, from the inside. */
  readonly calls: readonly OriginFrame[];
  /** Values that the action read. */
  readonly reads: readonly ValueRead[];
  /** The blocks around it, from the inside. */
  readonly conditions: readonly OriginCondition[];
}

/** Leads from what a render wrote back to the templates. */
export class SourceMap {
  readonly #trace: RenderTrace;

  constructor(trace: RenderTrace) {
    this.#trace = trace;
  }

  /** The origins of a part of a template's output, in its order; UTF-16 offsets. */
  origins(template: string, start: number, end: number): readonly Origin[] {
    const output = this.#trace.outputs.get(template);
    if (output === undefined) return [];
    const offsets = offsetsWithNoValue(output.text);
    const from = offsets(start, false);
    return this.#collect(output, from, Math.max(from + 1, offsets(end, true)));
  }

  /** {@link origins} of one character. */
  originAt(template: string, offset: number): Origin | undefined {
    return this.origins(template, offset, offset + 1)[0];
  }

  #collect(output: TracedOutput, start: number, end: number): Origin[] {
    const found: Origin[] = [];
    for (const segment of segmentsIn(output.segments, start, end)) {
      const from = Math.max(start, segment.start);
      const to = Math.min(end, segment.end);
      found.push(...(this.#inside(output, segment, from, to) ?? [this.#origin(output, segment, from)]));
    }
    return found;
  }

  /** The origins inside of what an include gave, if the output still shows it. */
  #inside(output: TracedOutput, segment: Segment, from: number, to: number): Origin[] | undefined {
    if (segment.isText || segment.step === undefined) return undefined;
    const written = output.text.slice(segment.start, segment.end);
    for (const nested of segment.step.nested) {
      const align = alignOutput(written, nested.text);
      const start = align(from - segment.start);
      if (start === undefined) continue;
      // The last character, so that a line's end does not reach into the next one.
      const last = align(to - 1 - segment.start);
      const end = last === undefined || last < start ? start + 1 : last + 1;
      const inner = this.#collect(nested, start, end);
      if (inner.length > 0) return inner;
    }
    return undefined;
  }

  #origin(output: TracedOutput, segment: Segment, from: number): Origin {
    const { step, source, isText } = segment;
    const text = this.#text(source, output);
    const offset = isText ? segment.offset + (from - segment.start) : segment.offset;
    const location = placeIn(source, text, isText ? offset : statementText(text ?? '', offset).start);
    const code = isText ? lineAt(text ?? '', offset) : statementText(text ?? '', offset).code;
    const around = isText ? step : step?.parent;
    return {
      kind: isText ? 'text' : 'action',
      location,
      code,
      calls: callsAround(around),
      reads: isText ? [] : readsOf(step),
      conditions: conditionsAround(around),
    };
  }

  /** The text of a source; text given to `tpl` is known to the output alone. */
  #text(source: string, output: TracedOutput): string | undefined {
    return output.sourceText ?? this.#trace.sourceText(source);
  }
}

/** Where a step's statement stands. */
export function stepPlace(step: Step): OriginFrame {
  const { source, text, offset } = step.statement;
  const { start, code } = statementText(text, offset);
  return { code, location: placeIn(source, text, start) };
}

/** Where the documents of a rendered text begin in it, with their text. */
export function documentsIn(text: string): readonly { readonly content: string; readonly start: number }[] {
  let at = 0;
  return splitManifests(text).map((content) => {
    const start = text.indexOf(content, at);
    at = start + content.length;
    return { content, start };
  });
}

/** What a step read; if it read nothing, the nearest call around it, through whose arguments values come in. */
function readsOf(step: Step | undefined): readonly ValueRead[] {
  if (step === undefined) return [];
  const own = step.sources.length > 0 ? step.sources : step.allReads;
  if (own.length > 0) return own;
  for (let call = callAround(step.parent); call !== undefined; call = callAround(call.parent)) {
    if (call.sources.length > 0) return call.sources;
  }
  return [];
}

function isCall({ statement }: Step): boolean {
  return statement.kind === 'action' || statement.kind === 'template';
}

function callAround(step: Step | undefined): Step | undefined {
  let outer = step;
  while (outer !== undefined && !isCall(outer)) outer = outer.parent;
  return outer;
}

function callsAround(step: Step | undefined): OriginFrame[] {
  const calls: OriginFrame[] = [];
  for (let outer = step; outer !== undefined; outer = outer.parent) if (isCall(outer)) calls.push(stepPlace(outer));
  return calls;
}

function conditionsAround(step: Step | undefined): OriginCondition[] {
  const out: OriginCondition[] = [];
  for (let outer = step; outer !== undefined; outer = outer.parent) {
    if (!isCall(outer))
      out.push({ ...stepPlace(outer), reads: outer.element === undefined ? outer.reads : [outer.element] });
  }
  return out;
}

function placeIn(file: string, text: string | undefined, offset: number): SourceLocation {
  return text === undefined ? { file } : { file, ...positionAt(text, offset), source: text };
}

function lineAt(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, end === -1 ? text.length : end).trim();
}

/** The segments that overlap a part of the output; segments stand in its order. */
function segmentsIn(segments: readonly Segment[], start: number, end: number): readonly Segment[] {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  const out: Segment[] = [];
  for (let i = low; i < segments.length; i += 1) {
    const segment = segments[i];
    if (segment === undefined || segment.start >= end) break;
    out.push(segment);
  }
  return out;
}

const NO_VALUE = '<no value>';

/** Leads from offsets in a text without `<no value>` to those in the text with it; `behind`: past one that stands just there. */
function offsetsWithNoValue(text: string): (offset: number, behind: boolean) => number {
  if (!text.includes(NO_VALUE)) return (offset) => offset;
  const cuts: number[] = [];
  for (let i = text.indexOf(NO_VALUE); i !== -1; i = text.indexOf(NO_VALUE, i + NO_VALUE.length)) cuts.push(i);
  return (offset, behind) => {
    let moved = offset;
    for (const cut of cuts) {
      if (behind ? cut > moved : cut >= moved) break;
      moved += NO_VALUE.length;
    }
    return moved;
  };
}
