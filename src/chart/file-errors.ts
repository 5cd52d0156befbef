/** What Go calls an error of the operating system. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  EEXIST: 'file exists',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  EMFILE: 'too many open files',
  ENOSPC: 'no space left on device',
  EROFS: 'read-only file system',
};

/** The code of a failed file operation, such as `ENOENT`. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** A failed file operation as Go says it: `open web/Chart.yaml: permission denied`. */
export function fileFailure(operation: string, path: string, error: unknown): string {
  const reason = REASONS[errorCode(error)] ?? (error instanceof Error ? error.message : String(error));
  return `${operation} ${path}: ${reason}`;
}
