/** Progress of a long task on stderr. */
import { SingleBar } from "cli-progress";

export interface ProgressOptions {
  /** What is being done: "training emoji-var". */
  readonly label: string;
  readonly total: number;
  /** Where a resumed task starts. */
  readonly from?: number;
  /** What is counted: "steps", "pictures". */
  readonly unit?: string;
}

export interface Progress {
  /** @param note figures beside the bar: "loss 3.21". */
  update(done: number, note?: string): void;
  stop(): void;
}

/** A bar that is redrawn in place. */
export function progressBar(options: ProgressOptions, stream: NodeJS.WritableStream): Progress {
  const { label, total, from = 0, unit = "" } = options;
  const bar = new SingleBar({
    stream,
    // the note comes last: it is what may be cut off
    format: `${label} {bar} {value}/{total}${unit && ` ${unit}`} · {left} left{note}`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    // a hidden cursor would stay hidden if the process is ended
    hideCursor: null,
    // cut at the width of the terminal: a wrapped bar cannot be redrawn
    linewrap: true,
    gracefulExit: false,
  });
  const clock = timeLeft(total, from);
  const payload = (done: number, note = ""): object => ({
    note: note && ` · ${note}`,
    left: clock(done),
  });
  bar.start(total, from, payload(from));
  return {
    update: (done, note) => bar.update(done, payload(done, note)),
    stop: () => bar.stop(),
  };
}

const firstLineMs = 2_000;
const nextLineMs = 15_000;

/**
 * A line now and then, for logs and pipes.
 *
 * @param now milliseconds of a clock; an argument for tests only.
 */
export function progressLines(
  { label, total, from = 0, unit = "" }: ProgressOptions,
  write: (line: string) => void,
  now: () => number = () => performance.now(),
): Progress {
  const clock = timeLeft(total, from, now);
  let due = now() + firstLineMs;
  return {
    update: (done, note) => {
      if (now() < due && done < total) return;
      due = now() + nextLineMs;
      const counted = `${label} ${done}/${total}${unit && ` ${unit}`}`;
      const left = done < total ? `${clock(done)} left` : undefined;
      write([counted, note, left].filter(Boolean).join(" · "));
    },
    stop: () => {},
  };
}

/** Time left at the mean rate so far. */
function timeLeft(
  total: number,
  from: number,
  now: () => number = () => performance.now(),
): (done: number) => string {
  const start = now();
  return (done) => {
    if (done <= from) return "?";
    return duration(((now() - start) / (done - from)) * (total - done));
  };
}

/** "4 s", "3 min", "2 h 05 min". */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
