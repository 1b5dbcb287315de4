/**
 * A wall clock that jumps, under a real broker: `node --import THIS … serve`. On SIGUSR2 it is off by as many milliseconds as the file says that
 * `HYPERLOOM_CLOCK_ORDERS` names. The monotonic clock goes on as it was, as that of a machine does.
 */
import { readFileSync } from 'node:fs';

const orders = process.env['HYPERLOOM_CLOCK_ORDERS'] ?? '';
const realNow = Date.now.bind(Date);
let offMs = 0;

Date.now = () => realNow() + offMs;
process.on('SIGUSR2', () => {
  offMs = Number(readFileSync(orders, 'utf8'));
});
