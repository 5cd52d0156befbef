/** Bun's program, of the package or on the path; undefined when there is none. */
export function findBun(): string | undefined;
/** What Bun is asked to make an executable of a bundle in CommonJS. */
export function compileArguments(entry: string, target: string): readonly string[];
