const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const DOMAIN_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])`;
const REFERENCE = new RegExp(
  `^(?:${HOST}(?::[0-9]+)?/)?${COMPONENT}(?:/${COMPONENT})*(?::([\\w][\\w.-]{0,127}))?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

/** The tag that an image name means: `latest` when it has neither tag nor digest, '' when it cannot be read. */
export function imageTag(image: string): string {
  const match = REFERENCE.exec(image);
  if (match === null) return '';
  return match[1] ?? (match[2] === undefined ? 'latest' : '');
}

/** When an image is pulled if nobody says: always if the name may mean another image tomorrow. */
export function defaultPullPolicy(image: string | undefined): string {
  return imageTag(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent';
}
