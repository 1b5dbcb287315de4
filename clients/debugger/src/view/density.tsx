/** How busy it was over all of history: samples, since nobody needs a million events for forty bars. */
import type { ReactElement } from 'react';
import { useSession } from './use.ts';

const barsHeight = 18;

export function Density(): ReactElement | null {
  const density = useSession((state) => state.density);
  const range = useSession((state) => state.range);
  const span = range.last - range.first;
  if (density.length < 3 || span <= 0) return null;
  const most = Math.max(...density.map(({ perSecond }) => Math.log1p(perSecond)));
  const width = 1_000 / density.length;
  return (
    <svg className="density" viewBox={`0 0 1000 ${barsHeight}`} preserveAspectRatio="none" aria-hidden="true">
      {density.map(({ position, perSecond }) => {
        const height = Math.max(1, (Math.log1p(perSecond) / most) * barsHeight);
        const x = ((position - range.first) / span) * 1_000;
        return <rect key={position} x={x} y={barsHeight - height} width={width - 2} height={height} />;
      })}
    </svg>
  );
}
