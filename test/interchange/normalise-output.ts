/** What differs between two runs of the same program: instants, what is counted from them, and names given by chance. */
export function withoutChance(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<time>')
    .replaceAll(/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, '<time>')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000 UTC[ \t]*/g, '<time> ')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, '<uid>')
    .replaceAll(/(resourceVersion"?: ?)"\d+"/g, '$1"<version>"')
    .replaceAll(/(modifiedAt(?:=|"?: ?"))\d+/g, '$1<seconds>')
    .replaceAll(/\b10\.(?:96|9[7-9]|10\d|11[01])\.\d+\.\d+/g, '<address>')
    .replaceAll(/-\d{10}\b/g, '-<seconds>')
    .replaceAll(/(-web-\w{8,10})-\w{5}\b/g, '$1-<random>');
}

/** Standard output without what differs from run to run; otherwise to the byte. */
export function normaliseOutput(text: string): string {
  return withoutChance(text)
    .replaceAll(/(UPDATED(?:\u001b\[22m)?) +\t/g, '$1\t')
    .replaceAll(/(?<= )(?:<invalid>|(?:\d+[dhms])+)$/gm, '<age>');
}

/**
 * What a program says on standard error, brought to one form: lines of logs as `warning: text`, names of the programs, and
 * without what Pintle adds (docs/helm-differences.md): on which cluster it works, how far a wait is, where a fault is, why an
 * object is not ready, and what to do.
 */
export function normaliseErrors(text: string): string {
  return (
    withoutChance(text)
      // What helm's libraries tell of a watch that was ended.
      .replaceAll(/^[IWE]\d{4} .* reflector\.go:\d+\] .*\n/gm, '')
      // Helm logs a failure, and then tells it.
      .replaceAll(/^level=WARN msg="(?:upgrade failed|Rollback \\"[^"]*\\" failed: (?:[^"\\]|\\.)*)".*\n/gm, '')
      .replaceAll(
        /^level=WARN msg="command failed" error="((?:[^"\\]|\\.)*)"$/gm,
        (_, said: string) => `Error: ${unquote(said)}`,
      )
      .replaceAll(/^level=WARN msg="((?:[^"\\]|\\.)*)".*$/gm, (_, said: string) => `warning: ${unquote(said)}`)
      .replaceAll(/^I\d{4} .* warnings\.go:\d+\] "Warning: (.*)"$/gm, (_, said: string) => `warning: ${unquote(said)}`)
      .replaceAll(/^level=(?:DEBUG|INFO|ERROR) .*\n/gm, '')
      .replaceAll(/^Warning: /gm, 'warning: ')
      .replaceAll(/^on (?:context|embedded cluster|https:) ?.*\n/gm, '')
      .replaceAll(/^ {2}.*\n/gm, '')
      .replaceAll(CAUSES, '')
      .replaceAll(/https:\/\/127\.0\.0\.1:\d+/g, '<server>')
      .replaceAll(/\/tmp\/(?:pintle|helm)-served-\w+/g, '<folder>')
      .replaceAll('pintle', 'helm')
  );
}

/** What Pintle adds to Helm's line about an object that is not ready: why. */
export const CAUSES =
  / \((?:BackoffLimitExceeded|DeadlineExceeded|pod|job|persistentvolumeclaim)\b.*?\)(?= \(|\n|$|\\n|",)/g;

function unquote(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
