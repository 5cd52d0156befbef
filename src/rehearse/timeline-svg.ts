import { formatDuration } from '../base/duration.ts';
import type { PodPhase, PodStory, Rehearsal, TimelineEvent, WorkloadStory } from './rehearsal.ts';

const WIDTH = 960;
const LEFT = 210;
const RIGHT = 24;
const FONT = 'font-family="ui-sans-serif, system-ui, sans-serif"';
const CHART_HEIGHT = 44;
/** Rows of pods are lower, the more there are, px. */
const ROW = { most: 14, least: 3, room: 480 };

const COLOURS: Readonly<Record<PodPhase, string>> = {
  waiting: '#c9ced6',
  unplaced: '#d97706',
  starting: '#8fb8f6',
  failing: '#dc2626',
  ready: '#2f9e58',
  stopping: '#b79ae0',
  done: '#b7dfc4',
  failed: '#991b1b',
};
const LEGEND: readonly (readonly [PodPhase, string])[] = [
  ['waiting', 'waiting for a node'],
  ['unplaced', 'no node takes it'],
  ['starting', 'starting'],
  ['failing', 'failing'],
  ['ready', 'ready'],
  ['stopping', 'stopping'],
];

/** A rehearsal as a picture: steps, the ready pods of each workload, and a bar for each pod. Stands alone, white behind. */
export function timelineSvg(rehearsal: Rehearsal): string {
  return new Picture(rehearsal).draw();
}

class Picture {
  readonly #rehearsal: Rehearsal;
  readonly #end: number;
  readonly #out: string[] = [];
  #y = 0;

  constructor(rehearsal: Rehearsal) {
    this.#rehearsal = rehearsal;
    const last = Math.max(1000, rehearsal.settledAfter, ...rehearsal.timeline.map(({ at }) => at));
    this.#end = last * 1.03;
  }

