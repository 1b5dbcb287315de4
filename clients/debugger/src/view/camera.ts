/** Where the reader looks from. */
import { useReactFlow } from '@xyflow/react';
import { useEffect, useRef, type RefObject } from 'react';
import { nodeHeight, nodeWidth, type Graph } from '../model/graph.ts';

/** How near and how far the reader can go. */
export const zoomMin = 0.03;
export const zoomMax = 1.75;
/** Room around the picture. */
export const margin = 36;

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
    const wide = (clientWidth - 2 * margin) / Math.max(1, graph.width);
    const tall = (clientHeight - 2 * margin) / Math.max(1, graph.height);
    const zoom = Math.max(zoomLow, Math.min(1, wide, tall));
    const y = Math.max(margin, (clientHeight - graph.height * zoom) / 2);
    const duration = isCalm() ? 0 : 260;
    void flow.setViewport({ x: margin, y, zoom }, { duration });
  };
  useEffect(() => {
    // On a phone names are smaller, so that more than two columns fit.
    const zoomLow = (frame.current?.clientWidth ?? 0) < 600 ? 0.5 : 0.72;
    if (!isFree.current && graph.nodes.length > 0) fit(zoomLow);
    // A picture of another size is another picture; what moves within it is not.
  }, [graph.width, graph.height]);
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
    void flow.setCenter(target.x + nodeWidth / 2, target.y + nodeHeight / 2, {
      zoom: Math.max(zoom, 0.6),
      duration,
    });
  }, [chosen, target === undefined]);
  const camera: Camera = {
    release: () => (isFree.current = true),
    fit() {
      isFree.current = false;
      fit(zoomMin);
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
