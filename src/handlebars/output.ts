import type { OutputRecorder } from '../base/template-engine.ts';
import type { ContentStatement, MustacheStatement, Statement, TemplateText } from './ast.ts';

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly source: string;
  readonly offset: number;
}

/** A node and the template that it stands in. */
interface Origin {
  readonly template: TemplateText;
  readonly node: Statement;
}

const lineStarts = new WeakMap<TemplateText, readonly number[]>();

/** The text that a run writes, and where it comes from if somebody wants to know. */
export class Output {
  text = '';
  readonly recorder: OutputRecorder | undefined;
  /** What a nested output has recorded. */
  readonly #segments: readonly Segment[];

  constructor(recorder?: OutputRecorder, segments: readonly Segment[] = []) {
    this.recorder = recorder;
    this.#segments = segments;
  }

  write(text: string, template: TemplateText, node: ContentStatement | MustacheStatement): void {
    const start = this.text.length;
    this.text += text;
    this.recorder?.record(start, this.text.length, template.name, offsetOf(template, node));
  }

  /** An output that is put into this one later, by {@link append}. */
  nested(name: string): Output {
    if (this.recorder === undefined) return new Output();
    if (this.recorder.nested !== undefined) return new Output(this.recorder.nested(name));
    const segments: Segment[] = [];
    const record = (start: number, end: number, source: string, offset: number): void => {
      segments.push({ start, end, source, offset });
    };
    return new Output({ record }, segments);
  }

  /** Adds the text of a nested output, every line of it behind `indent`. */
  append(inner: Output, indent: string, { template, node }: Origin): void {
    const start = this.text.length;
    const { text } = inner;
    inner.recorder?.finish?.(text);
    // An empty last line stays empty.
    const lineHeads = Array.from(text.matchAll(/^(?!$(?![\s\S]))/gm), ({ index }) => index);
    this.text += text.replaceAll(/^(?!$(?![\s\S]))/gm, indent);
    if (inner.recorder?.finish !== undefined) {
      this.recorder?.record(start, this.text.length, template.name, offsetOf(template, node));
      return;
    }
    const moved = (offset: number): number =>
      start + offset + indent.length * lineHeads.filter((head) => head <= offset).length;
    for (const segment of inner.#segments) {
      // The end is exclusive: the indent of a line that follows is not part of the segment.
      const end = moved(segment.end - 1) + 1;
      this.recorder?.record(moved(segment.start), end, segment.source, segment.offset);
    }
  }
}

/** The UTF-16 offset of a node in its template. */
export function offsetOf(template: TemplateText, node: Statement): number {
  let starts = lineStarts.get(template);
  if (starts === undefined) {
    starts = [0, ...Array.from(template.text.matchAll(/\n/g), ({ index }) => index + 1)];
    lineStarts.set(template, starts);
  }
  const { line, column } = node.loc.start;
  const offset = (starts[line - 1] ?? 0) + column;
  if (node.type !== 'ContentStatement') return offset;
  // Blanks that a tag has eaten are missing at the start of the text.
  return offset + Math.max(0, node.original.indexOf(node.value));
}
