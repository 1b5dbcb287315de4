/** The tree as an MCP App: wires the host, the session and the view. */
import { App, applyDocumentTheme, type McpUiHostContext } from '@modelcontextprotocol/ext-apps';
import { createRoot } from 'react-dom/client';
import { LocalNavigation } from './session/local-navigation.ts';
import { ToolFailure, type CallTool } from './session/tool-reader.ts';
import { ToolSession } from './session/tool-session.ts';
import { TreeApp } from './view/tree-app.tsx';

/** Pixels, where the host leaves that to the app: room for a dozen nodes. */
const heightWanted = 460;

/** What the app reads is no basis of what the model writes: it works under a name of its own. */
const agent = 'tree app';

const clock = {
  nowMs: () => performance.now(),
  after(ms: number, callback: () => void) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

const container = document.getElementById('page');
if (container === null) throw new Error('the page has no place for the tree');
const root = createRoot(container);
const app = new App(
  { name: 'hyperloom-tree', version: '1.0.0' },
  { availableDisplayModes: ['inline', 'fullscreen'] },
  // The tree fills the room that it is given: nothing in it tells how much it would like.
  { autoResize: false },
);
let session: ToolSession | undefined;

/** Begins to follow the subtree that the tool was called for. */
function open(given: Readonly<Record<string, unknown>>): void {
  const path = typeof given['path'] === 'string' ? given['path'] : '/';
  const forest = typeof given['forest'] === 'string' ? { forest: given['forest'] } : {};
  session?.end();
  const call = callThrough(forest);
  session = new ToolSession({ call, clock, path, isSeen: () => document.visibilityState === 'visible' });
  const navigation = new LocalNavigation({});
  session.start();
  root.render(<TreeApp session={session} navigation={navigation} actions={{ resize: resizer() }} />);
}

function callThrough(common: Readonly<Record<string, unknown>>): CallTool {
  return async (name, given, signal) => {
    const result = await app.callServerTool(
      { name, arguments: { ...given, ...common, agent } },
      signal === undefined ? {} : { signal },
    );
    if (result.isError === true || result.structuredContent === undefined) {
      const [first] = result.content;
      throw new ToolFailure(first?.type === 'text' ? first.text : `${name} has told nothing`);
    }
    return result.structuredContent as Readonly<Record<string, unknown>>;
  };
}

/** Turns between the two ways to show the app, where the host has both. */
function resizer(): (() => void) | undefined {
  const modes = app.getHostContext()?.availableDisplayModes ?? [];
  if (!modes.includes('fullscreen')) return undefined;
  return () => {
    const mode = app.getHostContext()?.displayMode === 'fullscreen' ? 'inline' : 'fullscreen';
    void app.requestDisplayMode({ mode }).catch(() => undefined);
  };
}

function fit(context: Partial<McpUiHostContext> | undefined): void {
  if (context?.theme !== undefined) applyDocumentTheme(context.theme);
  const size = context?.containerDimensions ?? {};
  if (context?.displayMode === 'fullscreen' || 'height' in size) {
    document.documentElement.style.height = '100%';
    return;
  }
  const height = Math.min(heightWanted, size.maxHeight ?? heightWanted);
  document.documentElement.style.height = `${height}px`;
  void app.sendSizeChanged({ height }).catch(() => undefined);
}

app.ontoolinput = ({ arguments: given }) => open(given ?? {});
app.onhostcontextchanged = () => fit(app.getHostContext());
app.onteardown = () => {
  session?.end();
  return {};
};
await app.connect();
fit(app.getHostContext());
