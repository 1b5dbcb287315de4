/** Nodes as resources: `hyperloom://{forest}/{+path}{?revision,ghost}`. */
import { UriTemplate, type Variables } from '@modelcontextprotocol/server';

/** Which node, in which state. */
export interface ResourceTarget {
  readonly forest: string;
  /** Absolute; `/` for the forest itself. */
  readonly path: string;
  readonly revision: number | undefined;
  readonly ghostId: string | undefined;
}

export const resourceTemplate = 'hyperloom://{forest}/{+path}{?revision,ghost}';

/** The template. The SDK's matching asks for all that a template can have; here the query may be absent, and the path empty. */
export class NodeUriTemplate extends UriTemplate {
  constructor() {
    super(resourceTemplate);
  }

  override match(uri: string): Variables | null {
    return readUri(uri) === undefined ? null : {};
  }
}

/** Reads an address; `undefined` where it is none of ours. */
export function readUri(text: string): ResourceTarget | undefined {
  if (!URL.canParse(text)) return undefined;
  const uri = new URL(text);
  if (uri.protocol !== 'hyperloom:' || uri.hash !== '') return undefined;
  const [forest, path] = [decoded(uri.hostname), decodedPath(uri.pathname)];
  if (forest === undefined || forest === '' || path === undefined) return undefined;
  const revision = uri.searchParams.get('revision') ?? undefined;
  if (revision !== undefined && !/^\d{1,15}$/.test(revision)) return undefined;
  for (const name of uri.searchParams.keys()) if (name !== 'revision' && name !== 'ghost') return undefined;
  return {
    forest,
    path,
    revision: revision === undefined ? undefined : Number(revision),
    ghostId: uri.searchParams.get('ghost') ?? undefined,
  };
}

/** Writes an address: of the newest state, unless `view` names another. */
export function writeUri(
  forest: string,
  path: string,
  view: Partial<Pick<ResourceTarget, 'revision' | 'ghostId'>> = {},
): string {
  const segments = path.split('/').map(encodeURIComponent).join('/');
  const query = [
    ...(view.revision === undefined ? [] : [`revision=${view.revision}`]),
    ...(view.ghostId === undefined ? [] : [`ghost=${encodeURIComponent(view.ghostId)}`]),
  ].join('&');
  return `hyperloom://${encodeURIComponent(forest)}${segments}${query === '' ? '' : `?${query}`}`;
}

/** Segments are told apart before they are decoded: none can bring a slash of its own. */
function decodedPath(pathname: string): string | undefined {
  const segments = pathname.split('/').slice(1).map(decoded);
  if (segments.at(-1) === '') segments.pop();
  if (segments.some((segment) => segment === undefined || segment.includes('/'))) return undefined;
  return `/${segments.join('/')}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
