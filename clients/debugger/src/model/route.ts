/** Permalinks: everything that is looked at, as a query. What is not in it is as it is at first. */

/** A side of a comparison: a trunk revision, or a ghost. */
export type Side =
  | { readonly kind: 'revision'; readonly revision: number }
  | { readonly kind: 'ghost'; readonly ghostId: string };

/** The parts of a node's panel. */
export const panelTabs = ['value', 'diff', 'history', 'context', 'used', 'blame', 'locks', 'schema'] as const;
export type PanelTab = (typeof panelTabs)[number];

/** A view. */
export interface Route {
  readonly forest: string;
  /** What is chosen in the tree; empty: nothing. */
  readonly path: string;
  /** The ghost in which it is chosen; empty: the trunk. */
  readonly ghostId: string;
  /** The journal position that is looked at; 0: live. */
  readonly position: number;
  readonly tab: PanelTab;
  readonly compare: { readonly left: Side; readonly right: Side } | undefined;
}

export const home: Route = {
  forest: 'default',
  path: '',
  ghostId: '',
  position: 0,
  tab: 'value',
  compare: undefined,
};

/** Reads a view from a query such as `?forest=default&path=/a`. What makes no sense is left out. */
export function parseRoute(query: string): Route {
  const fields = new URLSearchParams(query);
  const left = parseSide(fields.get('left'));
  const right = parseSide(fields.get('right'));
  const tab = panelTabs.find((name) => name === fields.get('tab'));
  const path = fields.get('path') ?? '';
  return {
    forest: fields.get('forest') ?? home.forest,
    path: path.startsWith('/') ? path : '',
    ghostId: fields.get('ghost') ?? '',
    position: parseCount(fields.get('at')) ?? 0,
    tab: tab ?? home.tab,
    compare: left === undefined || right === undefined ? undefined : { left, right },
  };
}

/** Writes a view as a query; the first view has an empty one. */
export function formatRoute(route: Route): string {
  const fields: [string, string][] = [];
  if (route.forest !== home.forest) fields.push(['forest', route.forest]);
  if (route.path !== '') fields.push(['path', route.path]);
  if (route.ghostId !== '') fields.push(['ghost', route.ghostId]);
  if (route.position > 0) fields.push(['at', String(route.position)]);
  if (route.tab !== home.tab) fields.push(['tab', route.tab]);
  if (route.compare !== undefined) {
    fields.push(['left', formatSide(route.compare.left)], ['right', formatSide(route.compare.right)]);
  }
  if (fields.length === 0) return '';
  // Slashes may stand in a query as they are, and paths are read by people.
  return `?${new URLSearchParams(fields).toString().replaceAll('%2F', '/')}`;
}

/** Writes a side: a number, or the id of a ghost. */
export function formatSide(side: Side): string {
  return side.kind === 'revision' ? String(side.revision) : `ghost:${side.ghostId}`;
}

/** Reads a side; `undefined` for what is none. */
export function parseSide(text: string | null): Side | undefined {
  if (text === null) return undefined;
  if (text.startsWith('ghost:') && text.length > 6) return { kind: 'ghost', ghostId: text.slice(6) };
  const revision = parseCount(text);
  return revision === undefined ? undefined : { kind: 'revision', revision };
}

function parseCount(text: string | null): number | undefined {
  if (text === null || !/^\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}
