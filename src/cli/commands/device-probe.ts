/**
 * Opens a device, tests it, and says what came of it, as one JSON line. `doctor` runs this in a
 * process of its own: drivers write to stderr as they please, and a broken one takes its process
 * with it.
 */
import { OrdoError } from "../../errors.ts";
import { openDevice } from "../../runtime/device.ts";
import { largestBuffer } from "../../runtime/limits.ts";
import { type SelfTest, selfTest } from "../../runtime/self-test.ts";

export interface Found extends SelfTest {
  readonly found: true;
  /** The largest buffer that was tried with success; absent where nothing limits it. */
  readonly bufferBytes?: number;
  readonly float16?: boolean;
}

export interface NotFound {
  readonly found: false;
  readonly reason: string;
  readonly hint?: string;
}

export type ProbeAnswer = Found | NotFound;

async function probe(name: string): Promise<ProbeAnswer> {
  try {
    const device = await openDevice(name);
    const { limits } = device;
    const test = await selfTest(device);
    const lacks = limits && {
      bufferBytes: await largestBuffer(limits),
      float16: await limits.float16(),
    };
    await device.close();
    return { found: true, ...test, ...lacks };
  } catch (error) {
    if (!(error instanceof OrdoError)) return { found: false, reason: String(error) };
    const { got, hint } = error.facts;
    return { found: false, reason: got, ...(hint && { hint }) };
  }
}

console.log(JSON.stringify(await probe(process.argv[2] ?? "cpu")));
