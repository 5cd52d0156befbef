import { renderPacked } from './render-packed.ts';
import type { PackedChart } from './charts.ts';

/** What is used of the page; the types of the DOM are not at hand. */
declare const document: {
  getElementById(id: string): { readonly textContent: string } | null;
  readonly body: { innerHTML: string };
};

/** Runs in the page: renders what the page holds and leaves the outcome in it, as base64 of UTF-8 JSON. */
async function run(): Promise<void> {
  const input = document.getElementById('input')?.textContent ?? '[]';
  const results: string[] = [];
  try {
    for (const packed of JSON.parse(input) as readonly PackedChart[]) results.push(await renderPacked(packed));
  } catch (error) {
    results.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const bytes = new TextEncoder().encode(JSON.stringify(results));
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  document.body.innerHTML = `<pre id="out">${btoa(binary)}</pre>`;
}

await run();
