/** Paths as the debugger handles them: absolute, `/` is the root. */

/** The path one segment up; the root has none. */
export function parentOf(path: string): string | undefined {
  if (path === '/') return undefined;
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}

/** The last segment; the root's name is `/`. */
export function nameOf(path: string): string {
  return path === '/' ? '/' : path.slice(path.lastIndexOf('/') + 1);
}

/** The path of a child. */
export function childOf(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`;
}

/** Number of segments. */
export function depthOf(path: string): number {
  if (path === '/') return 0;
  let depth = 0;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) depth += 1;
  return depth;
}

/** Whether `path` is `ancestor` or below it. */
export function isWithin(path: string, ancestor: string): boolean {
  if (ancestor === '/' || path === ancestor) return true;
  return path.startsWith(ancestor) && path.charCodeAt(ancestor.length) === 47;
}

/** The path and all above it, from the root down. */
export function lineOf(path: string): readonly string[] {
  const line: string[] = [];
  for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) line.unshift(at);
  return line;
}

/** The broker's order of names: by their UTF-8 bytes, which is the order of code points, not that of UTF-16 units. */
export function compareNames(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Surrogates stand for code points beyond all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Whether a subscription's pattern takes a path: `*` is one segment, `**` any number of them. */
export function matches(pattern: string, path: string): boolean {
  return match(pattern.split('/').slice(1), path === '/' ? [] : path.split('/').slice(1), 0, 0);
}

function match(pattern: readonly string[], path: readonly string[], at: number, of: number): boolean {
  const part = pattern[at];
  if (part === undefined) return of === path.length;
  if (part === '**') {
    for (let next = of; next <= path.length; next += 1) if (match(pattern, path, at + 1, next)) return true;
    return false;
  }
  const segment = path[of];
  return segment !== undefined && (part === '*' || part === segment) && match(pattern, path, at + 1, of + 1);
}
