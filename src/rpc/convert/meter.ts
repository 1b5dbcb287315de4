/** Meters as clients see them. */
import { create } from '@bufbuild/protobuf';
import { type Meter, MeterSchema, type Volume, VolumeSchema } from '../../gen/hyperloom/v1/meter_pb.ts';
import type { MeterReport } from '../../meters/report.ts';
import type { VolumeReport } from '../../meters/volume.ts';

export function meterMessage(report: MeterReport): Meter {
  const { agent, tree, publishes, published, read, rendered, fullHistory, price } = report;
  return create(MeterSchema, {
    agent,
    tree,
    publishes: BigInt(publishes),
    published: volumeMessage(published),
    read: volumeMessage(read),
    rendered: volumeMessage(rendered),
    fullHistory: volumeMessage(fullHistory),
    price,
  });
}

function volumeMessage({ bytes, tokens, estimatedTokens }: VolumeReport): Volume {
  return create(VolumeSchema, {
    bytes: BigInt(bytes),
    tokens: BigInt(tokens),
    estimatedTokens: BigInt(estimatedTokens),
  });
}
