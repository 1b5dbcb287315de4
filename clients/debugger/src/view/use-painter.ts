/** A painter for the lines of the picture, for as long as the canvas is there. */
import { useEffect, useRef, type RefObject } from 'react';
import type { Graph } from '../model/graph.ts';
import { margin } from './camera.ts';
import { EdgePainter } from './edges.ts';

export function usePainter(
  frame: RefObject<HTMLDivElement | null>,
  graph: Graph,
  chosen: string,
): RefObject<EdgePainter | undefined> {
  const painter = useRef<EdgePainter>(undefined);
  useEffect(() => {
    const canvas = frame.current?.querySelector('canvas') ?? undefined;
    if (canvas === undefined) return;
    const stillness = matchMedia('(prefers-reduced-motion: reduce)');
    const made = new EdgePainter(canvas, graph, () => stillness.matches);
    painter.current = made;
    made.look({ x: margin, y: margin, zoom: 1 });
    const onSize = new ResizeObserver(() => made.paint());
    onSize.observe(canvas);
    const recolour = (): void => made.recolour();
    const darkness = matchMedia('(prefers-color-scheme: dark)');
    darkness.addEventListener('change', recolour);
    globalThis.addEventListener('hyperloom-theme', recolour);
    return () => {
      onSize.disconnect();
      darkness.removeEventListener('change', recolour);
      globalThis.removeEventListener('hyperloom-theme', recolour);
    };
    // One painter for as long as the canvas is there; pictures are handed to it below.
  }, [frame]);
  useEffect(() => painter.current?.show(graph), [graph]);
  useEffect(() => painter.current?.choose(chosen), [chosen]);
  return painter;
}
