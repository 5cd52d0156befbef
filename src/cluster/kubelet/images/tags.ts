import type { ImageBehaviour } from './behaviour.ts';

/** Tags that people write to see a pull fail. */
const NONSENSE =
  /(?:^|[-_.])(?:does-?not-?exist|doesnt-?exist|non-?existent|not-?found|no-?such[\w.-]*|nope|missing|bogus)(?:$|[-_.])/i;

/** A version: digits with dots, at the start or behind a separator. */
const VERSION = /(?:^|[-_.])v?(\d+)(?:[._]\d+)*/;

/** What tags without a version are made of: channels, base systems, variants, processors. */
const WORDS: ReadonlySet<string> = new Set(
  (
    'latest stable edge main master mainline dev devel develop nightly canary next current rolling release lts ' +
    'alpine slim debian ubuntu bookworm bullseye buster trixie forky sid jammy focal noble bionic rawhide scratch distroless ' +
    'perl otel apache fpm cli zts jdk jre management musl glibc uclibc full minimal core contrib debug nonroot root base ' +
    'unprivileged amd64 arm64 arm64v8 arm32v7 linux openssl browsers community enterprise oss experimental hardened rootless ' +
    'windowsservercore nanoserver ltsc sentinel cluster server client agent operator bash ash tools k8s rhel ubi fedora centos stretch'
  ).split(' '),
);

/** True if a registry has the tag of an image: nonsense has nobody, and well-known images have versions. */
export function tagExists(tag: string, behaviour: ImageBehaviour, wellKnown: boolean): boolean {
  if (behaviour.tags !== undefined) return behaviour.tags.includes(tag);
  if (NONSENSE.test(tag)) return false;
  if (!wellKnown) return true;
  const version = VERSION.exec(tag);
  if (version !== null) return isReleased(version[1] ?? '', behaviour.maxMajor);
  return tag
    .toLowerCase()
    .split(/[-_.]/)
    .every((word) => WORDS.has(word) || /^(?:[0-9a-f]{7,40}|sha)$/.test(word));
}

/** Dates and build numbers of eight digits or more pass. */
function isReleased(major: string, maxMajor: number | undefined): boolean {
  return maxMajor === undefined || major.length >= 8 || Number(major) <= maxMajor;
}
