// Registries that mirror the binaries of one platform only make npm leave the other platforms out of package-lock.json,
// and `npm ci` then refuses the file. This adds them back as npm writes them on a full registry, without their checksums.
import { readFileSync, writeFileSync } from 'node:fs';

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'sunos', 'aix', 'win32', 'openharmony'];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'loong64', 'mips64el'];

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
const packages = lock.packages;
let added = 0;
for (const [owner, entry] of Object.entries(packages)) {
  if (owner === '') continue;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const wanted = version.replace(/^[\^~=]/, '');
    const locked = lockedVersion(owner, name);
    if (locked === wanted || (locked !== undefined && version !== wanted)) continue;
    const platform = platformOf(name);
    if (platform === undefined) {
      console.error(`${owner}: cannot tell the platform of ${name}`);
      process.exitCode = 1;
      continue;
    }
    const place = locked === undefined ? name : `${owner.slice('node_modules/'.length)}/node_modules/${name}`;
    packages[`node_modules/${place}`] = {
      version: wanted,
      ...platform,
      ...(entry.dev === true ? { dev: true } : {}),
      optional: true,
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages of other platforms added`);

function lockedVersion(owner, name) {
  for (let folder = owner; ; ) {
    const found = packages[`${folder}${folder === '' ? '' : '/'}node_modules/${name}`];
    if (found !== undefined) return found.version;
    if (folder === '') return undefined;
    const cut = folder.lastIndexOf('node_modules/');
    folder = cut <= 0 ? '' : folder.slice(0, cut - 1);
  }
}

function platformOf(name) {
  const words = name.split(/[-/_]/);
  const os = SYSTEMS.filter((each) => words.includes(each) || (each === 'win32' && words.includes('windows')));
  const cpu = PROCESSORS.filter(
    (each) =>
      words.includes(each) ||
      (each === 'arm' && words.includes('arm32')) ||
      (each === 'arm64' && words.includes('aarch64')),
  );
  if (os.length === 0 && cpu.length === 0) return undefined;
  const libc = name.includes('musl') ? ['musl'] : [];
  return { ...(cpu.length > 0 ? { cpu } : {}), ...(os.length > 0 ? { os } : {}), ...(libc.length > 0 ? { libc } : {}) };
}
