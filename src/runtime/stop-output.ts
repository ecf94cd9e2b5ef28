/**
 * Runs without copies. The Node binding copies every result into a new array (0.7 ms per MB), even
 * one that was also written into an array of ours. A first output that is a sequence makes it give
 * up after the graph has run and all our arrays are filled, but before it copies anything
 * (ENGINE 1). `stopOutputWorks` proves on a graph of four elements that this still holds; where it
 * does not, functions fetch in the plain way.
 */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { namedDim } from "../graph/dim.ts";
import { writeModel } from "../graph/onnx/writer.ts";
import { add } from "../graph/ops/arithmetic.ts";
import { input } from "../graph/ops/source.ts";
import type { Engine } from "./engine.ts";
import { createSession } from "./session.ts";

/** Not a name that a result would have. */
export const STOP_OUTPUT = "ordo:stop";

/** The binding's words for "a result that is no tensor"; every other error is a real one. */
const EXPECTED = "Non tensor type is temporarily not supported.";

type Values = Readonly<Record<string, OrtTensor>>;

/** Runs a session whose first output is the stop output; the results are in `fetches`. */
export async function runInto(
  session: InferenceSession,
  feeds: Values,
  fetches: Values,
): Promise<void> {
  try {
    await session.run(feeds, { [STOP_OUTPUT]: null, ...fetches });
  } catch (error) {
    if (error instanceof Error && error.message.includes(EXPECTED)) return;
    throw error;
  }
  throw new Error("the stop output did not stop the binding");
}

/** Whether this build of the engine fills given arrays and then stops. */
export async function stopOutputWorks(engine: Engine): Promise<boolean> {
  const x = input("x", "float32", [namedDim("n")]);
  const { bytes } = writeModel({
    name: "stop-output-probe",
    outputs: new Map([["y", add(x, 1)]]),
    target: "cpu",
    stopOutput: STOP_OUTPUT,
  });
  const session = await createSession(engine, "cpu", bytes, ["y"], { threads: 1 });
  try {
    const y = new Float32Array(4);
    const feed = new engine.Tensor("float32", Float32Array.of(1, 2, 3, 4), [4]);
    await runInto(session, { x: feed }, { y: new engine.Tensor("float32", y, [4]) });
    return y.join() === "2,3,4,5";
  } catch {
    return false;
  } finally {
    await session.release();
  }
}
