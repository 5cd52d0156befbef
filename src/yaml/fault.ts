/** A place in a text; line and column count from 0, offset and column in UTF-16 units. */
export interface Mark {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** Who found a fault: go-yaml counts lines differently for each. */
export type FaultOrigin = 'reader' | 'scanner' | 'parser' | 'decoder';

/** A fault in a YAML text. The message is the problem alone, {@link goMessage} the sentence that go-yaml makes of it. */
export class YamlFault extends Error {
  readonly origin: FaultOrigin;
  readonly mark: Mark | undefined;
  /** Where the construct around the fault begins. */
  readonly context: Mark | undefined;

  constructor(origin: FaultOrigin, problem: string, mark?: Mark, context?: Mark) {
    super(problem);
    this.name = 'YamlFault';
    this.origin = origin;
    this.mark = mark;
    this.context = context;
  }

  /**
   * The text of go-yaml's error. Its line is 1-based only for faults of the scanner that are not on the first line, 0-based
   * for those of the parser, and left out where it would be 0 (go-yaml: decode.go, parser.fail).
   */
  goMessage(): string {
    const line = this.#goLine();
    return `yaml: ${line === 0 ? '' : `line ${line}: `}${this.message}`;
  }

  #goLine(): number {
    if (this.origin !== 'scanner' && this.origin !== 'parser') return 0;
    const line = this.mark?.line ?? 0;
    if (line !== 0) return this.origin === 'scanner' ? line + 1 : line;
    return this.context?.line ?? 0;
  }
}

/** The faults of a document whose syntax is right (go-yaml's TypeError), such as a key that is set twice. */
export class YamlContentFault extends YamlFault {
  readonly problems: readonly string[];

  constructor(problems: readonly string[], mark: Mark | undefined) {
    super('decoder', `unmarshal errors:\n  ${problems.join('\n  ')}`, mark);
    this.problems = problems;
  }
}
