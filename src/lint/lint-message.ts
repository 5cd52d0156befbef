import type { SourceLocation } from '../base/source.ts';

/** How much a finding weighs; with `--strict` warnings count as errors. */
export type LintSeverity = 'INFO' | 'WARNING' | 'ERROR';

/** What a rule found. Texts are Helm's. */
export interface LintMessage {
  readonly severity: LintSeverity;
  /** The file or folder inside the chart; rules on the whole chart name the chart's folder. */
  readonly path: string;
  readonly message: string;
  /** The place in the file, where it is known. */
  readonly location?: SourceLocation;
}

/** Collects what the rules find, in their order. */
export class LintFindings {
  readonly messages: LintMessage[] = [];

  /** Keeps a finding; undefined is none. Answers whether there was none. */
  check(severity: LintSeverity, path: string, message: string | undefined, location?: SourceLocation): boolean {
    if (message === undefined) return true;
    this.messages.push({ severity, path, message, ...(location === undefined ? {} : { location }) });
    return false;
  }
}

/** `[WARNING] templates/web.yaml: …` */
export function formatLintMessage({ severity, path, message }: LintMessage): string {
  return `[${severity}] ${path}: ${message}`;
}
