/** The living tree: what is visible of it as nodes on a canvas that can be moved and zoomed, and the lines between them. */
import { ReactFlow, type OnMove, type ReactFlowProps } from '@xyflow/react';
import {
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
} from 'react';
import { within, type Graph } from '../model/graph.ts';
import { margin, useCamera, zoomMax, zoomMin, type Camera } from './camera.ts';
import { movingNodesMax, nearZoomMin, type Viewport } from './edges.ts';
import { DepartingNode } from './nodes/departing-node.tsx';
import { flowNodeOf, flowNodeOfDeparture, type FlowNode } from './nodes/flow-node.ts';
import { GhostNode } from './nodes/ghost-node.tsx';
import { MoreNode } from './nodes/more-node.tsx';
import { StagedNode } from './nodes/staged-node.tsx';
import { TrunkNode } from './nodes/trunk-node.tsx';
import { addressOf, chosenKey, moveByKey, openByKey, spoken } from './tree-keys.ts';
import { usePainter } from './use-painter.ts';
import { useRoute, useSession, useTree } from './use.ts';

const nodeTypes = {
  trunk: TrunkNode,
  more: MoreNode,
  ghost: GhostNode,
  staged: StagedNode,
  departing: DepartingNode,
};

/** The window is known in steps of so many pixels, so that moving it a little asks for nothing. */
const windowStep = 320;

interface Window {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly isFar: boolean;
}

const firstWindow: Window = {
  left: -windowStep,
  top: -windowStep,
  right: 3_200,
  bottom: 2_400,
  isFar: false,
};

/** `children` stand where the tree would be while there is none. */
export function TreeView({ children }: { readonly children: ReactNode }): ReactElement {
  const { navigation } = useTree();
  const graph = useSession((state) => state.graph);
  const departures = useSession((state) => state.departures);
  const isTravelling = useSession((state) => state.isTravelling);
  const kind = useSession((state) => state.connection.kind);
  const chosen = useRoute(chosenKey);
  useShape();
  const frame = useRef<HTMLDivElement>(null);
  const [window, setWindow] = useState(firstWindow);
  const painter = usePainter(frame, graph, chosen);
  const camera = useCamera(frame, graph, chosen);
  const nodes = useMemo(() => {
    if (window.isFar) return [];
    const seen = within(graph, window.left, window.top, window.right, window.bottom);
    return [...seen.map(flowNodeOf), ...departures.map(flowNodeOfDeparture)];
  }, [graph, departures, window]);
  const onMove: OnMove = (event, viewport) => {
    painter.current?.look(viewport);
    if (event !== null) camera.release();
    setWindow((before) => windowOf(viewport, frame.current, before));
  };
  const onKeyDown = useTreeKeys(graph, chosen, camera);
  return (
    <section
      className="tree"
      id="tree"
      aria-label="Tree"
      data-travelling={isTravelling}
      data-connection={kind}
    >
      <div
        ref={frame}
        className="canvas"
        role="application"
        aria-label="Tree of nodes: arrow keys move, question mark shows all keys"
        tabIndex={0}
        onKeyDown={onKeyDown}
        data-still={graph.nodes.length > movingNodesMax}
        data-nodes={graph.nodes.length}
      >
        <canvas className="edges" aria-hidden="true" />
        <ReactFlow<FlowNode>
          nodes={nodes}
          edges={noEdges}
          nodeTypes={nodeTypes}
          onMove={onMove}
          onPaneClick={(event) => choosePoint(event.clientX, event.clientY)}
          {...settings}
        />
      </div>
      {children}
      <Zoom camera={camera} />
      <p className="hidden" aria-live="polite">
        {spoken(graph.byKey.get(chosen))}
      </p>
    </section>
  );

  /** Far off, nodes are no elements: the point tells which one was meant. */
  function choosePoint(clientX: number, clientY: number): void {
    if (!window.isFar) return;
    const { x, y } = camera.toGraph(clientX, clientY);
    const [node] = within(graph, x, y, x, y);
    if (node !== undefined) navigation.go(addressOf(node));
  }
}

/** Pages narrower than this show an outline; the same as in the styles. */
const narrowMax = '(max-width: 760px)';

function useShape(): void {
  const { session } = useTree();
  useEffect(() => {
    const narrowness = matchMedia(narrowMax);
    const shape = (): void => session.setShape(narrowness.matches ? 'outline' : 'columns');
    shape();
    narrowness.addEventListener('change', shape);
    return () => narrowness.removeEventListener('change', shape);
  }, [session]);
}

/** The keys of the tree; the others are left to the page. */
function useTreeKeys(graph: Graph, chosen: string, camera: Camera): (event: KeyboardEvent) => void {
  const { session, navigation } = useTree();
  return (event) => {
    if (camera.onKey(event.key) || openByKey(session, graph.byKey.get(chosen), event)) {
      event.preventDefault();
      return;
    }
    const next = graph.byKey.get(moveByKey(graph, chosen, event) ?? '');
    if (next === undefined) return;
    event.preventDefault();
    navigation.follow(addressOf(next));
  };
}

const noEdges: never[] = [];
/** The canvas is for looking and choosing; nothing on it is moved or connected by hand. */
const settings: ReactFlowProps<FlowNode> = {
  minZoom: zoomMin,
  maxZoom: zoomMax,
  defaultViewport: { x: margin, y: margin, zoom: 1 },
  nodesDraggable: false,
  nodesConnectable: false,
  nodesFocusable: false,
  edgesFocusable: false,
  elementsSelectable: false,
  panOnScroll: true,
  zoomOnDoubleClick: false,
  deleteKeyCode: null,
  selectionKeyCode: null,
  multiSelectionKeyCode: null,
  disableKeyboardA11y: true,
  attributionPosition: 'bottom-right',
};

function windowOf({ x, y, zoom }: Viewport, frame: HTMLElement | null, before: Window): Window {
  const [width, height] = [frame?.clientWidth ?? 1_600, frame?.clientHeight ?? 1_000];
  const snap = (value: number, way: -1 | 1): number => (Math.round(value / windowStep) + way) * windowStep;
  const next = {
    left: snap(-x / zoom, -1),
    top: snap(-y / zoom, -1),
    right: snap((width - x) / zoom, 1),
    bottom: snap((height - y) / zoom, 1),
    isFar: zoom < nearZoomMin,
  };
  const isSame =
    next.left === before.left &&
    next.top === before.top &&
    next.right === before.right &&
    next.bottom === before.bottom &&
    next.isFar === before.isFar;
  return isSame ? before : next;
}

function Zoom({ camera }: { readonly camera: Camera }): ReactElement {
  return (
    <div className="zoom">
      <button type="button" className="quiet icon" aria-label="Nearer" onClick={() => camera.zoom(1.25)}>
        +
      </button>
      <button type="button" className="quiet icon" aria-label="Farther" onClick={() => camera.zoom(0.8)}>
        −
      </button>
      <button type="button" className="quiet icon" aria-label="All of the tree" onClick={() => camera.fit()}>
        ⤢
      </button>
    </div>
  );
}
