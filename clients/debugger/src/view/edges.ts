/**
 * Draws the lines between nodes, and, where the reader stands so far off that no name can be read, the nodes as well: thousands of
 * them cost a few milliseconds on a canvas, and more than a frame as elements of a page.
 */
import { nodeHeight, nodeWidth, type Graph, type GraphNode } from '../model/graph.ts';

/** Below this zoom nodes are drawn here and are no elements. */
export const nearZoomMin = 0.42;
/** How long nodes take to their new places; the same as in `tree.css`. */
export const moveMs = 220;
/** Pictures beyond this size jump to their new places. */
export const movingNodesMax = 1_200;

export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

interface Move {
  readonly fromX: number;
  readonly fromY: number;
  readonly sinceMs: number;
}

/** Colours of the page, as the canvas needs them. */
interface Palette {
  readonly line: string;
  readonly trunk: string;
  readonly empty: string;
  readonly ghost: string;
  readonly reverted: string;
  readonly settled: string;
  readonly chosen: string;
}

export class EdgePainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #isStill: () => boolean;
  #graph: Graph;
  #viewport: Viewport = { x: 0, y: 0, zoom: 1 };
  #moves = new Map<string, Move>();
  #palette: Palette;
  #isDue = false;
  #chosen = '';

  constructor(canvas: HTMLCanvasElement, graph: Graph, isStill: () => boolean) {
    this.#canvas = canvas;
    this.#graph = graph;
    this.#isStill = isStill;
    this.#palette = paletteOf(canvas);
  }

  /** Takes the next picture; nodes move from where they are to where they belong. */
  show(graph: Graph): void {
    const nowMs = performance.now();
    const before = this.#graph;
    const moves = new Map<string, Move>();
    if (!this.#isStill() && graph.nodes.length <= movingNodesMax) {
      for (const node of graph.nodes) {
        const known = before.byKey.get(node.key);
        if (known === undefined) continue;
        if (known.x === node.x && known.y === node.y) {
          const move = this.#moves.get(node.key);
          if (move !== undefined) moves.set(node.key, move);
          continue;
        }
        const [fromX, fromY] = this.#placeOf(known, nowMs);
        moves.set(node.key, { fromX, fromY, sinceMs: nowMs });
      }
    }
    this.#graph = graph;
    this.#moves = moves;
    this.paint();
  }

  look(viewport: Viewport): void {
    this.#viewport = viewport;
    this.paint();
  }

  choose(key: string): void {
    this.#chosen = key;
    this.paint();
  }

  recolour(): void {
    this.#palette = paletteOf(this.#canvas);
    this.paint();
  }

  /** Paints with the next frame. */
  paint(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame((nowMs) => {
      this.#isDue = false;
      this.#paintNow(nowMs);
      if (this.#moves.size > 0) this.paint();
    });
  }

  #paintNow(nowMs: number): void {
    const canvas = this.#canvas;
    const scale = globalThis.devicePixelRatio;
    const { clientWidth, clientHeight } = canvas;
    const [width, height] = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext('2d');
    if (context === null) return;
    const { x, y, zoom } = this.#viewport;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(zoom * scale, 0, 0, zoom * scale, x * scale, y * scale);
    for (const [key, { sinceMs }] of this.#moves) if (nowMs - sinceMs >= moveMs) this.#moves.delete(key);
    const [top, bottom] = [-y / zoom, (clientHeight - y) / zoom];
    this.#lines(context, nowMs, top, bottom);
    if (zoom < nearZoomMin) this.#bodies(context, top, bottom);
  }

  /** One path a kind of line: a thousand strokes cost as much as the thousand lines in one. */
  #lines(context: CanvasRenderingContext2D, nowMs: number, top: number, bottom: number): void {
    const { line, ghost, reverted, settled } = this.#palette;
    const groups = new Map<string, Path2D>();
    for (const node of this.#graph.nodes) {
      const parent = node.parent === undefined ? undefined : this.#graph.byKey.get(node.parent);
      if (parent === undefined) continue;
      const [x1, y1] = this.#placeOf(parent, nowMs);
      const [x2, y2] = this.#placeOf(node, nowMs);
      if (Math.max(y1, y2) + nodeHeight < top || Math.min(y1, y2) > bottom) continue;
      const kind = lineKind(node);
      const path = groups.get(kind) ?? new Path2D();
      groups.set(kind, path);
      const middle = y2 + nodeHeight / 2;
      if (this.#graph.shape === 'outline')
        hook(path, x1 + (kind === 'trunk' ? stemX : ghostStemX), y1 + nodeHeight, x2, middle);
      else bend(path, x1 + nodeWidth, y1 + nodeHeight / 2, x2, middle);
    }
    const colours: Readonly<Record<string, string>> = {
      trunk: line,
      living: ghost,
      falling: reverted,
      settling: settled,
    };
    for (const [kind, path] of groups) {
      context.strokeStyle = colours[kind] ?? line;
      context.lineWidth = Math.max(1.5, 1 / this.#viewport.zoom);
      context.setLineDash(kind === 'trunk' || kind === 'settling' ? [] : [5, 4]);
      context.stroke(path);
    }
    context.setLineDash([]);
  }

  #bodies(context: CanvasRenderingContext2D, top: number, bottom: number): void {
    const { trunk, empty, ghost, reverted, settled, chosen } = this.#palette;
    const groups = new Map<string, Path2D>();
    for (const node of this.#graph.nodes) {
      if (node.y + nodeHeight < top || node.y > bottom) continue;
      const kind = node.key === this.#chosen ? 'chosen' : bodyKind(node);
      const path = groups.get(kind) ?? new Path2D();
      groups.set(kind, path);
      path.rect(node.x, node.y + 4, nodeWidth, nodeHeight - 8);
    }
    const colours: Readonly<Record<string, string>> = {
      trunk,
      empty,
      living: ghost,
      falling: reverted,
      settling: settled,
      chosen,
    };
    for (const [kind, path] of groups) {
      context.fillStyle = colours[kind] ?? trunk;
      context.fill(path);
    }
  }

  #placeOf(node: GraphNode, nowMs: number): readonly [x: number, y: number] {
    const move = this.#moves.get(node.key);
    if (move === undefined) return [node.x, node.y];
    const left = 1 - Math.min(1, Math.max(0, (nowMs - move.sinceMs) / moveMs));
    const share = left * left * left;
    return [node.x + (move.fromX - node.x) * share, node.y + (move.fromY - node.y) * share];
  }
}

