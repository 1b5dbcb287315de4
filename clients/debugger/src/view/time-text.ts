/** Times for people. */

const sameDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const otherDay = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** The time of day, with the day where it is not today. */
export function timeText(time: Date): string {
  const isToday = time.toDateString() === new Date().toDateString();
  return (isToday ? sameDay : otherDay).format(time);
}
