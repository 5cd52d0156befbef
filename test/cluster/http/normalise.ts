/** What differs from run to run, and the width of columns, taken out of what programs print. */
export function normalise(text: string): string {
  return (
    text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, '<uid>')
      .replaceAll(/\b(?:containerd:\/\/|sha256:)[0-9a-f]{64}/g, '<id>')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
      .replaceAll(
        /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d\d )?[A-Z][a-z]{2} [ \d]\d? ?[\d: ]*(?:[+-]\d{4})?(?: \d{4})?/g,
        '<time>',
      )
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000(?: UTC)?/g, '<time>')
      .replaceAll(/https:\/\/127\.0\.0\.1:\d+/g, '<server>')
      .replaceAll(/\b10\.(?:96|9[7-9]|10\d|11[01])\.\d+\.\d+/g, '<ip>')
      .replaceAll(/\b10\.244\.\d+\.\d+/g, '<pod-ip>')
      .replaceAll(/-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-<id>')
      .replaceAll(/(resourceVersion"?: ?)"\d+"/g, '$1"<rv>"')
      .replaceAll(/\/tmp\/[^\s"]+/g, '<path>')
      .replaceAll(
        /(?<![\w.])(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+(?:\.\d+)?m?s)?(?<=\d[ydhms])(?![\w.%])/g,
        '<age>',
      )
      .replaceAll('<invalid>', '<age>')
      .replaceAll(/\bpintle-\d\b/g, 'pintle-<n>')
      .replaceAll(/\b172\.18\.0\.\d\b/g, '<node-ip>')
      .replaceAll(/^(?:Waiting for .*|waiting for .*)\n/gm, '')
      .replaceAll(/(?:^==> .*\n(?:.+\n)+\n)+/gm, sortBlocks)
      .replaceAll(/modifiedAt=\d+/g, 'modifiedAt=<time>')
      .replaceAll(/Image size: \d+ bytes|in \d+(?:\.\d+)?m?s \([\d.]+m?s including waiting\)/g, '<pull>')
      // A client that is done with a watch may or may not get to reading its end.
      .replaceAll(/\n?^[IW]\d{4} .*"Warning: watch ended with error".*context canceled.*$/gm, '')
      .replaceAll(/^.*"?Deprecated: kubectl apply will no longer prune.*\n/gm, '')
      .replaceAll(/(?<=\S)[ \t]{2,}/g, '  ')
      .replaceAll(/[ \t]+$/gm, '')
  );
}

/** Helm shows the kinds of a release in any order. */
function sortBlocks(text: string): string {
  return text
    .split(/(?=^==> )/m)
    .sort()
    .join('');
}
