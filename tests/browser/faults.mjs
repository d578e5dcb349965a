// A graphics device that is not as one hopes: a script that runs in the worker before its own and stands between it and
// WebGPU. Invariant: without an option, nothing is changed.

/**
 * The script. Options:
 *   hardware: true       the adapter says it is no software adapter
 *   late: ms             what is awaited is answered at multiples of so many milliseconds, or when something is submitted
 *   sleeps: ms           so long in all, waits take three times as long
 *   refused: [{ label, code }]  pipelines of this label whose text has `code` in it: `GPUInternalError`
 *   wrong: { label, from, to }  the text of a shader file says something else
 *   slow: ms             so long for each pipeline, beside each other only where they are asked for so
 *   memory: bytes        living buffers beyond it: `GPUOutOfMemoryError`
 *   limits: true         the adapter has WebGPU's default limits and no more
 *   words: {…}           what the adapter says of itself
 *   lost: label          the device is lost when a pipeline of this label is made
 *   stray: true          a validation error outside of every scope, in the middle of a run: `self.strayError()`
 * `self.deviceTold` counts: { bytes, pipelines, beside }, the last being the most that were made at a time. The page asks
 * for it by a `BroadcastChannel` named "device".
 */
export const faults = (options) => `(${stand})(${JSON.stringify(options)})`;

function stand(options) {
  const told = (self.deviceTold = { bytes: 0, pipelines: 0, beside: 0 });
  const channel = new BroadcastChannel("device");
  channel.onmessage = ({ data }) => {
    if (data === "told") channel.postMessage({ told: { ...told } });
    if (data === "stray") device?.dispatchEvent(stray("validation"));
  };
  let device;
  const wrap = (of, name, make) => {
    const own = of.prototype[name];
    of.prototype[name] = make(own);
  };
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const stray = (kind) => {
    const error = kind === "internal" ? new GPUInternalError("a test's error") : new GPUValidationError("a test's error");
    return new GPUUncapturedErrorEvent("uncapturederror", { error, cancelable: true });
  };
  wrap(GPUAdapter, "requestDevice", (own) => async function (description) {
    device = await own.call(this, description);
    return device;
  });

  if (options.hardware) Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { get: () => false });

  if (options.words) {
    const info = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, "info");
    const get = (of, name) => (name in options.words ? options.words[name] : of[name]);
    Object.defineProperty(GPUAdapter.prototype, "info", { get() { return new Proxy(info.get.call(this), { get }); } });
  }

  if (options.limits) {
    const limits = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, "limits");
    const least = {
      maxStorageBufferBindingSize: 128 << 20, maxBufferSize: 256 << 20, maxStorageBuffersPerShaderStage: 8,
      maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupStorageSize: 16384,
      maxComputeWorkgroupSizeX: 256, maxComputeWorkgroupSizeY: 256, maxComputeWorkgroupSizeZ: 64,
      minStorageBufferOffsetAlignment: 256, minUniformBufferOffsetAlignment: 256,
    };
    const get = (of, name) => (name in least ? least[name] : of[name]);
    Object.defineProperty(GPUAdapter.prototype, "limits", { get() { return new Proxy(limits.get.call(this), { get }); } });
  }

  // Waits.
  let answers = [];
  const release = () => answers.splice(0).forEach((answer) => answer());
  if (options.late) setInterval(release, options.late);
  const begin = performance.now();
  const wait = async (own) => {
    const start = performance.now();
    const value = await own;
    if (options.sleeps && start - begin < options.sleeps) await pause(2 * (performance.now() - start));
    if (options.late) await new Promise((resolve) => answers.push(resolve));
    return value;
  };
  if (options.late || options.sleeps) {
    wrap(GPUQueue, "onSubmittedWorkDone", (own) => function () { return wait(own.call(this)); });
    wrap(GPUBuffer, "mapAsync", (own) => function (...how) { return wait(own.apply(this, how)); });
  }
  if (options.late) {
    // What is done by then is told; the rest waits for the next submit or the clock.
    wrap(GPUQueue, "submit", (own) => function (lists) { own.call(this, lists); setTimeout(release, 1); });
  }

  // Pipelines.
  const texts = new WeakMap();
  wrap(GPUDevice, "createShaderModule", (own) => function (description) {
    const { label, from, to } = options.wrong ?? {};
    if (description.label === label) description.code = description.code.replaceAll(from, to);
    const module = own.call(this, description);
    texts.set(module, description.code);
    return module;
  });
  const refuses = ({ label, compute }) =>
    (options.refused ?? []).some((r) => r.label === label && texts.get(compute.module).includes(r.code ?? ""));
  wrap(GPUDevice, "createComputePipeline", (own) => function (description) {
    told.pipelines++;
    for (const end = performance.now() + (options.slow ?? 0); performance.now() < end; );
    if (refuses(description)) (scope("internal") ?? {}).error = new GPUInternalError("a test's refusal");
    return own.call(this, description);
  });
  let beside = 0;
  wrap(GPUDevice, "createComputePipelineAsync", (own) => async function (description) {
    told.pipelines++;
    told.beside = Math.max(told.beside, ++beside);
    try {
      if (options.slow) await pause(options.slow);
      if (options.lost && description.label === options.lost) {
        options.lost = null;
        this.destroy();
      }
      if (refuses(description)) throw new GPUPipelineError("a test's refusal", { reason: "internal" });
      return await own.call(this, description);
    } finally {
      beside--;
    }
  });

  // Buffers, and scopes, in which what they refuse is told.
  const scopes = [];
  const scope = (kind) => scopes.findLast((s) => s.kind === kind);
  wrap(GPUDevice, "pushErrorScope", (own) => function (kind) {
    scopes.push({ kind });
    return own.call(this, kind);
  });
  wrap(GPUDevice, "popErrorScope", (own) => function () {
    const { error } = scopes.pop() ?? {};
    return own.call(this).then((found) => error ?? found);
  });
  const sizes = new WeakMap();
  wrap(GPUDevice, "createBuffer", (own) => function (description) {
    const buffer = own.call(this, description);
    if (options.memory && told.bytes + description.size > options.memory) {
      (scope("out-of-memory") ?? {}).error = new GPUOutOfMemoryError("a test's memory is full");
      return buffer;
    }
    told.bytes += description.size;
    sizes.set(buffer, description.size);
    return buffer;
  });
  wrap(GPUBuffer, "destroy", (own) => function () {
    told.bytes -= sizes.get(this) ?? 0;
    sizes.delete(this);
    return own.call(this);
  });
}

/** What the device was asked for so far. */
export const told = (page) =>
  page.evaluate(() => {
    const channel = new BroadcastChannel("device");
    return new Promise((resolve) => {
      channel.onmessage = ({ data }) => {
        if (!data.told) return;
        channel.close();
        resolve(data.told);
      };
      channel.postMessage("told");
    });
  });

/** An error of the device that no scope catches. */
export const strayError = (page) => page.evaluate(() => new BroadcastChannel("device").postMessage("stray"));
