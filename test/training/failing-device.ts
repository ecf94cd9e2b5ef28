/** A device whose engine fails at a certain run, as a lost GPU does: with the engine's words. */
import type { InferenceSession } from "onnxruntime-node";
import type { Device } from "../../src/runtime/device.ts";
import type { Engine } from "../../src/runtime/engine.ts";

/** @param last how many runs of functions go well. */
export function failingDevice(device: Device, last: number, words: string): Device {
  let runs = 0;
  const create = async (...options: Parameters<typeof device.engine.InferenceSession.create>) => {
    const session = await device.engine.InferenceSession.create(...options);
    return {
      run: (feeds: InferenceSession.FeedsType) => {
        if (runs++ >= last) throw new Error(words);
        return session.run(feeds);
      },
      release: () => session.release(),
    };
  };
  const engine = { ...device.engine, InferenceSession: { create } } as unknown as Engine;
  const { Tensor } = device.engine;
  return { ...device, fillsArrays: false, engine: { ...engine, Tensor } };
}
