/**
 * Takes out of a session what is drawn by lot (names, addresses, identities), what kubectl itself reckons from the machine's
 * clock (the events of `describe` and `events`), and the width of columns, which hangs on both.
 */
export function tidy(text: string): string {
  return (
    text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, '<uid>')
      .replaceAll(/\b(?:containerd:\/\/|sha256:)[0-9a-f]{64}/g, '<id>')
      .replaceAll(/https:\/\/127\.0\.0\.1:\d+/g, '<server>')
      .replaceAll(/\b10\.(?!96\.0\.1\b)(?:9[6-9]|10\d|11[01])\.\d+\.\d+/g, '<ip>')
      .replaceAll(/\b10\.244\.\d+\.\d+/g, '<pod-ip>')
      .replaceAll(/\b172\.18\.0\.\d\b/g, '<node-ip>')
      .replaceAll(/-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-<id>')
      .replaceAll(/-[bcdfghjklmnpqrstvwxz2456789]{8,10}(?=-<id>|\b)/g, '-<hash>')
      .replaceAll(/\bpintle-\d\b/g, 'pintle-<n>')
      .replaceAll(/(resourceVersion"?: ?)"\d+"/g, '$1"<rv>"')
      .replaceAll(/(Resource Version: +)\d+/g, '$1<rv>')
      .replaceAll(/(?<=\d:)3(?!0080)\d{4}(?=\/TCP)/g, '<port>')
      .replaceAll(/(NodePort: +(?:\S+ +)?)3(?!0080)\d{4}/g, '$1<port>')
      .replaceAll(/\/tmp\/[^\s"]+/g, '<path>')
      .replaceAll(/^(---|\+\+\+) <path>\t.*$/gm, '$1 <path>')
      // Since the session's day, by the machine's clock.
      .replaceAll(/(?<![\w.-])(?:\d+y(?:\d+d)?|\d{2,}d)(?![\w.-])/g, '<ago>')
      .replaceAll(/Image size: \d+ bytes|in \d+(?:\.\d+)?m?s \([\d.]+m?s including waiting\)/g, '<pull>')
      .replaceAll(/^(?:Waiting for .*|waiting for .*)\n/gm, '')
      .replaceAll(/^.*"?Deprecated: kubectl apply will no longer prune.*\n/gm, '')
      .replaceAll(/^\$ kubectl (?:top|get pods\.metrics).*\n(?:.+\n)+/gm, withoutAmounts)
      .replaceAll(/(?<=\S)[ \t]{2,}/g, '  ')
      .replaceAll(/[ \t]+$/gm, '')
  );
}

/** What pods use hangs on their names. */
function withoutAmounts(text: string): string {
  return text
    .replaceAll(/\b\d+m\b/g, '<cpu>')
    .replaceAll(/\b\d+[KM]i\b/g, '<memory>')
    .replaceAll(/\b\d+%/g, '<percent>');
}