/** In an outline: where a line leaves the node that it comes from; those of ghosts run beside the others. */
const stemX = 12;
const ghostStemX = 6;

function hook(path: Path2D, fromX: number, fromY: number, toX: number, toY: number): void {
  path.moveTo(fromX, fromY);
  path.lineTo(fromX, toY);
  path.lineTo(toX, toY);
}

function bend(path: Path2D, fromX: number, fromY: number, toX: number, toY: number): void {
  const half = (toX - fromX) / 2;
  path.moveTo(fromX, fromY);
  path.bezierCurveTo(fromX + half, fromY, toX - half, toY, toX, toY);
}

function lineKind(node: GraphNode): string {
  if (node.kind === 'ghost') return node.branch.phase;
  if (node.kind === 'staged') return node.phase;
  return node.kind === 'more' && node.ghostId !== '' ? 'living' : 'trunk';
}

function bodyKind(node: GraphNode): string {
  if (node.kind === 'trunk') return node.node.hasValue ? 'trunk' : 'empty';
  return node.kind === 'more' ? 'empty' : lineKind(node);
}

function paletteOf(canvas: HTMLCanvasElement): Palette {
  const style = getComputedStyle(canvas);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    line: read('--line-strong'),
    trunk: read('--trunk'),
    empty: read('--line-strong'),
    ghost: read('--ghost'),
    reverted: read('--reverted'),
    settled: read('--settled'),
    chosen: read('--accent'),
  };
}