  draw(): string {
    this.#title();
    this.#legend();
    this.#axis();
    this.#steps();
    const top = this.#y;
    for (const workload of this.#rehearsal.workloads) if (this.#isShown(workload)) this.#workload(workload);
    this.#loosePods();
    this.#breaches(top);
    const height = this.#y + 12;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
      `<title>${escape(this.#headline())}</title>`,
      `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
      ...this.#out,
      '</svg>\n',
    ].join('\n');
  }

  #headline(): string {
    const { verb, name, revision } = this.#rehearsal;
    return `${verb} of ${name} to revision ${revision}, rehearsed`;
  }

  #title(): void {
    const { succeeds, rolloutDuration, failure } = this.#rehearsal;
    const verdict = succeeds
      ? `would succeed: ready after ${span(rolloutDuration)}`
      : `would fail after ${span(rolloutDuration)}: ${failure?.message ?? ''}`;
    this.#text(16, 26, this.#headline(), { size: 16, weight: 600 });
    this.#text(16, 46, cut(verdict, 130), { size: 12, fill: succeeds ? '#1a7f42' : '#b91c1c' });
    this.#y = 58;
  }

  #legend(): void {
    let x = 16;
    for (const [phase, text] of LEGEND) {
      this.#out.push(`<rect x="${x}" y="${this.#y}" width="12" height="12" rx="2" fill="${COLOURS[phase]}"/>`);
      this.#text(x + 17, this.#y + 10, text, { size: 11, fill: '#4b5563' });
      x += 34 + text.length * 6;
    }
    this.#y += 28;
  }

  #axis(): void {
    const step = tickOf(this.#end);
    for (let at = 0; at <= this.#end; at += step) {
      this.#text(this.#x(at), this.#y + 10, span(at), { size: 10, fill: '#6b7280', anchor: 'middle' });
    }
    this.#y += 16;
  }

  #steps(): void {
    const steps = this.#rehearsal.timeline.filter(({ kind }) => kind === 'step');
    const last = this.#rehearsal.timeline.findLast(({ kind }) => kind === 'end')?.at ?? this.#end;
    steps.forEach((step, i) => {
      const to = steps[i + 1]?.at ?? Math.max(last, step.at);
      const x = this.#x(step.at);
      const width = Math.max(2, this.#x(to) - x);
      this.#out.push(
        `<rect x="${fixed(x)}" y="${this.#y}" width="${fixed(width)}" height="16" fill="${i % 2 === 0 ? '#e5e7eb' : '#eef0f3'}"><title>${escape(step.text)}</title></rect>`,
      );
      if (width > step.text.length * 5.6) {
        this.#text(x + 4, this.#y + 12, step.text, { size: 10, fill: '#374151' });
      }
    });
    this.#text(16, this.#y + 12, 'steps', { size: 11, fill: '#374151' });
    this.#y += 26;
  }

  #isShown({ id, ofRelease, least, before }: WorkloadStory): boolean {
    return (ofRelease || least < before) && this.#podsOf(id).length + before > 0;
  }

  #podsOf(id: string): readonly PodStory[] {
    return this.#rehearsal.pods.filter((pod) => pod.workload === id && pod.spans.length > 0);
  }

  #workload(workload: WorkloadStory): void {
    const { id, before, desired, least, leastAt, ready } = workload;
    this.#text(16, this.#y + 12, id, { size: 12, weight: 600 });
    this.#text(16, this.#y + 28, `ready: ${before} before, ${least} at the least`, { size: 10, fill: '#6b7280' });
    const most = Math.max(1, before, desired, ...ready.map(([, count]) => count));
    const y = (count: number): number => this.#y + CHART_HEIGHT - 6 - (count / most) * (CHART_HEIGHT - 12);
    const points = ready.flatMap(([at, count], i) => {
      const from = Math.max(0, at);
      const to = ready[i + 1]?.[0] ?? this.#end;
      return [`${fixed(this.#x(from))},${fixed(y(count))}`, `${fixed(this.#x(Math.max(0, to)))},${fixed(y(count))}`];
    });
    const floor = fixed(y(0));
    this.#out.push(
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(y(desired))}" y2="${fixed(y(desired))}" stroke="#9ca3af" stroke-dasharray="3 3"/>`,
      `<polygon points="${fixed(this.#x(0))},${floor} ${points.join(' ')} ${fixed(this.#x(this.#end))},${floor}" fill="#2f9e58" fill-opacity="0.15"/>`,
      `<polyline points="${points.join(' ')}" fill="none" stroke="#2f9e58" stroke-width="1.5"/>`,
    );
    if (least < before) {
      this.#out.push(`<circle cx="${fixed(this.#x(leastAt))}" cy="${fixed(y(least))}" r="3" fill="#b91c1c"/>`);
    }
    this.#y += CHART_HEIGHT;
    this.#podRows(this.#podsOf(id));
  }

  #loosePods(): void {
    const pods = this.#rehearsal.pods.filter(({ workload, old, spans }) => {
      return !old && spans.length > 0 && !this.#rehearsal.workloads.some(({ id }) => id === workload);
    });
    if (pods.length === 0) return;
    this.#text(16, this.#y + 12, 'hooks, jobs and pods', { size: 12, weight: 600 });
    this.#y += 18;
    this.#podRows(pods);
  }

  #podRows(pods: readonly PodStory[]): void {
    const height = Math.max(ROW.least, Math.min(ROW.most, Math.floor(ROW.room / Math.max(1, pods.length))));
    const gap = height > 6 ? 2 : 1;
    for (const pod of pods) {
      for (const { phase, from, to } of pod.spans) {
        const x = this.#x(Math.max(0, from));
        const width = this.#x(Math.max(0, to ?? this.#end)) - x;
        if (width <= 0) continue;
        const faint = pod.old ? ' fill-opacity="0.55"' : '';
        this.#out.push(
          `<rect x="${fixed(x)}" y="${this.#y}" width="${fixed(width)}" height="${height - gap}" fill="${COLOURS[phase]}"${faint}><title>${escape(`${pod.name}: ${phase}`)}</title></rect>`,
        );
      }
      if (height >= 10) {
        const name = `${pod.name}${pod.old ? ' (old)' : ''}`;
        this.#text(LEFT - 8, this.#y + height - 4, cut(name, 32), { size: 9, fill: '#4b5563', anchor: 'end' });
      }
      this.#y += height;
    }
    this.#y += 12;
  }

  /** Red bands where a PodDisruptionBudget is not kept. */
  #breaches(top: number): void {
    const begun = new Map<string, TimelineEvent>();
    const bands: (readonly [from: number, to: number, text: string])[] = [];
    for (const event of this.#rehearsal.timeline) {
      if (event.kind !== 'budget') continue;
      const first = begun.get(event.subject);
      if (first === undefined) begun.set(event.subject, event);
      else {
        bands.push([first.at, event.at, `${event.subject}: ${first.text}`]);
        begun.delete(event.subject);
      }
    }
    for (const event of begun.values()) bands.push([event.at, this.#end, `${event.subject}: ${event.text}`]);
    for (const [from, to, text] of bands) {
      const x = this.#x(from);
      const width = Math.max(1, this.#x(to) - x);
      this.#out.push(
        `<rect x="${fixed(x)}" y="${top}" width="${fixed(width)}" height="${this.#y - top}" fill="#dc2626" fill-opacity="0.12"><title>${escape(text)}</title></rect>`,
      );
    }
    const [first] = bands;
    if (first === undefined) return;
    this.#y += 6;
    this.#text(16, this.#y + 8, `red: ${first[2]}`, { size: 11, fill: '#b91c1c' });
    this.#y += 14;
  }

  #x(at: number): number {
    return LEFT + (at / this.#end) * (WIDTH - LEFT - RIGHT);
  }

  #text(
    x: number,
    y: number,
    text: string,
    style: { readonly size: number; readonly fill?: string; readonly weight?: number; readonly anchor?: string },
  ): void {
    const { size, fill = '#111827', weight = 400, anchor = 'start' } = style;
    this.#out.push(
      `<text x="${fixed(x)}" y="${fixed(y)}" ${FONT} font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escape(text)}</text>`,
    );
  }
}

/** About eight ticks at round distances. */
function tickOf(end: number): number {
  const steps = [100, 250, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000];
  return steps.find((step) => end / step <= 9) ?? Math.ceil(end / 8 / 3_600_000) * 3_600_000;
}

function span(milliseconds: number): string {
  return formatDuration(Math.round(milliseconds / 100) * 100);
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function cut(text: string, length: number): string {
  const line = text.split('\n')[0] ?? '';
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
