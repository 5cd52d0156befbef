import { basename, join, resolve } from 'node:path';
import { decodeUtf8, encodeUtf8 } from '../base/go-string.ts';
import type { Chart } from '../chart/chart.ts';
import { createChart } from '../chart/create-chart.ts';
import { loadChart } from '../chart/load-chart.ts';
import { metadataText } from '../chart/metadata-text.ts';
import { savePackage } from '../chart/package-chart.ts';
import { crdObjects } from '../chart/crds.ts';
import { PintleError } from '../base/errors.ts';
import { chartPath, checkDependencies } from './chart-input.ts';
import { type FetchFlags, locate } from './fetch-flags.ts';
import type { Io } from './io.ts';
import type { SigningFlags } from './run-verify.ts';
import type { GlobalOptions } from './settings.ts';

/** The flags of create. */
export interface CreateFlags extends GlobalOptions {
  readonly starter?: string;
}

/** Writes a new chart. */
export async function runCreate(io: Io, name: string, flags: CreateFlags): Promise<void> {
  io.stdout(`Creating ${name}\n`);
  await createChart(resolve(io.cwd, name), {
    ...(flags.starter === undefined ? {} : { starter: resolve(io.cwd, flags.starter) }),
    warn: (message) => io.stderr(`${message}\n`),
  });
}

/** The flags of package. */
export interface PackageFlags extends GlobalOptions, Omit<FetchFlags, 'version'>, SigningFlags {
  readonly destination: string;
  readonly version?: string;
  readonly appVersion?: string;
  readonly dependencyUpdate?: boolean;
  readonly sign?: boolean;
}

/** Packages charts. */
export async function runPackage(io: Io, paths: readonly string[], flags: PackageFlags): Promise<void> {
  if (flags.sign === true && (flags.key ?? '') === '') {
    throw new PintleError('usage', '--key is required for signing a package', {
      hint: 'name a part of the name of the key, as in --key anna@example.com',
    });
  }
  for (const path of paths) {
    const folder = resolve(io.cwd, path);
    if (flags.dependencyUpdate === true) {
      const { bringDependencies } = await import('./run-dependency.ts');
      await bringDependencies({ ...io, stdout: () => {} }, 'update', folder, flags);
    }
    const chart = await loadChart(folder);
    checkDependencies(chart);
    const saved = await savePackage(chart, resolve(io.cwd, flags.destination), {
      ...(flags.version === undefined ? {} : { version: flags.version }),
      ...(flags.appVersion === undefined ? {} : { appVersion: flags.appVersion }),
    });
    if (flags.sign === true) await (await import('./run-verify.ts')).signPackage(io, saved, flags);
    const shown = flags.destination === '.' ? saved : join(flags.destination, basename(saved));
    io.stdout(`Successfully packaged chart and saved it to: ${shown}\n`);
  }
}

/** What of a chart is shown. */
export type ShowPart = 'all' | 'chart' | 'values' | 'readme' | 'crds';

/** Prints parts of a chart. helm: pkg/action/show.go. */
export async function runShow(io: Io, part: ShowPart, path: string, flags: ShowFlags): Promise<void> {
  const chart = await loadChart(chartPath(io, await locate(io, path, flags)));
  if (part === 'values' && flags.jsonpath !== undefined && flags.jsonpath !== '') {
    const { jsonPathText } = await import('./json-path-text.ts');
    io.stdout(encodeUtf8(jsonPathText(flags.jsonpath, chart.values, (message) => io.stderr(`Warning: ${message}\n`))));
    return;
  }
  io.stdout(encodeUtf8(showText(chart, part)));
}

/** The flags of show. */
export interface ShowFlags extends GlobalOptions, FetchFlags {
  readonly jsonpath?: string;
}

const README = /^readme(?:\.md|\.txt)?$/i;

function showText(chart: Chart, part: ShowPart): string {
  const all = part === 'all';
  const rule = all ? '---\n' : '';
  let out = '';
  if (all || part === 'chart') out += `${metadataText(chart.metadata)}\n`;
  if (all || part === 'values') {
    const values = chart.raw.find(({ name }) => name === 'values.yaml');
    out += rule + (values === undefined ? '' : `${decodeUtf8(values.data)}\n`);
  }
  if (all || part === 'readme') {
    const readme = chart.files.find(({ name }) => README.test(name));
    if (readme !== undefined) out += `${rule}${decodeUtf8(readme.data)}\n`;
  }
  if (all || part === 'crds') {
    for (const { data } of crdObjects(chart)) {
      const text = decodeUtf8(data);
      out += `${text.startsWith('---') ? '' : '---\n'}${text}\n`;
    }
  }
  return out;
}
