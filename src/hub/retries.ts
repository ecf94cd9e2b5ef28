/** Patience: what may pass is tried again, later and later, and not for ever. */

import { CheckpointError } from "../errors.ts";
import { Transient } from "./failures.ts";
import { formatHubReference } from "./reference.ts";
import type { Requester } from "./request.ts";

/** How often in a row the same thing may fail. */
const MAX_FAILURES = 5;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A server that asks for more patience than this gets an error instead. */
const LONGEST_ASKED_WAIT_MS = 600_000;

/**
 * Repeats `attempt` while it fails with what may pass. An attempt that calls `progressed` before it
 * fails starts the count anew: a long download over a bad line is many short ones.
 *
 * @throws CheckpointError when it failed too often in a row
 */
export async function withRetries<R>(
  requester: Requester,
  attempt: (progressed: () => void) => Promise<R>,
): Promise<R> {
  let failures = 0;
  for (;;) {
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      failures++;
      const asked = error.waitMs ?? 0;
      if (failures === MAX_FAILURES || asked > LONGEST_ASKED_WAIT_MS) {
        throw exhausted(requester, failures, error);
      }
      const ms = Math.max(asked, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)));
      requester.note(`${error.message}; trying again in ${Math.ceil(ms / 1000)} s`);
      await requester.wait(ms);
    }
  }
}

function exhausted(
  { reference, settings }: Requester,
  failures: number,
  cause: Transient,
): CheckpointError {
  const times = failures === 1 ? "" : `, ${failures} times in a row`;
  const asked = cause.waitMs ?? 0;
  const hint =
    asked > LONGEST_ASKED_WAIT_MS
      ? `The server asks to come back in ${Math.ceil(asked / 60_000)} min`
      : "What was fetched is kept: run the same command again when the network is back";
  return new CheckpointError(
    {
      where: formatHubReference(reference),
      expected: `an answer from ${settings.endpoint}`,
      got: `${cause.message}${times}`,
      hint,
    },
    { cause },
  );
}
