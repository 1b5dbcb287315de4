/** `/metrics`, for Prometheus and whatever else reads its text format. */
import type { Forests } from '../../sequencer/forest.ts';
import type { Route } from '../web/web-options.ts';
import { brokerFamilies } from './broker-families.ts';
import type { BrokerFigures } from './broker-families.ts';
import { exposition, expositionType } from './exposition.ts';
import type { Family } from './exposition.ts';
import { forestFamilies } from './forest-families.ts';
import { meterFamilies } from './meter-families.ts';

export interface MetricsSources extends BrokerFigures {
  readonly forests: Pick<Forests, 'list'>;
  /** Wall time. */
  readonly nowMs: () => number;
}

export function metricsRoute(sources: MetricsSources): Route {
  return (request, response) => {
    if ((request.url ?? '').split('?', 1)[0] !== '/metrics') return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain; charset=utf-8' });
      response.end('Metrics can only be read.\n');
      return true;
    }
    const body = exposition(familiesOf(sources));
    response.writeHead(200, {
      'content-type': expositionType,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  };
}

/** Everything that is told, whether there is anything of it or not. docs/metrics.md is made from it. */
export function familiesOf(sources: MetricsSources): Family[] {
  const forests = sources.forests.list();
  const nowMs = sources.nowMs();
  return [...brokerFamilies(sources), ...forestFamilies(forests, nowMs), ...meterFamilies(forests)];
}
