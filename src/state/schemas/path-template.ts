/**
 * Path templates: paths in which `{name}` stands for any one segment, such as `/{session}/notes/{note}`. What schemas are
 * bound to.
 */
import { pathDepthMax, schemaPathBytesMax } from '../../base/limits.ts';
import { formatPath, segmentProblem, utf8Length } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { anyOne } from '../../trie/pattern.ts';
import type { Pattern } from '../../trie/pattern.ts';

/** A template, checked. A variable is a segment that begins with `{`, which no literal one does. */
export interface PathTemplate {
  readonly segments: readonly string[];
}

/** Why a text is no template. */
export interface TemplateProblem {
  readonly problem: string;
}

const variable = /^\{[a-z][a-z0-9_]*\}$/;

/** Reads a template. */
export function parseTemplate(text: string): PathTemplate | TemplateProblem {
  if (text === '') return { problem: 'a path is empty' };
  if (!text.startsWith('/')) return { problem: 'a path begins with "/"' };
  if (text === '/') return { problem: 'the root holds no value' };
  if (text.endsWith('/')) return { problem: 'a path ends with "/"' };
  if (utf8Length(text) > schemaPathBytesMax)
    return { problem: `a path is longer than ${schemaPathBytesMax} bytes` };
  const segments = text.slice(1).split('/');
  if (segments.length > pathDepthMax) return { problem: `a path has more than ${pathDepthMax} segments` };
  const names = new Set<string>();
  for (const segment of segments) {
    const problem = templateSegmentProblem(segment, names);
    if (problem !== null) return { problem };
  }
  return { segments };
}

function templateSegmentProblem(segment: string, names: Set<string>): string | null {
  if (!/[{}]/.test(segment)) return segmentProblem(segment);
  if (!variable.test(segment))
    return `"${segment}" is no variable: "{", a lower-case letter, letters, digits or "_", "}", and nothing else in its segment`;
  if (names.has(segment)) return `${segment} stands for two segments`;
  names.add(segment);
  return null;
}

/** The text of a template. */
export function formatTemplate({ segments }: PathTemplate): string {
  return formatPath(segments);
}

export function isVariable(segment: string): boolean {
  return segment.startsWith('{');
}

/** Some path fits both. */
export function templatesOverlap(some: PathTemplate, other: PathTemplate): boolean {
  return (
    some.segments.length === other.segments.length &&
    some.segments.every((segment, at) => {
      const against = other.segments[at] as string;
      return segment === against || isVariable(segment) || isVariable(against);
    })
  );
}

/** The same paths fit both, whatever their variables are called. */
export function sameTemplate(some: PathTemplate, other: PathTemplate): boolean {
  return (
    some.segments.length === other.segments.length &&
    some.segments.every((segment, at) => {
      const against = other.segments[at] as string;
      return segment === against || (isVariable(segment) && isVariable(against));
    })
  );
}

/** `path` could be the beginning of a path that fits, or is one. */
export function templateReaches({ segments }: PathTemplate, path: Path): boolean {
  if (path.length > segments.length) return false;
  for (const [at, segment] of path.entries()) {
    const wanted = segments[at] as string;
    if (wanted !== segment && !isVariable(wanted)) return false;
  }
  return true;
}

/** The paths that fit and lie at or below `within`, which the template reaches, as a pattern. */
export function templatePattern({ segments }: PathTemplate, within: Path = []): Pattern {
  const rest = segments.slice(within.length).map((segment) => (isVariable(segment) ? anyOne : segment));
  return { segments: [...within, ...rest] };
}
