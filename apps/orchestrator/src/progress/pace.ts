/** Time left at the pace of the last minute, where workers of other machines come and go. */
export interface Pace {
  /** Notes the share of the work that is done, 0 to 1. */
  note(share: number): void;
  /** Milliseconds left: the share that is open over the share per millisecond of the last minute; NaN when nothing was done in it. */
  milliseconds(): number;
}

const windowMs = 60_000;
/** Notes closer than this are one: a run has millions. */
const grainMs = 500;

/** Starts with nothing done. `now` is a clock in milliseconds. */
export function createPace(now: () => number = () => performance.now()): Pace {
  const notes = [{ at: now(), share: 0 }];
  let latest = { at: now(), share: 0 };
  return {
    note(share) {
      latest = { at: now(), share };
      if (latest.at - (notes.at(-1)?.at ?? 0) >= grainMs) notes.push(latest);
      while (notes.length > 1 && (notes[1]?.at ?? 0) <= latest.at - windowMs) notes.shift();
    },
    milliseconds() {
      const first = notes[0] ?? latest;
      const gained = latest.share - first.share;
      return gained > 0 ? ((1 - latest.share) * (now() - first.at)) / gained : NaN;
    },
  };
}
