/** Where the reader looks from. */
import { useReactFlow } from '@xyflow/react';
import { useEffect, useRef, type RefObject } from 'react';
import { nodeHeight, nodeWidth, type Graph } from '../model/graph.ts';

/** How near and how far the reader can go. */
export const zoomMin = 0.03;
export const zoomMax = 1.75;
/** Room around the picture, and on a narrow page. */
export const margin = 36;
const marginNarrow = 14;
/** An outline is not made smaller than this: its names would be too small to read. */
const outlineZoomMin = 0.7;

/** What moves the view: the picture's growth until the reader takes over, the chosen node, and keys. */
export interface Camera {
  release(): void;
  onKey(key: string): boolean;
  fit(): void;
  zoom(by: number): void;
  toGraph(clientX: number, clientY: number): { readonly x: number; readonly y: number };
}

export function useCamera(frame: RefObject<HTMLDivElement | null>, graph: Graph, chosen: string): Camera {
  const flow = useReactFlow();
  const isFree = useRef(false);
  const isCalm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
  const fit = (zoomLow: number): void => {
    const { clientWidth, clientHeight } = frame.current ?? { clientWidth: 1_000, clientHeight: 700 };
    const isOutline = graph.shape === 'outline';
    const edge = isOutline ? marginNarrow : margin;
    const wide = (clientWidth - 2 * edge) / Math.max(1, graph.width);
    const tall = (clientHeight - 2 * edge) / Math.max(1, graph.height);
    // An outline is read from its top, and scrolled.
    const zoom = Math.max(zoomLow, isOutline ? Math.min(1, wide) : Math.min(1, wide, tall));
    const y = isOutline ? edge : Math.max(edge, (clientHeight - graph.height * zoom) / 2);
    const duration = isCalm() ? 0 : 260;
    void flow.setViewport({ x: edge, y, zoom }, { duration });
  };
  useEffect(() => {
    if (!isFree.current && graph.nodes.length > 0) fit(graph.shape === 'outline' ? outlineZoomMin : 0.72);
    // A picture of another size is another picture; what moves within it is not.
  }, [graph.shape, graph.width, graph.height]);
  const target = graph.byKey.get(chosen);
  useEffect(() => {
    const size = frame.current;
    if (target === undefined || size === null) return;
    const { x, y, zoom } = flow.getViewport();
    const [left, top] = [target.x * zoom + x, target.y * zoom + y];
    const isSeen =
      left >= 0 &&
      top >= 0 &&
      left + nodeWidth * zoom <= size.clientWidth &&
      top + nodeHeight * zoom <= size.clientHeight;
    if (isSeen) return;
    isFree.current = true;
    const duration = isCalm() ? 0 : 200;
    const near = Math.max(zoom, 0.6);
    if (graph.shape === 'outline') {
      // An outline moves up and down alone, as a page does.
      void flow.setViewport(
        { x: marginNarrow, y: size.clientHeight / 3 - target.y * near, zoom: near },
        { duration },
      );
      return;
    }
    void flow.setCenter(target.x + nodeWidth / 2, target.y + nodeHeight / 2, { zoom: near, duration });
  }, [chosen, target === undefined]);
  const camera: Camera = {
    release: () => (isFree.current = true),
    fit() {
      isFree.current = false;
      fit(graph.shape === 'outline' ? outlineZoomMin : zoomMin);
    },
    zoom(by) {
      isFree.current = true;
      void flow.zoomTo(flow.getZoom() * by, { duration: isCalm() ? 0 : 120 });
    },
    onKey(key) {
      if (key === '+' || key === '=') camera.zoom(1.25);
      else if (key === '-') camera.zoom(0.8);
      else if (key === '0') camera.fit();
      else return false;
      return true;
    },
    toGraph: (x, y) => flow.screenToFlowPosition({ x, y }),
  };
  return camera;
}
