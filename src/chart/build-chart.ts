import { PintleError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import { newObject } from '../base/json.ts';
import type { SourceLocation } from '../base/source.ts';
import { findNode, fromYaml, locate, parseDocuments } from '../yaml/index.ts';
import type { Chart, ChartFile, ChartLock, ChartMetadata } from './chart.ts';
import { CHART_BASE, LOCK, METADATA } from './chart-types.ts';
import { DecodeFault, decodeStruct, type GoStruct } from './decode-struct.ts';
import type { ChartLimits } from './limits.ts';
import { parseValues } from './parse-values.ts';
import { validateMetadata } from './validate-metadata.ts';
import { goQuote } from '../base/go-quote.ts';

interface BuildOptions {
  readonly limits: Required<ChartLimits>;
  readonly warn?: ((message: string) => void) | undefined;
  /** Loaded as part of another chart. */
  readonly isSubchart?: boolean;
}

/**
 * Makes a chart of its files. helm: pkg/chart/v2/loader/load.go, LoadFiles.
 *
 * @throws PintleError `chart-invalid`, `chart-archive-unsafe`, `yaml-syntax`
 */
export async function buildChart(files: readonly ChartFile[], origin: string, options: BuildOptions): Promise<Chart> {
  const builder = new ChartBuilder(origin, options);
  builder.take(files);
  return await builder.finish();
}

class ChartBuilder {
  readonly #origin: string;
  readonly #options: BuildOptions;
  readonly #templates: ChartFile[] = [];
  readonly #files: ChartFile[] = [];
  readonly #raw: ChartFile[] = [];
  /** What lies in charts/, by the first part of the path. */
  readonly #children = new Map<string, ChartFile[]>();
  #metadata: Record<string, unknown> | undefined;
  #chartYaml: ChartFile | undefined;
  #requirements: ChartFile | undefined;
  #lock: ChartLock | undefined;
  #values: Record<string, unknown> = newObject();
  #schema: Uint8Array | undefined;

  constructor(origin: string, options: BuildOptions) {
    this.#origin = origin;
    this.#options = options;
  }

  take(files: readonly ChartFile[]): void {
    for (const file of files) {
      this.#raw.push(file);
      if (file.name === 'Chart.yaml') this.#takeMetadata(file);
    }
    for (const file of files) this.#sort(file);
  }

  async finish(): Promise<Chart> {
    const metadata = this.#validated();
    const subcharts: Chart[] = [];
    for (const [name, files] of this.#children) {
      if (name.startsWith('_') || name.startsWith('.')) continue;
      subcharts.push(await this.#subchart(name, files, metadata.name));
    }
    return {
      metadata,
      ...(this.#lock === undefined ? {} : { lock: this.#lock }),
      values: this.#values,
      ...(this.#schema === undefined ? {} : { schema: this.#schema }),
      templates: this.#templates,
      files: this.#files,
      raw: this.#raw,
      subcharts,
      origin: this.#origin,
    };
  }

  #takeMetadata(file: ChartFile): void {
    this.#chartYaml = file;
    if (this.#options.isSubchart !== true) {
      const { apiVersion } = this.#decode(file, CHART_BASE);
      if (typeof apiVersion === 'string' && apiVersion !== '' && apiVersion !== 'v1' && apiVersion !== 'v2') {
        const isNext = apiVersion === 'v3';
        throw new PintleError('chart-invalid', isNext ? 'invalid chart apiVersion' : 'unsupported chart version', {
          location: this.#place(file, ['apiVersion']),
          hint: `apiVersion ${goQuote(apiVersion)} is not known; write v2`,
        });
      }
    }
    this.#metadata = { ...this.#metadata, ...this.#decode(file, METADATA) };
    this.#metadata['apiVersion'] ??= 'v1';
    if (this.#metadata['apiVersion'] === '') this.#metadata['apiVersion'] = 'v1';
  }

  #sort(file: ChartFile): void {
    const { name } = file;
    if (name === 'Chart.yaml') return;
    if (name === 'Chart.lock') this.#lock = this.#takeLock(file);
    else if (name === 'values.yaml') this.#values = this.#takeValues(file);
    else if (name === 'values.schema.json') this.#schema = file.data;
    else if (name === 'requirements.yaml') this.#takeRequirements(file);
    else if (name === 'requirements.lock') this.#takeOldLock(file);
    else if (name.startsWith('templates/')) this.#templates.push(file);
    else if (name.startsWith('charts/') && !name.endsWith('.prov')) this.#takeChild(file);
    else if (!name.startsWith('crds/')) this.#files.push(file);
  }

  #takeChild(file: ChartFile): void {
    const [child = ''] = file.name.slice('charts/'.length).split('/', 1);
    const found = this.#children.get(child);
    if (found === undefined) this.#children.set(child, [file]);
    else found.push(file);
  }

  #takeRequirements(file: ChartFile): void {
    this.#requirements = file;
    this.#metadata = { ...this.#metadata, ...this.#decode(file, METADATA) };
    if (this.#metadata['apiVersion'] === 'v1') {
      this.#files.push(file);
      return;
    }
    this.#warn(
      'Warning: Dependencies are handled in Chart.yaml since apiVersion "v2". We recommend migrating dependencies to Chart.yaml.',
    );
  }

  #takeOldLock(file: ChartFile): void {
    this.#lock = this.#takeLock(file);
    if (this.#metadata?.['apiVersion'] === 'v1') {
      this.#files.push(file);
      return;
    }
    this.#warn(
      'Warning: Dependency locking is handled in Chart.lock since apiVersion "v2". We recommend migrating to Chart.lock.',
    );
  }

  #takeLock(file: ChartFile): ChartLock {
    const decoded = this.#decode(file, LOCK);
    return {
      generated: typeof decoded['generated'] === 'string' ? decoded['generated'] : '',
      digest: typeof decoded['digest'] === 'string' ? decoded['digest'] : '',
      dependencies: (decoded['dependencies'] ?? []) as ChartLock['dependencies'],
    };
  }

  #takeValues(file: ChartFile): Record<string, unknown> {
    try {
      return parseValues(decodeUtf8(file.data), this.#path(file.name));
    } catch (error) {
      throw prefixed('cannot load values.yaml: ', error);
    }
  }

  #decode(file: ChartFile, shape: GoStruct): Record<string, unknown> {
    const text = decodeUtf8(file.data);
    const path = this.#path(file.name);
    try {
      return decodeStruct(fromYaml(text, { file: path, numbers: 'exact' }), shape);
    } catch (error) {
      if (!(error instanceof DecodeFault)) throw prefixed(`cannot load ${file.name}: `, error);
      const message = `cannot load ${file.name}: error unmarshaling JSON: while decoding JSON: ${error.message}`;
      throw new PintleError('chart-invalid', message, { location: this.#place(file, error.path), cause: error });
    }
  }

  #validated(): ChartMetadata {
    if (this.#metadata === undefined) {
      throw new PintleError('chart-invalid', 'Chart.yaml file is missing', {
        location: { file: this.#path('Chart.yaml') },
        hint: 'a chart is a folder with a Chart.yaml in it',
      });
    }
    const checked = validateMetadata(this.#metadata);
    if (!('message' in checked)) return checked;
    const isRequired = checked.path[0] === 'dependencies' && this.#requirements !== undefined;
    const file = isRequired ? this.#requirements : this.#chartYaml;
    throw new PintleError(
      'chart-invalid',
      checked.message,
      file === undefined ? {} : { location: this.#place(file, checked.path) },
    );
  }

  async #subchart(name: string, files: readonly ChartFile[], parent: string): Promise<Chart> {
    const origin = this.#path(`charts/${name}`);
    const options = { ...this.#options, isSubchart: true };
    try {
      if (!name.endsWith('.tgz')) {
        const prefix = `charts/${name}/`;
        const own = files
          .filter((file) => file.name.startsWith(prefix))
          .map((file) => ({ ...file, name: file.name.slice(prefix.length) }));
        return await buildChart(own, origin, options);
      }
      const [archive] = files;
      if (archive === undefined || archive.name !== `charts/${name}`) {
        const found = archive?.name.slice('charts/'.length) ?? '';
        throw new PintleError(
          'chart-invalid',
          `error unpacking subchart tar in ${parent}: expected ${name}, got ${found}`,
        );
      }
      const { readChartArchive } = await import('./read-archive.ts');
      return await buildChart(await readChartArchive(archive.data, origin, options.limits), origin, options);
    } catch (error) {
      if (error instanceof PintleError && error.message.startsWith('error unpacking subchart tar')) throw error;
      throw prefixed(`error unpacking subchart ${name} in ${parent}: `, error);
    }
  }

  /** Where a key lies in a YAML file of the chart; its parent where it is missing. */
  #place(file: ChartFile, path: readonly (string | number)[]): SourceLocation {
    const name = this.#path(file.name);
    const text = decodeUtf8(file.data);
    const [root] = parseDocuments(text, { file: name });
    for (let length = path.length; root !== undefined && length > 0; length -= 1) {
      const found = findNode(root, path.slice(0, length));
      if (found !== undefined) return locate((found.key ?? found.value).start, { name, text });
    }
    return { file: name };
  }

  #path(name: string): string {
    return this.#origin === '' ? name : `${this.#origin.replace(/\/+$/, '')}/${name}`;
  }

  #warn(message: string): void {
    this.#options.warn?.(message);
  }
}

function prefixed(prefix: string, error: unknown): unknown {
  if (!(error instanceof PintleError)) return error;
  const { location, hint } = error;
  return new PintleError(error.code, prefix + error.message, {
    ...(location === undefined ? {} : { location }),
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
