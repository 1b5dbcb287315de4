/** Goal: the log in memory keeps the contract, so that what is tested on it holds on others. */
import { describeAgreedLog } from '../agreed-contract.ts';
import { MemoryLog, MemoryReplicaLog } from './agreed-log.ts';

describeAgreedLog('memory', async () => {
  const log = new MemoryLog();
  return { join: async () => new MemoryReplicaLog(log), dispose: async () => undefined };
});
